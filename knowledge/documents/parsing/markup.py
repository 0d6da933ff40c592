"""HTML to blocks: what a reader of the page sees, and nothing that is hidden."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from knowledge.documents.model import Block, Loaded
from knowledge.documents.parsing.limits import Limits
from knowledge.documents.parsing.plain import bounded, decoded
from knowledge.documents.text import clean

if TYPE_CHECKING:
    from bs4 import BeautifulSoup
    from bs4.element import PageElement, Tag

_GONE = ("script", "style", "noscript", "template", "svg", "math", "iframe", "object", "form", "nav", "footer", "head")
_HEADS = {f"h{level}": level for level in range(1, 7)}
_BREAKS = frozenset(
    ("p", "div", "section", "article", "main", "ul", "ol", "dl", "blockquote", "br", "hr", "header", "aside", "figure",
     "table", "tr", "body", "html", "address", "details", "summary", "figcaption")
)  # fmt: skip
_UNSEEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|opacity\s*:\s*0(?![.\d])", re.I)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
MAIN = ("#main-content", "main", "article", "#content", "body")


def html(data: bytes, limits: Limits) -> Loaded:
    """A page with its title, author and date."""
    return from_text(bounded(_charset(data), limits))


def from_text(text: str, title: str = "") -> Loaded:
    """A page, or a part of one."""
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(text, "lxml")
    title = title or clean(soup.title.get_text()) if soup.title else title
    author, dated = (
        _meta(soup, "author"),
        _meta(soup, "date", "last-modified", "article:modified_time", "dcterms.modified"),
    )
    for tag in soup.find_all(_GONE):
        tag.decompose()
    for tag in soup.find_all(_hidden):
        if not tag.decomposed:
            tag.decompose()
    body = next((found for place in MAIN if (found := soup.select_one(place)) is not None), soup)
    blocks = tuple(_blocks(body))
    first = next((block.text for block in blocks if block.kind == "heading"), "")
    day = _DAY.search(dated)
    return Loaded(blocks, "html", (title or first)[:300], author, day.group() if day else "")


def _charset(data: bytes) -> str:
    said = re.search(rb"charset\s*=\s*[\"']?([\w-]{2,20})", data[:2048], re.IGNORECASE)
    if said:
        try:
            return data.decode(said[1].decode("ascii"))
        except (LookupError, UnicodeDecodeError):
            pass
    return decoded(data)


def _hidden(tag: "Tag") -> bool:
    if tag.has_attr("hidden") or tag.get("aria-hidden") == "true":
        return True
    style = tag.get("style")
    return isinstance(style, str) and bool(_UNSEEN.search(style))


def _meta(soup: "BeautifulSoup", *names: str) -> str:
    for name in names:
        for key in ("name", "property"):
            tag = soup.find("meta", attrs={key: name})
            if tag is not None and isinstance(tag.get("content"), str):
                return clean(str(tag["content"]))[:200]
    return ""


def _blocks(body: "Tag") -> Iterator[Block]:
    """The page from top to bottom, without recursion: pages may nest as deep as they like."""
    from bs4.element import NavigableString, PreformattedString, Tag

    held: list[str] = []
    kind, level = "text", 0
    after = _following(body)
    node = body.next_element
    while node is not None and node is not after:
        follow = node.next_element
        if isinstance(node, Tag):
            if node.name in _HEADS or node.name in _BREAKS or node.name in ("li", "pre", "dt", "dd"):
                yield from _made(held, kind, level)
                held = []
                kind, level = _kind(node)
            if node.name in ("table", "pre"):
                yield from _table(node) if node.name == "table" else _code(node)
                follow = _following(node)
        elif isinstance(node, NavigableString) and not isinstance(node, PreformattedString):
            if kind == "heading" and not any(parent.name in _HEADS for parent in _near(node)):
                yield from _made(held, kind, level)
                held, kind = [], "text"
            held.append(str(node))
        node = follow
    yield from _made(held, kind, level)


def _near(node: "object") -> Iterator["Tag"]:
    """The closest few elements around a text."""
    parent = getattr(node, "parent", None)
    for _ in range(6):
        if parent is None:
            return
        yield parent
        parent = parent.parent


def _kind(tag: "Tag") -> tuple[str, int]:
    if tag.name in _HEADS:
        return "heading", _HEADS[tag.name]
    return ("item" if tag.name in ("li", "dt", "dd") else "text"), 0


def _following(tag: "Tag") -> "PageElement | None":
    """What comes after an element and all that is in it."""
    last = tag
    while last.next_sibling is None and last.parent is not None:
        last = last.parent
    return last.next_sibling


def _made(held: list[str], kind: str, level: int) -> Iterator[Block]:
    text = clean(" ".join("".join(held).split()))
    if text:
        yield Block(kind, text, level=level)  # type: ignore[arg-type]


def _code(tag: "Tag") -> Iterator[Block]:
    text = clean(tag.get_text(), lines=True)
    if text:
        yield Block("code", text)


def _table(tag: "Tag") -> Iterator[Block]:
    """A table by its rows; one that only lays out a page gives its texts."""
    rows = [
        tuple(clean(cell.get_text(" ")) for cell in row.find_all(("td", "th"), recursive=False))
        for row in tag.find_all("tr")
    ]
    rows = [row for row in rows if any(row)]
    if max((len(row) for row in rows), default=0) > 1:
        yield Block("table", rows=tuple(rows))
        return
    yield from (Block("text", cell) for row in rows for cell in row if cell)
