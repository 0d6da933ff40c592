"""A document cut into chunks that respect its structure: nothing crosses a heading, tables keep their header."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from knowledge.documents.model import Block, Piece

AIM, MOST = 1_200, 1_600
"""Characters of a chunk: about 300 tokens, at most 400."""
OVERLAP = 200
"""Longest sentence that is said again at the beginning of the next chunk of a section."""
LONGEST_LEAD = 600
DEEPEST = 6
_END = re.compile(r"(?<=[.!?…。])[\"'”’)\]]*\s+(?=[\"'“‘(\[]?[^\W_])")
_SHORT = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|approx|incl|no|nr|art|sec|fig|dr|mr|mrs|ms|prof|st|bzw|z\.b)|\b\w)\.$", re.I
)


@dataclass(slots=True)
class _Section:
    """The parts under one heading path, on the page where they begin."""

    headings: tuple[str, ...]
    parts: list["_Part"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Part:
    """Text that is not cut further, at its place in the document's text."""

    text: str
    start: int
    page: int
    lead: str = ""
    table: int = 0

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def pieces(blocks: Sequence[Block]) -> list[Piece]:
    """The chunks of a document in reading order; each is a part of `whole(blocks)`."""
    text = whole(blocks)
    found = [cut for section in _sections(blocks) for cut in _cut(section, text)]
    seen: Counter[tuple[str, ...]] = Counter()
    keyed = []
    for headings, page, start, end, lead in found:
        parts = (*headings, lead, text[start:end])
        seen[parts] += 1
        key = hashlib.blake2b("\x1f".join((*parts, str(seen[parts]))).encode(), digest_size=12).hexdigest()
        keyed.append(Piece(key, headings, page, start, end, text[start:end], lead))
    return keyed


def whole(blocks: Iterable[Block]) -> str:
    """The text of a document, in which chunks have their places: a block after the other, each on lines of its own."""
    return "\n".join(map(_written, blocks))


def _written(block: Block) -> str:
    if block.kind == "table":
        return "\n".join(map(_row, block.rows))
    return f"- {block.text}" if block.kind == "item" else block.text


def _row(cells: Sequence[str]) -> str:
    return " | ".join(cells)


def sentences(text: str) -> list[tuple[int, int]]:
    """Where each sentence of a text begins and ends; a line of a list or table is one too."""
    found: list[tuple[int, int]] = []
    at = 0
    for line in text.split("\n"):
        found += [(at + start, at + end) for start, end in _in_line(line)]
        at += len(line) + 1
    return [(start, end) for start, end in found if text[start:end].strip()]


def _in_line(line: str) -> Iterator[tuple[int, int]]:
    start = 0
    for gap in _END.finditer(line):
        if not _SHORT.search(line[start : gap.start()]):
            yield start, gap.start() + len(gap.group().rstrip())
            start = gap.end()
    if start < len(line):
        yield start, len(line)


def _sections(blocks: Sequence[Block]) -> Iterator[_Section]:
    bare = all(block.kind == "heading" for block in blocks)
    path: list[tuple[int, str]] = []
    section, at, tables = _Section(()), 0, 0
    for block in blocks:
        if block.kind == "heading" and not bare:
            if section.parts:
                yield section
            path = [entry for entry in path if entry[0] < block.level][: DEEPEST - 1]
            path.append((block.level, block.text[:200]))
            section = _Section(tuple(text for _, text in path))
        else:
            tables += block.kind == "table"
            section.parts += _parts(block, at, tables)
        at += len(_written(block)) + 1
    if section.parts:
        yield section


def _parts(block: Block, at: int, table: int) -> Iterator[_Part]:
    if block.kind != "table":
        yield from (_Part(part, at + start, block.page) for part, start in _split(_written(block)))
        return
    lead = _row(block.rows[0])[:LONGEST_LEAD] if len(block.rows) > 1 else ""
    for row in block.rows:
        line = _row(row)
        yield from (_Part(part, at + start, block.page, lead, table) for part, start in _split(line))
        at += len(line) + 1


def _split(text: str) -> Iterator[tuple[str, int]]:
    """The text whole where it fits a chunk, else its sentences, else its words."""
    if len(text) <= MOST:
        yield text, 0
        return
    for start, end in sentences(text):
        while end - start > MOST:
            cut = text.rfind(" ", start + AIM // 2, start + MOST)
            cut = cut if cut > 0 else start + MOST
            yield text[start:cut], start
            start = cut + (cut < end and text[cut] == " ")
        if end > start:
            yield text[start:end], start


_Cut = tuple[tuple[str, ...], int, int, int, str]


def _cut(section: _Section, text: str) -> Iterator[_Cut]:
    group: list[_Part] = []
    for part in section.parts:
        if group and _full(group, part):
            yield _made(section.headings, group, text)
            group = _again(group[-1], part)
        group.append(part)
    if group:
        yield _made(section.headings, group, text)


def _full(group: Sequence[_Part], part: _Part) -> bool:
    """Whether a part is better put into a chunk of its own: a table that fits one is kept whole."""
    size = part.end - group[0].start
    begins = part.table and part.table != group[-1].table
    return size > MOST or (size > AIM and len(part.text) > AIM // 3) or bool(begins and size > AIM // 2)


def _again(last: _Part, following: _Part) -> list[_Part]:
    """The last sentence of a chunk, for the beginning of the next one; nothing of tables."""
    found = sentences(last.text)
    if last.table or following.table or not found or len(following.text) + OVERLAP > MOST:
        return []
    start, end = found[-1]
    return [_Part(last.text[start:end], last.start + start, last.page)] if end - start <= OVERLAP else []


def _made(headings: tuple[str, ...], group: Sequence[_Part], text: str) -> _Cut:
    first = group[0]
    again = bool(first.lead) and not text.startswith(first.lead, first.start)
    return headings, first.page, first.start, group[-1].end, first.lead if again else ""
