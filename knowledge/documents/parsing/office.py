"""Word, PowerPoint and Excel files, and CSV."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from knowledge.documents.model import Block, Loaded
from knowledge.documents.parsing.archive import checked_office
from knowledge.documents.parsing.limits import Limits, Unreadable
from knowledge.documents.parsing.plain import bounded, decoded
from knowledge.documents.text import clean

if TYPE_CHECKING:
    from docx.table import Table

_LEVEL = re.compile(r"heading (\d)", re.IGNORECASE)
_OLE = b"\xd0\xcf\x11\xe0"
CELL = 2_000
"""Characters that are read of a cell."""


def office(data: bytes, limits: Limits) -> None:
    """Raises Unreadable for what is no Office file of the XML kind, encrypted, or a bomb."""
    if data.startswith(_OLE):
        raise Unreadable("It is encrypted, or in the old binary format.")
    checked_office(data, limits)


def word(data: bytes, limits: Limits) -> Loaded:
    """Headings, paragraphs, list items and tables of a .docx in their order."""
    from docx import Document
    from docx.table import Table

    office(data, limits)
    document = Document(io.BytesIO(data))
    blocks: list[Block] = []
    for part in document.iter_inner_content():
        blocks += _grid(part) if isinstance(part, Table) else _paragraph(part)
    about = document.core_properties
    title = clean(about.title or "") or next((block.text for block in blocks if block.kind == "heading"), "")
    return Loaded(tuple(blocks), "word", title, clean(about.author or ""), _day(about.modified))


def _paragraph(paragraph: Any) -> Iterator[Block]:
    text = clean(paragraph.text)
    if not text:
        return
    style = (paragraph.style.name or "") if paragraph.style is not None else ""
    found = _LEVEL.match(style)
    if found or style == "Title":
        yield Block("heading", text, level=int(found[1]) if found else 1)
    elif style.startswith("List") or (paragraph._p.pPr is not None and paragraph._p.pPr.numPr is not None):
        yield Block("item", text)
    else:
        yield Block("text", text)


def _grid(table: "Table") -> Iterator[Block]:
    rows = []
    for row in table.rows:
        cells: list[Any] = []
        for cell in row.cells:  # a merged cell comes once for each place
            if not cells or cells[-1]._tc is not cell._tc:
                cells.append(cell)
        rows.append(tuple(clean(cell.text)[:CELL] for cell in cells))
    yield from _table(rows)


def slides(data: bytes, limits: Limits) -> Loaded:
    """The slides of a .pptx, each under its title, with tables and notes; its number is the page."""
    from pptx import Presentation

    office(data, limits)
    deck = Presentation(io.BytesIO(data))
    blocks: list[Block] = []
    for number, slide in enumerate(deck.slides, 1):
        head = slide.shapes.title
        title = clean(head.text_frame.text) if head is not None and head.has_text_frame else ""
        blocks.append(Block("heading", title or f"Slide {number}", level=1, page=number))
        for shape in slide.shapes:
            if head is None or shape.shape_id != head.shape_id:
                blocks += _shape(shape, number)
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            notes = clean(slide.notes_slide.notes_text_frame.text)
            blocks += [Block("text", f"Notes: {notes}", page=number)] if notes else []
    about = deck.core_properties
    title = clean(about.title or "") or (blocks[0].text if blocks else "")
    return Loaded(tuple(blocks), "slides", title, clean(about.author or ""), _day(about.modified))


def _shape(shape: Any, page: int) -> Iterator[Block]:
    if getattr(shape, "has_table", False):
        rows = [tuple(clean(cell.text)[:CELL] for cell in row.cells) for row in shape.table.rows]
        yield from _table(rows, page)
    elif shape.has_text_frame:
        texts = [clean(paragraph.text) for paragraph in shape.text_frame.paragraphs]
        kind = "item" if sum(map(bool, texts)) > 1 else "text"
        yield from (Block(kind, text, page=page) for text in texts if text)  # type: ignore[arg-type]
    elif hasattr(shape, "shapes"):
        for inner in shape.shapes:
            yield from _shape(inner, page)


def workbook(data: bytes, limits: Limits) -> Loaded:
    """The sheets of an .xlsx, each a heading and a table of its values."""
    from openpyxl import load_workbook

    office(data, limits)
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    blocks: list[Block] = []
    left = limits.rows
    for sheet in book.worksheets:
        rows = list(_filled(sheet.iter_rows(values_only=True), left))
        left -= len(rows)
        if rows:
            blocks.append(Block("heading", clean(sheet.title), level=1))
            blocks += _table(rows)
    about = book.properties
    return Loaded(tuple(blocks), "sheet", clean(about.title or ""), clean(about.creator or ""), _day(about.modified))


def separated(data: bytes, limits: Limits) -> Loaded:
    """A table out of a CSV, whatever separates it."""
    text = bounded(decoded(data), limits)
    try:
        dialect: Any = csv.Sniffer().sniff(text[:20_000], delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel
    try:
        rows = list(_filled(csv.reader(io.StringIO(text, newline=""), dialect), limits.rows))
    except csv.Error as broken:
        raise Unreadable(f"It is not a table: {broken}.") from broken
    return Loaded(tuple(_table(rows)), "sheet")


def _filled(rows: Iterable[Iterable[object]], most: int) -> Iterator[tuple[str, ...]]:
    """Rows with something in them, without the empty cells at their ends."""
    taken = 0
    for row in rows:
        cells = ["" if cell is None else clean(str(cell))[:CELL] for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            taken += 1
            if taken > most:
                raise Unreadable(f"It has more than {most:,} rows; ask it as a source of data instead.")
            yield tuple(cells)


def _table(rows: Iterable[tuple[str, ...]], page: int = 0) -> Iterator[Block]:
    kept = tuple(row for row in rows if any(row))
    if kept:
        yield Block("table", rows=kept, page=page)


def _day(moment: Any) -> str:
    return moment.date().isoformat() if moment is not None else ""
