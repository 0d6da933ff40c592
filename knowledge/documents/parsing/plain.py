"""Text files: their encoding, their paragraphs, and Markdown."""

import re
from collections.abc import Iterator

from knowledge.documents.model import Block, Loaded
from knowledge.documents.parsing.limits import Limits, Unreadable
from knowledge.documents.text import clean

_HEADING = re.compile(r"^ {0,3}(#{1,6})\s+(.+?)\s*#*$")
_UNDER = re.compile(r"^ {0,3}(=+|-{3,}|~{3,})\s*$")
_ITEM = re.compile(r"^\s*(?:[-*+•]|\d{1,3}[.)])\s+(.+)$")
_FENCE = re.compile(r"^ {0,3}(```+|~~~+)")
_RULE = re.compile(r"^\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?$")
_FRONT = re.compile(r"^(title|author|date|updated)\s*:\s*(.+)$", re.IGNORECASE)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_INLINE = (
    (re.compile(r"!\[([^\]]{0,300})\]\([^)\s]{0,2000}[^)]{0,200}\)"), r"\1"),
    (re.compile(r"\[([^\]]{1,300})\]\([^)\s]{0,2000}[^)]{0,200}\)"), r"\1"),
    (re.compile(r"<!--.*?-->"), ""),
    (re.compile(r"(\*\*|__)(?=\S)(.{1,500}?)(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<![\w*])\*(?=\S)([^*]{1,500}?)(?<=\S)\*(?![\w*])"), r"\1"),
    (re.compile(r"`([^`]{1,500})`"), r"\1"),
)


def decoded(data: bytes) -> str:
    """The text of a file: UTF-8, UTF-16 by its mark, otherwise Western European. Raises Unreadable for no text."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    if b"\x00" in data[:4096]:
        raise Unreadable("It is not a text.")
    return data.decode("cp1252", "replace")


def plain(data: bytes, limits: Limits) -> Loaded:
    """Paragraphs, with underlined lines as headings."""
    return Loaded(tuple(_blocks(bounded(decoded(data), limits), marked=False)), "text")


def markdown(data: bytes, limits: Limits) -> Loaded:
    """Headings, lists, tables and code of Markdown; links by their words, comments left out."""
    text = re.sub(r"<!--.*?-->", "", bounded(decoded(data), limits).replace("\r\n", "\n"), flags=re.DOTALL)
    facts, text = _front(text)
    blocks = tuple(_blocks(text, marked=True))
    first = next((block.text for block in blocks if block.kind == "heading" and block.level == 1), "")
    day = _DAY.search(facts.get("updated") or facts.get("date") or "")
    return Loaded(blocks, "markdown", facts.get("title") or first, facts.get("author", ""), day.group() if day else "")


def bounded(text: str, limits: Limits) -> str:
    """The text. Raises Unreadable for more than is read."""
    if len(text) > limits.characters:
        raise Unreadable(f"It has {len(text):,} characters; up to {limits.characters:,} are read.")
    return text


def _front(text: str) -> tuple[dict[str, str], str]:
    """What stands between the first two lines of dashes, and the rest."""
    if not text.startswith("---\n"):
        return {}, text
    head, mark, rest = text[4:].partition("\n---")
    if not mark or len(head) > 5_000:
        return {}, text
    lines = (_FRONT.match(line.strip()) for line in head.split("\n"))
    return {found[1].lower(): clean(found[2].strip("\"' "))[:200] for found in lines if found}, rest.partition("\n")[2]


def _blocks(text: str, *, marked: bool) -> Iterator[Block]:
    lines = clean_lines(text)
    held: list[str] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        found, taken = _special(lines, at, marked=marked)
        if found is None and held and _UNDER.match(line) and len(held) == 1 and len(held[0]) <= 120:
            yield Block("heading", _inline(held[0], marked), level=1 if line.strip()[0] == "=" else 2)
            held, at = [], at + 1
            continue
        if found is not None or not line.strip():
            yield from _paragraph(held, marked)
            held = []
            if found is not None:
                yield found
        else:
            held.append(line)
        at += taken
    yield from _paragraph(held, marked)


def clean_lines(text: str) -> list[str]:
    """The lines of a text without what can't be seen; indents stay."""
    return [clean(line.expandtabs(4)) if line[:1].strip() else _indented(line) for line in text.splitlines()]


def _indented(line: str) -> str:
    wide = line.expandtabs(4)
    return " " * min(len(wide) - len(wide.lstrip(" ")), 40) + clean(wide)


def _special(lines: list[str], at: int, *, marked: bool) -> tuple[Block | None, int]:
    """The block that begins on this line, if it is none of running text, and how many lines it takes."""
    line = lines[at]
    if marked and (heading := _HEADING.match(line)):
        return Block("heading", _inline(heading[2], marked), level=len(heading[1])), 1
    if marked and (fence := _FENCE.match(line)):
        end = next((n for n in range(at + 1, len(lines)) if lines[n].strip().startswith(fence[1])), len(lines))
        body = "\n".join(lines[at + 1 : end]).strip("\n")
        return (Block("code", body) if body.strip() else None), end - at + 1
    if marked and "|" in line and at + 1 < len(lines) and "|" in lines[at + 1] and _RULE.match(lines[at + 1].strip()):
        end = at + 2
        while end < len(lines) and "|" in lines[end]:
            end += 1
        rows = tuple(_cells(each) for each in (line, *lines[at + 2 : end]))
        return Block("table", rows=rows), end - at
    if item := _ITEM.match(line):
        return _item(lines, at, item[1], marked)
    return None, 1


def _item(lines: list[str], at: int, text: str, marked: bool) -> tuple[Block, int]:
    end = at + 1
    while end < len(lines) and lines[end].startswith("  ") and lines[end].strip() and not _ITEM.match(lines[end]):
        end += 1
    words = " ".join((text, *(line.strip() for line in lines[at + 1 : end])))
    return Block("item", _inline(words, marked)), end - at


def _cells(line: str) -> tuple[str, ...]:
    inner = line.strip().removeprefix("|").removesuffix("|")
    return tuple(_inline(cell.strip(), True) for cell in re.split(r"(?<!\\)\|", inner))


def _paragraph(lines: list[str], marked: bool) -> Iterator[Block]:
    text = _inline(" ".join(line.strip() for line in lines), marked)
    if text:
        yield Block("text", text)


def _inline(text: str, marked: bool) -> str:
    for pattern, with_what in _INLINE if marked else ():
        text = pattern.sub(with_what, text)
    return clean(text)
