"""Archives of many documents: Confluence exports (HTML or XML) and zipped folders."""

import io
import re
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

from knowledge.documents.model import Loaded, Problem
from knowledge.documents.parsing.archive import entries, opened, refuse_entities, unpacked
from knowledge.documents.parsing.limits import Limits, Unreadable
from knowledge.documents.parsing.markup import from_text
from knowledge.documents.text import clean

if TYPE_CHECKING:
    from lxml.etree import _Element

Parse = Callable[[str, bytes, Limits], "Loaded | None"]
_PAGES = "entities.xml"
_MACRO = re.compile(r"<(/?)(ac|ri|at):", re.IGNORECASE)
_SPACE = re.compile(r"^[^/]*/?(index|attachments|images|styles)(/|\.html$)", re.IGNORECASE)


def archive(data: bytes, limits: Limits, parse: Parse) -> Iterator[Loaded | Problem]:
    """Each document of a zip, and what of it can't be read. Raises Unreadable for the whole."""
    with opened(data, limits) as found:
        pages = next((info for info in found.infolist() if PurePosixPath(info.filename).name == _PAGES), None)
        if pages is not None:
            yield from confluence(unpacked(found, pages, limits.unpacked_bytes))
            return
        yield from _members(found, limits, parse)


def _members(found: ZipFile, limits: Limits, parse: Parse) -> Iterator[Loaded | Problem]:
    left = limits.unpacked_bytes
    for info, why in entries(found):
        name = clean(info.filename)[:300]
        if why:
            yield Problem(name, why)
            continue
        if name.lower().endswith(".zip"):
            yield Problem(name, "An archive in an archive is not opened.")
            continue
        if _SPACE.match(info.filename) and name.lower().endswith((".html", ".css", ".js")):
            continue  # what an export of Confluence has around its pages
        try:
            body = unpacked(found, info, min(left, limits.file_bytes))
            left -= len(body)
            loaded = parse(info.filename, body, limits)
        except Unreadable as bad:
            yield Problem(name, str(bad))
            continue
        if loaded is not None:
            yield Loaded(loaded.blocks, loaded.kind, loaded.title, loaded.author, loaded.dated, name)


def confluence(xml: bytes) -> Iterator[Loaded | Problem]:
    """The current pages of a space exported as XML: the object Page has the title, the object BodyContent the text."""
    from lxml import etree

    refuse_entities(re.sub(rb"<!\[CDATA\[.*?\]\]>", b"", xml, flags=re.DOTALL))
    pages: dict[str, dict[str, str]] = {}
    bodies: dict[str, str] = {}
    try:
        events = etree.iterparse(io.BytesIO(xml), tag="object", resolve_entities=False, no_network=True, recover=False)
        for _, item in events:
            match item.get("class"):
                case "Page" | "BlogPost":
                    pages[_id(item)] = _properties(item)
                case "BodyContent":
                    said = _properties(item)
                    bodies[said.get("content", "")] = said.get("body", "")
            item.clear()
    except etree.XMLSyntaxError as broken:
        raise Unreadable("Its XML is broken.") from broken
    for id, page in pages.items():
        if page.get("contentStatus", "current") != "current" or page.get("originalVersion") or id not in bodies:
            continue
        # Macros of Confluence become plain elements, so that what they hold is read and what they configure is not.
        body = re.sub(r"<ac:parameter\b.*?</ac:parameter>", "", bodies[id], flags=re.DOTALL)
        loaded = from_text(_MACRO.sub(r"<\1x-", f"<body>{body}</body>"), page.get("title", ""))
        day = (page.get("lastModificationDate") or page.get("creationDate") or "")[:10]
        title = clean(page.get("title", ""))[:300]
        yield Loaded(loaded.blocks, "confluence", title, "", day, f"{id} {title}".replace("/", " ")[:200])


def _id(item: "_Element") -> str:
    found = item.find("id")
    return (found.text or "").strip() if found is not None else ""


def _properties(item: "_Element") -> dict[str, str]:
    """The properties of an object: their text, or the id of what they refer to."""
    said: dict[str, Any] = {}
    for part in item.findall("property"):
        inner = part.find("id")
        text = inner.text if inner is not None else part.text
        said[str(part.get("name"))] = (text or "").strip()
    return said
