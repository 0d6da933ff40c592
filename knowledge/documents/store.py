"""The file that documents are kept in: their chunks, the words of these by shelf, and what is known of each file."""

import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from knowledge.documents.model import Chunk, Document, Filter, Piece, Rights
from knowledge.documents.words import terms

SCHEMA = """
PRAGMA journal_mode=WAL;
CREATE TABLE IF NOT EXISTS shelf (
  id INTEGER PRIMARY KEY, folder TEXT NOT NULL, roles TEXT NOT NULL, groups TEXT NOT NULL,
  chunks INTEGER NOT NULL DEFAULT 0, words INTEGER NOT NULL DEFAULT 0, UNIQUE (folder, roles, groups)
);
CREATE TABLE IF NOT EXISTS file (
  folder TEXT NOT NULL, path TEXT NOT NULL, size INTEGER NOT NULL, mtime INTEGER NOT NULL, digest TEXT NOT NULL,
  shelf INTEGER NOT NULL, problems TEXT NOT NULL, PRIMARY KEY (folder, path)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS document (
  id TEXT PRIMARY KEY, shelf INTEGER NOT NULL, folder TEXT NOT NULL, file TEXT NOT NULL, path TEXT NOT NULL,
  title TEXT NOT NULL, author TEXT NOT NULL, dated TEXT NOT NULL, kind TEXT NOT NULL, digest TEXT NOT NULL,
  version INTEGER NOT NULL, changed_at TEXT NOT NULL, chunks INTEGER NOT NULL, same_as TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS document_file ON document(folder, file);
CREATE INDEX IF NOT EXISTS document_digest ON document(shelf, digest);
CREATE TABLE IF NOT EXISTS chunk (
  number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, document TEXT NOT NULL, shelf INTEGER NOT NULL,
  headings TEXT NOT NULL, page INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL, body TEXT NOT NULL,
  lead TEXT NOT NULL, vectored INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS chunk_document ON chunk(document);
CREATE INDEX IF NOT EXISTS chunk_vectored ON chunk(shelf) WHERE vectored = 0;
CREATE TABLE IF NOT EXISTS gone (shelf INTEGER NOT NULL, number INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS word (
  shelf INTEGER NOT NULL, word TEXT NOT NULL, chunks INTEGER NOT NULL, PRIMARY KEY (shelf, word)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS vector (
  provider TEXT NOT NULL, digest BLOB NOT NULL, numbers BLOB NOT NULL, PRIMARY KEY (provider, digest)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
_DOCUMENT = "d.id, d.folder, d.path, d.title, d.author, d.dated, d.kind, d.version, d.changed_at, d.chunks"


@dataclass(frozen=True, slots=True)
class Shelf:
    """What the same people may read of one folder; searched by itself, so that nothing else has a part in its ranking.

    `rights` are those of single files, beside the folder's own. `words` counts those of all its chunks.
    """

    id: int
    folder: str
    rights: Rights
    chunks: int
    words: int


@dataclass(frozen=True, slots=True)
class FileSeen:
    """A file as the last sync saw it; `problems` are pairs of path and reason."""

    path: str
    size: int
    mtime: int
    digest: str
    shelf: int
    problems: tuple[tuple[str, str], ...] = ()


class Store:
    """The file. Every call opens it anew, so any thread and process may call; one writes at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.touch(mode=0o600)
        with closing(sqlite3.connect(path, timeout=60)) as database:
            database.executescript(SCHEMA)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """One state of the file."""
        with closing(sqlite3.connect(self.path, timeout=10, isolation_level=None)) as database:
            database.execute("PRAGMA query_only=ON")
            database.execute("PRAGMA mmap_size=2147483648")
            database.execute("BEGIN")
            yield database

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction: all of it or nothing."""
        with closing(sqlite3.connect(self.path, timeout=60, isolation_level=None)) as database:
            database.execute("PRAGMA synchronous=NORMAL")
            database.execute("PRAGMA secure_delete=ON")
            database.execute("BEGIN IMMEDIATE")
            try:
                yield database
            except BaseException:
                database.execute("ROLLBACK")
                raise
            database.execute("COMMIT")

    def shelves(self) -> list[Shelf]:
        """All of them."""
        with self.reading() as database:
            rows = database.execute("SELECT id, folder, roles, groups, chunks, words FROM shelf ORDER BY id").fetchall()
        return [
            Shelf(id, folder, Rights(tuple(json.loads(roles)), tuple(json.loads(groups))), chunks, words)
            for id, folder, roles, groups, chunks, words in rows
        ]

    def files(self, folder: str) -> dict[str, FileSeen]:
        """What is known of the files of a folder."""
        with self.reading() as database:
            rows = database.execute(
                "SELECT path, size, mtime, digest, shelf, problems FROM file WHERE folder = ?", (folder,)
            ).fetchall()
        return {
            path: FileSeen(path, size, mtime, digest, shelf, tuple(map(tuple, json.loads(problems))))
            for path, size, mtime, digest, shelf, problems in rows
        }

    def documents(self, folder: str = "") -> list[Document]:
        """Every document, or those of a folder; copies of another one are left out."""
        with self.reading() as database:
            rows = database.execute(
                f"SELECT {_DOCUMENT} FROM document d WHERE same_as = '' AND (? = '' OR folder = ?) "  # noqa: S608
                "ORDER BY folder, path",
                (folder, folder),
            ).fetchall()
        return [Document(*row) for row in rows]

    def folders(self) -> set[str]:
        """The names of folders of which something is kept."""
        with self.reading() as database:
            found = database.execute("SELECT folder FROM file UNION SELECT folder FROM shelf").fetchall()
        return {folder for (folder,) in found}

    def state(self, name: str) -> str:
        """A remark that was kept; empty where there is none."""
        with self.reading() as database:
            row = database.execute("SELECT value FROM state WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    def titles(self, shelves: Sequence[int]) -> list[tuple[str, str]]:
        """Id and title of every document of these shelves."""
        with self.reading() as database:
            rows = database.execute(
                f"SELECT id, title FROM document WHERE same_as = '' AND shelf IN ({marks(shelves)})",  # noqa: S608
                tuple(shelves),
            )
            return [(str(id), str(title)) for id, title in rows]

    def word_counts(self, shelves: Sequence[int], words: Iterable[str]) -> Counter[str]:
        """In how many chunks of these shelves each word stands."""
        wanted = [*dict.fromkeys(words)]
        counts: Counter[str] = Counter()
        with self.reading() as database:
            for word, chunks in database.execute(
                f"SELECT word, sum(chunks) FROM word WHERE shelf IN ({marks(shelves)}) AND word IN ({marks(wanted)}) "  # noqa: S608
                "GROUP BY word",
                (*shelves, *wanted),
            ):
                counts[word] = chunks
        return counts

    def with_words(self, shelf: int, words: Sequence[str], narrowed: Filter, most: int) -> list[int]:
        """The numbers of the chunks of a shelf that fit the words best, of those that the filter leaves."""
        if not words:
            return []
        query = " OR ".join(f'"{word}"' for word in words if '"' not in word)
        where, values = _where(narrowed)
        joined = (
            f"JOIN chunk c ON c.number = f.rowid JOIN document d ON d.id = c.document WHERE {where} AND"
            if where
            else "WHERE"
        )
        with self.reading() as database:
            rows = database.execute(
                f"SELECT f.rowid FROM words_{shelf:d} f {joined} words_{shelf:d} MATCH ? "  # noqa: S608
                f"ORDER BY bm25(words_{shelf:d}, 2.0, 1.0) LIMIT ?",
                (*values, query, most),
            ).fetchall()
        return [number for (number,) in rows]

    def numbers(self, shelf: int, narrowed: Filter) -> list[int]:
        """The numbers of all chunks of a shelf with vectors that the filter leaves."""
        where, values = _where(narrowed)
        with self.reading() as database:
            rows = database.execute(
                "SELECT c.number FROM chunk c JOIN document d ON d.id = c.document "  # noqa: S608
                f"WHERE c.shelf = ? AND c.vectored = 1 AND {where or '1'}",
                (shelf, *values),
            ).fetchall()
        return [number for (number,) in rows]

    def chunks(self, numbers: Sequence[int], rights: Mapping[int, Rights]) -> dict[int, Chunk]:
        """Chunks by number, of the shelves that `rights` names and no other."""
        with self.reading() as database:
            rows = database.execute(
                f"SELECT c.number, c.id, c.shelf, c.headings, c.page, c.start, c.end, c.body, c.lead, {_DOCUMENT} "  # noqa: S608
                "FROM chunk c JOIN document d ON d.id = c.document "
                f"WHERE c.number IN ({marks(numbers)}) AND c.shelf IN ({marks(rights)})",
                (*numbers, *rights),
            ).fetchall()
        return {
            number: Chunk(
                id, Document(*about), rights[shelf], tuple(json.loads(headings)), page, start, end, text, lead
            )
            for number, id, shelf, headings, page, start, end, text, lead, *about in rows
        }

    def for_everybody(self, folders: Collection[str], most: int) -> list[Chunk]:
        """Chunks of these folders that nobody is kept from, those of the documents changed last first."""
        rights = {one.id: one.rights for one in self.shelves() if one.folder in folders and one.rights.everybody}
        with self.reading() as database:
            rows = database.execute(
                "SELECT c.number FROM chunk c JOIN document d ON d.id = c.document "  # noqa: S608
                f"WHERE c.shelf IN ({marks(rights)}) ORDER BY d.changed_at DESC, c.number LIMIT ?",
                (*rights, most),
            ).fetchall()
        found = self.chunks([number for (number,) in rows], rights)
        return [found[number] for (number,) in rows]


def shelf_of(database: sqlite3.Connection, folder: str, rights: Rights) -> int:
    """The shelf of a folder and rights, made where it is not there."""
    key = (folder, json.dumps(sorted(rights.roles)), json.dumps(sorted(rights.groups)))
    database.execute("INSERT OR IGNORE INTO shelf (folder, roles, groups) VALUES (?, ?, ?)", key)
    (id,) = database.execute("SELECT id FROM shelf WHERE folder = ? AND roles = ? AND groups = ?", key).fetchone()
    database.execute(
        f"CREATE VIRTUAL TABLE IF NOT EXISTS words_{id:d} USING fts5("
        "heads, body, content='', tokenize=\"unicode61 remove_diacritics 0\")"
    )
    return int(id)


def add_chunks(database: sqlite3.Connection, shelf: int, document: str, title: str, pieces: Sequence[Piece]) -> None:
    """Keep the chunks of a document and the words of them."""
    counts: Counter[str] = Counter()
    words = 0
    for piece in pieces:
        heads, body = said(title, piece.headings, piece.lead, piece.text)
        made = database.execute(
            "INSERT INTO chunk (id, document, shelf, headings, page, start, end, body, lead) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (f"{document}.{piece.key}", document, shelf, json.dumps(piece.headings), piece.page, piece.start, piece.end,
             piece.text, piece.lead),
        )  # fmt: skip
        database.execute(
            f"INSERT INTO words_{shelf:d}(rowid, heads, body) VALUES (?, ?, ?)",  # noqa: S608
            (made.lastrowid, " ".join(heads), " ".join(body)),
        )
        counts.update({*heads, *body})
        words += len(body)
    _count(database, shelf, counts, len(pieces), words, 1)


def drop_chunks(database: sqlite3.Connection, document: str, title: str) -> None:
    """Forget the chunks of a document, their words, and (at the next filling) their vectors."""
    rows = database.execute(
        "SELECT number, shelf, headings, lead, body FROM chunk WHERE document = ?", (document,)
    ).fetchall()
    counts: Counter[str] = Counter()
    words = 0
    for number, shelf, headings, lead, text in rows:
        heads, body = said(title, json.loads(headings), lead, text)
        database.execute(
            f"INSERT INTO words_{shelf:d}(words_{shelf:d}, rowid, heads, body) VALUES ('delete', ?, ?, ?)",  # noqa: S608
            (number, " ".join(heads), " ".join(body)),
        )
        database.execute("INSERT INTO gone VALUES (?, ?)", (shelf, number))
        counts.update({*heads, *body})
        words += len(body)
    if rows:
        _count(database, rows[0][1], counts, len(rows), words, -1)
    database.execute("DELETE FROM chunk WHERE document = ?", (document,))


def _count(database: sqlite3.Connection, shelf: int, counts: Counter[str], chunks: int, words: int, sign: int) -> None:
    database.executemany(
        "INSERT INTO word VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET chunks = chunks + excluded.chunks",
        [(shelf, word, sign * count) for word, count in counts.items()],
    )
    database.execute(
        "UPDATE shelf SET chunks = chunks + ?, words = words + ? WHERE id = ?", (sign * chunks, sign * words, shelf)
    )


def said(title: str, headings: Sequence[str], lead: str, text: str) -> tuple[list[str], list[str]]:
    """The words of a chunk: those of its title and headings, and its own."""
    return terms(" ".join((title, *headings))), terms(f"{lead}\n{text}")


def marks(items: Iterable[object]) -> str:
    """A question mark for each item."""
    return ",".join("?" for _ in items)


def _where(narrowed: Filter) -> tuple[str, list[str]]:
    """The filter as SQL over document `d`, with its values."""
    parts: list[str] = []
    values: list[str] = []
    for column, wanted in (("id", narrowed.documents), ("kind", narrowed.kinds)):
        if wanted:
            parts.append(f"d.{column} IN ({marks(wanted)})")
            values += wanted
    for column, sign, value in (("dated", ">=", narrowed.since), ("dated", "<=", narrowed.until)):
        if value:
            parts.append(f"(d.{column} != '' AND d.{column} {sign} ?)")
            values.append(value)
    if narrowed.author:
        parts.append("instr(lower(d.author), lower(?))")
        values.append(narrowed.author)
    return " AND ".join(parts), values
