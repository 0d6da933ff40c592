"""How object stores and Delta tables are made from an opening."""

import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

from pyarrow.fs import LocalFileSystem

from knowledge.errors import SourceUnavailable
from knowledge.sources.lake.delta import DeltaLakeTable, OneDeltaTable
from knowledge.sources.lake.duck import Room
from knowledge.sources.lake.place import Place
from knowledge.sources.lake.s3 import S3Place
from knowledge.sources.lake.s3_access import Access, access_of, checked
from knowledge.sources.lake.source import LakeSource
from knowledge.sources.opening import Opening


def s3_source(opening: Opening) -> LakeSource:
    """`s3://bucket/prefix` or `s3://bucket/logs/*.parquet`; options as in `Access`."""
    bucket, key = _bucket(opening)
    checked(opening)

    async def connect() -> Place:
        return S3Place(await access_of(opening), bucket, key)

    return LakeSource(opening.name, connect, Room.of(opening.options))


def delta_source(opening: Opening) -> LakeSource:
    """`delta:///path`, or `delta+s3://bucket/path` with the options of S3; `version` pins it to one."""
    version = _version(opening)
    if opening.address.startswith("delta+s3://"):
        bucket, key = _bucket(opening)
        checked(opening)
        kept = _Kept()

        async def remote() -> Place:
            return kept.place(opening.name, await access_of(opening), f"s3://{bucket}/{key}", version)

        return LakeSource(opening.name, remote, Room.of(opening.options))
    path = Path(unquote(opening.address.removeprefix("delta://"))).expanduser()
    table = DeltaLakeTable(opening.name, path.name, str(path), LocalFileSystem(), version=version)

    async def local() -> Place:
        if not path.is_dir():
            raise SourceUnavailable(
                f"There is no folder at the path of “{opening.name}”.", next_step="Check it with `quillux source test`."
            )
        return OneDeltaTable(table)

    return LakeSource(opening.name, local, Room.of(opening.options))


class _Kept:
    """One table for as long as its secrets stay the same, so that its log is read once."""

    def __init__(self) -> None:
        self._access: Access | None = None
        self._place: OneDeltaTable | None = None

    def place(self, source: str, access: Access, address: str, version: int | None) -> Place:
        """The table behind these keys."""
        if self._place is None or access != self._access:
            name = address.rstrip("/").rpartition("/")[2]
            table = DeltaLakeTable(source, name, address, access.file_system(), access.for_delta(), version)
            self._access, self._place = replace(access), OneDeltaTable(table)
        return self._place


def _bucket(opening: Opening) -> tuple[str, str]:
    found = re.fullmatch(r"(?:delta\+)?s3://([A-Za-z0-9][A-Za-z0-9._-]{1,62})(?:/(.*))?", opening.address)
    if not found:
        raise SourceUnavailable(
            f"The address of the source “{opening.name}” names no bucket.",
            next_step="Give s3://bucket/prefix; keys belong into the options access_key and secret_key, by reference.",
        )
    return found[1], unquote(found[2] or "").strip("/")


def _version(opening: Opening) -> int | None:
    given = opening.options.get("version", "")
    if given and not given.isdigit():
        raise SourceUnavailable(
            f"The version of the Delta table “{opening.name}” is no number.", next_step="Give a whole number, or none."
        )
    return int(given) if given else None
