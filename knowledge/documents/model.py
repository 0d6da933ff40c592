"""What a document is made of, who may read it, and what a search gives."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from knowledge.asker import Asker

BlockKind = Literal["heading", "text", "item", "code", "table"]


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a document in reading order. `level` is that of a heading, 1 the highest; `page` is 0 for none.

    `rows` are those of a table, of which the first is its header.
    """

    kind: BlockKind
    text: str = ""
    level: int = 0
    page: int = 0
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Loaded:
    """One document as it was read. `inner` is its name inside an archive; `dated` is ISO, empty where it tells none."""

    blocks: tuple[Block, ...]
    kind: str
    title: str = ""
    author: str = ""
    dated: str = ""
    inner: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """A file, or a part of an archive, that was not taken in, and why, in words for people."""

    path: str
    why: str


@dataclass(frozen=True, slots=True)
class Rights:
    """Who may read: anybody with one of the roles or in one of the groups; everybody where both are empty."""

    roles: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()

    @property
    def everybody(self) -> bool:
        """Whether nothing is asked of the reader."""
        return not self.roles and not self.groups

    def allow(self, asker: Asker) -> bool:
        """Whether this person may read it."""
        return self.everybody or bool(set(self.roles) & set(asker.roles) or set(self.groups) & set(asker.groups))


@dataclass(frozen=True, slots=True)
class Folder:
    """A configured folder of documents. `link` is put before a path to make the address that a quote links to."""

    name: str
    path: str
    rights: Rights = Rights()
    link: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """A chunk as it is cut: `text` stands at `start` to `end` in the document's text; `lead` is a header said again.

    `key` is equal for the same text under the same headings of the same document, so it stays when other parts change.
    """

    key: str
    headings: tuple[str, ...]
    page: int
    start: int
    end: int
    text: str
    lead: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A document of the library. `path` is relative to its folder, with `!/` before a name inside an archive."""

    id: str
    folder: str
    path: str
    title: str
    author: str
    dated: str
    kind: str
    version: int
    changed_at: str
    chunks: int = 0


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk of the library with the document that it is from, and its place there."""

    id: str
    document: Document
    rights: Rights
    headings: tuple[str, ...]
    page: int
    start: int
    end: int
    text: str
    lead: str = ""


@dataclass(frozen=True, slots=True)
class Filter:
    """What a search is narrowed to, before anything is ranked; an empty field narrows nothing. Dates are ISO days."""

    folders: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    author: str = ""
    since: str = ""
    until: str = ""

    @property
    def open(self) -> bool:
        """Whether nothing but the folder is narrowed."""
        return not (self.documents or self.kinds or self.author or self.since or self.until)


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that was found; `score` orders hits of one search. Places count from 1, 0 where one side did not find it.

    `covered` is the share of the question's words, by their rarity, that the chunk and its headings hold.
    """

    chunk: Chunk
    score: float
    by_words: int
    by_vectors: int
    covered: float


def address(folder: Folder, path: str, page: int = 0) -> str:
    """Where a document can be opened; empty where its folder has no link."""
    from urllib.parse import quote

    if not folder.link:
        return ""
    whole = folder.link.rstrip("/") + "/" + quote(path.split("!/")[0])
    return f"{whole}#page={page}" if page and path.lower().endswith(".pdf") else whole


def readable(folders: Sequence[Folder], asker: Asker) -> tuple[Folder, ...]:
    """The folders that this person may read at all."""
    return tuple(folder for folder in folders if folder.rights.allow(asker))
