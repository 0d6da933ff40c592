"""Archives, looked at before anything is unpacked: bombs, encryption, names that point elsewhere, XML that declares."""

import io
import re
import stat
import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath

from knowledge.documents.parsing.limits import Limits, Unreadable

_PIECE = 1 << 20
_DECLARES = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_SMALL = 100_000
"""Bytes below which any ratio is harmless."""


def opened(data: bytes, limits: Limits) -> zipfile.ZipFile:
    """The archive, after a look at its table of contents. Raises Unreadable."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as broken:
        raise Unreadable("It is not a whole zip archive.") from broken
    infos = archive.infolist()
    if len(infos) > limits.entries:
        raise Unreadable(f"It holds {len(infos):,} entries; up to {limits.entries:,} are read.")
    if any(info.flag_bits & 0x1 for info in infos):
        raise Unreadable("It is encrypted.")
    size = sum(info.file_size for info in infos)
    if size > limits.unpacked_bytes:
        raise Unreadable(f"It unpacks to {size:,} bytes; up to {limits.unpacked_bytes:,} are read.")
    for info in infos:
        if info.file_size > _SMALL and info.file_size > limits.ratio * max(info.compress_size, 1):
            raise Unreadable(f"An entry unpacks to more than {limits.ratio} times its size.")
    return archive


def checked_office(data: bytes, limits: Limits) -> None:
    """Raises Unreadable where an Office file is a bomb, or its XML declares entities, which no such file needs."""
    with opened(data, limits) as archive:
        left = limits.unpacked_bytes
        for info in archive.infolist():
            if info.filename.lower().endswith((".xml", ".rels", ".vml")):
                body = unpacked(archive, info, left)
                left -= len(body)
                refuse_entities(body)


def refuse_entities(xml: bytes) -> None:
    """Raises Unreadable for XML with a document type or entities of its own, in any encoding that parsers take."""
    if xml[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in xml[:64]:
        xml = xml.replace(b"\x00", b"")
    if _DECLARES.search(xml):
        raise Unreadable("Its XML declares entities or a document type, which is not read.")


def unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> bytes:
    """An entry; what it says of its size is not believed. Raises Unreadable."""
    found = bytearray()
    try:
        with archive.open(info) as entry:
            while piece := entry.read(_PIECE):
                found += piece
                if len(found) > min(most, info.file_size):
                    raise Unreadable("An entry is larger than the archive says.")
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError, ValueError) as broken:
        raise Unreadable(f"The entry {info.filename[:80]!r} can't be unpacked.") from broken
    except Exception as broken:
        if isinstance(broken, Unreadable):
            raise
        raise Unreadable(f"The entry {info.filename[:80]!r} can't be unpacked.") from broken
    return bytes(found)


def entries(archive: zipfile.ZipFile) -> Iterator[tuple[zipfile.ZipInfo, str]]:
    """Each file of an archive with why it is not read, empty where it is; nothing is ever written by its name."""
    for info in archive.infolist():
        if info.is_dir():
            continue
        path = PurePosixPath(info.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
            yield info, "Its name points out of the archive."
        elif stat.S_ISLNK(info.external_attr >> 16):
            yield info, "It is a link."
        else:
            yield info, ""
