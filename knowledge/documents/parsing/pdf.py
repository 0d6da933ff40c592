"""PDF: the text of each page by LangChain's parser, put together to paragraphs and headings."""

import re
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from knowledge.documents.model import Block, Loaded
from knowledge.documents.parsing.limits import Limits, Unreadable
from knowledge.documents.text import clean

_NUMBERED = re.compile(r"^(\d{1,2}(?:\.\d{1,2}){0,4})\.?\s+[^\W\d_].{1,90}$")
_ITEM = re.compile(r"^(?:[•‣▪◦–*-]|\(?[a-z0-9]{1,2}[.)])\s+(.+)$")
_NUMBER = re.compile(r"\d+")
_STOPS = (".", "!", "?", ":", ";", ",")
SHORT = 70
OFTEN = 0.6
"""Share of the pages on which a first or last line is one of the layout's."""


def pdf(data: bytes, limits: Limits) -> Loaded:
    """Every page. Raises Unreadable for a PDF that is broken, locked, or has no text."""
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        pages, titles, about = _read(data, limits, PdfReader)
    except PyPdfError as broken:
        raise Unreadable("It is not a whole PDF.") from broken
    except (RecursionError, KeyError, ValueError, TypeError, AttributeError, IndexError, OSError) as broken:
        raise Unreadable("It is not a whole PDF.") from broken
    blocks = [block for number, lines in enumerate(_body(pages), 1) for block in _blocks(lines, number, titles)]
    if not blocks:
        raise Unreadable("It holds no text; a scanned page has to be recognised first.")
    first = next((block.text for block in blocks if block.kind == "heading"), "")
    return Loaded(tuple(blocks), "pdf", about.get("title") or first, about.get("author", ""), about.get("day", ""))


def _read(data: bytes, limits: Limits, kind: Any) -> tuple[list[list[str]], dict[str, int], dict[str, str]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from langchain_community.document_loaders.parsers.pdf import PyPDFParser
        from langchain_core.documents.base import Blob

    import io

    reader = kind(io.BytesIO(data))
    if reader.is_encrypted and not reader.decrypt(""):
        raise Unreadable("It is encrypted.")
    if len(reader.pages) > limits.pages:
        raise Unreadable(f"It has {len(reader.pages):,} pages; up to {limits.pages:,} are read.")
    said = reader.metadata or {}
    made = str(said.get("/ModDate") or said.get("/CreationDate") or "")
    found = re.match(r"D:(\d{4})(\d{2})(\d{2})", made)
    about = {
        "title": clean(str(said.get("/Title") or ""))[:300],
        "author": clean(str(said.get("/Author") or ""))[:200],
        "day": "-".join(found.groups()) if found else "",
    }
    blob = Blob.from_data(data, mime_type="application/pdf")
    pages, size = [], 0
    for page in PyPDFParser(mode="page").lazy_parse(blob):
        size += len(page.page_content)
        if size > limits.characters:
            raise Unreadable(f"It has more than {limits.characters:,} characters.")
        pages.append([clean(line) for line in page.page_content.splitlines()])
    return pages, dict(_outline(reader)), about


def _outline(reader: Any) -> Iterator[tuple[str, int]]:
    """The bookmarks with their depth."""
    waiting = [(entry, 1) for entry in reversed(reader.outline or [])]
    for _ in range(5_000):
        if not waiting:
            return
        entry, level = waiting.pop()
        if isinstance(entry, list):
            waiting += [(inner, level + 1) for inner in reversed(entry)]
        elif title := clean(str(entry.title or "")):
            yield _same(title), min(level, 6)


def _body(pages: Sequence[list[str]]) -> Iterator[list[str]]:
    """The lines of each page without what stands at the top or foot of most of them."""
    ends = Counter(
        _NUMBER.sub("#", line) for lines in pages for line in {*_filled(lines)[:1], *_filled(lines)[-1:]} if line
    )
    layout = {line for line, count in ends.items() if len(pages) >= 3 and count >= OFTEN * len(pages)}
    for lines in pages:
        first = next((at for at, line in enumerate(lines) if line), 0)
        last = next((at for at in range(len(lines) - 1, -1, -1) if lines[at]), 0)
        yield [line for at, line in enumerate(lines) if at not in (first, last) or _NUMBER.sub("#", line) not in layout]


def _filled(lines: Sequence[str]) -> list[str]:
    return [line for line in lines if line]


def _blocks(lines: Sequence[str], page: int, titles: dict[str, int]) -> Iterator[Block]:
    held: list[str] = []
    width = max((len(line) for line in lines), default=0)
    for at, line in enumerate(lines):
        level = _level(lines, at, titles)
        item = _ITEM.match(line)
        if held and (not line or level or item):
            yield _joined(held, page)
            held = []
        if level:
            yield Block("heading", line, level=level, page=page)
        elif line:
            held.append(line)
            if line.endswith((".", "!", "?")) and len(line) < 0.75 * width:
                yield _joined(held, page)
                held = []
    if held:
        yield _joined(held, page)


def _level(lines: Sequence[str], at: int, titles: dict[str, int]) -> int:
    """The level of a heading; 0 for other lines."""
    line = lines[at]
    if not line or len(line) > 2 * SHORT:
        return 0
    if _same(line) in titles:
        return titles[_same(line)]
    numbered = _NUMBERED.match(line)
    if numbered and not line.endswith(_STOPS):
        return min(numbered[1].count(".") + 1, 6)
    after = lines[at + 1] if at + 1 < len(lines) else ""
    before = lines[at - 1] if at else ""
    alone = len(line) <= SHORT and not line.endswith(_STOPS) and line[:1].isupper() and not _ITEM.match(line)
    return 2 if alone and len(after) > len(line) and (not before or before.endswith(".")) and len(line) < 50 else 0


def _joined(lines: Sequence[str], page: int) -> Block:
    text = ""
    for line in lines:
        broken = len(text) > 1 and text.endswith("-") and text[-2].isalpha() and line[:1].islower()
        text = text[:-1] + line if broken else f"{text} {line}" if text else line
    item = _ITEM.match(text)
    return Block("item", item[1], page=page) if item else Block("text", text, page=page)


def _same(text: str) -> str:
    return " ".join(text.casefold().split())
