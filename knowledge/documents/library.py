"""The library of a tenant: documents put in and taken out, and searched by words and vectors together."""

import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from secrets import token_hex

import numpy as np

from knowledge.asker import Asker
from knowledge.documents.chunks import pieces, whole
from knowledge.documents.embedding.port import Embedder, Vectors
from knowledge.documents.model import Document, Filter, Folder, Hit, Loaded, Rights
from knowledge.documents.ranking import CANDIDATES, Asked, fused, ranked, words_of
from knowledge.documents.store import Shelf, Store, add_chunks, drop_chunks, marks, shelf_of
from knowledge.documents.text import clean
from knowledge.documents.vectors import VectorsAway, VectorShelves
from knowledge.translation.synonyms.embeddings import EmbeddingsFailed

ALL = Filter()
FILL = 1_000
"""Chunks that get their vectors at a time."""


class Library:
    """Documents in a file, their vectors beside it. Blocking; call it from a thread."""

    def __init__(self, store: Store, embedder: Embedder, vectors: VectorShelves, now: Callable[[], str]) -> None:
        self.store = store
        self._embedder = embedder
        self._vectors = vectors
        self._now = now
        self._filled = ""

    def put(self, folder: str, rights: Rights, file: str, loaded: Loaded) -> tuple[Document, str]:
        """Keep a document in place of its version before; gives it with the path of the one that it is a copy of.

        A copy, that is the same text in the same folder with the same readers, has no chunks of its own.
        """
        path = f"{file}!/{loaded.inner}" if loaded.inner else file
        id = hashlib.blake2b(f"{folder}\x00{path}".encode("utf-8", "replace"), digest_size=9).hexdigest()
        digest = digest_of(loaded)
        found = pieces(loaded.blocks)
        with self.store.writing() as database:
            shelf = shelf_of(database, folder, rights)
            before = database.execute("SELECT version, digest, title FROM document WHERE id = ?", (id,)).fetchone()
            twin = database.execute(
                "SELECT id, path FROM document WHERE shelf = ? AND digest = ? AND same_as = '' AND id != ?",
                (shelf, digest, id),
            ).fetchone()
            if before is not None:
                _forget(database, id)
            version = 1 if before is None else before[0] + (before[1] != digest)
            title = clean(loaded.title)[:300] or path
            chunks = 0 if twin else len(found)
            document = Document(
                id, folder, path, title, loaded.author, loaded.dated, loaded.kind, version, self._now(), chunks
            )
            database.execute(
                f"INSERT INTO document VALUES ({marks(range(14))})",  # noqa: S608
                (id, shelf, folder, file, path, title, loaded.author, loaded.dated, loaded.kind, digest, version,
                 document.changed_at, chunks, twin[0] if twin else ""),
            )  # fmt: skip
            if not twin:
                add_chunks(database, shelf, id, title, found)
        return document, twin[1] if twin else ""

    def remove(self, folder: str, file: str, keep: Sequence[str] = ()) -> int:
        """Forget the documents of a file but those to keep; how many. Files that hold a copy of one are read anew."""
        with self.store.writing() as database:
            rows = database.execute("SELECT id FROM document WHERE folder = ? AND file = ?", (folder, file)).fetchall()
            gone = [id for (id,) in rows if id not in keep]
            for id in gone:
                _forget(database, id)
            if not keep:
                database.execute("DELETE FROM file WHERE folder = ? AND path = ?", (folder, file))
        return len(gone)

    def fill(self, told: Callable[[int], None] = lambda _: None) -> int:
        """Bring the vectors up to the chunks; how many were made. Raises VectorsAway or EmbeddingsFailed."""
        self._renewed()
        made = 0
        with self.store.reading() as database:
            gone = database.execute("SELECT shelf, number FROM gone").fetchall()
        for shelf in {shelf for shelf, _ in gone}:
            self._vectors.drop(shelf, [number for where, number in gone if where == shelf])
        with self.store.writing() as database:
            database.executemany("DELETE FROM gone WHERE shelf = ? AND number = ?", gone)
        for shelf in self.store.shelves():
            while rows := self._waiting(shelf.id):
                numbers = [number for number, _ in rows]
                self._vectors.put(shelf.id, numbers, self._embedded([text for _, text in rows]))
                with self.store.writing() as database:
                    database.executemany("UPDATE chunk SET vectored = 1 WHERE number = ?", [(n,) for n in numbers])
                made += len(rows)
                told(made)
        if made or gone:
            with self.store.writing() as database:
                database.execute("INSERT OR REPLACE INTO state VALUES ('filled', ?)", (token_hex(8),))
                database.execute("DELETE FROM vector WHERE provider != ?", (self._embedder.key,))
        return made

    def search(
        self, question: str, asker: Asker, folders: Sequence[Folder], narrowed: Filter = ALL, most: int = 10
    ) -> list[Hit]:
        """The chunks that fit a question best, of those that this person may read and the filter leaves, best first.

        What is not readable has no part in it: not in the candidates, not in the counts that make a word rare.
        """
        shelves = self.readable(asker, folders, narrowed)
        return self.found(question, Asked.of(question, shelves, self.store), shelves, narrowed)[:most]

    def found(self, question: str, asked: Asked, shelves: Sequence[Shelf], narrowed: Filter = ALL) -> list[Hit]:
        """All candidates of these shelves, best first."""
        if not shelves or not asked.words:
            return []
        rights = {shelf.id: shelf.rights for shelf in shelves}
        numbers = [
            number
            for shelf in shelves
            for number in self.store.with_words(shelf.id, asked.telling, narrowed, CANDIDATES)
        ]
        likeness = self._near(question, shelves, narrowed)
        chunks = self.store.chunks([*dict.fromkeys((*numbers, *likeness))], rights)
        words = {number: words_of(chunk) for number, chunk in chunks.items()}
        by_words = ranked(asked, {number: words[number] for number in numbers if number in words})
        return fused(by_words, likeness, chunks, words, asked)

    def readable(self, asker: Asker, folders: Sequence[Folder], narrowed: Filter = ALL) -> list[Shelf]:
        """The shelves that this person may read: by the rights of the folder as they are set now, and of its files."""
        open_now = {
            folder.name
            for folder in folders
            if folder.rights.allow(asker) and (not narrowed.folders or folder.name in narrowed.folders)
        }
        return [
            shelf
            for shelf in self.store.shelves()
            if shelf.chunks and shelf.folder in open_now and shelf.rights.allow(asker)
        ]

    def _near(self, question: str, shelves: Sequence[Shelf], narrowed: Filter) -> dict[int, float]:
        """Likeness by chunk; nothing where the vectors are away."""
        filled = self.store.state("filled")
        if filled != self._filled:
            self._vectors.reopen()
            self._filled = filled
        try:
            vector = self._embedder.question(question)
            found: dict[int, float] = {}
            for shelf in shelves if vector.any() else ():
                only = None if narrowed.open else self.store.numbers(shelf.id, narrowed)
                found |= self._vectors.near(shelf.id, vector, min(CANDIDATES, shelf.chunks), only)
        except (VectorsAway, EmbeddingsFailed):
            return {}
        return dict(sorted(found.items(), key=lambda entry: -entry[1])[:CANDIDATES])

    def _waiting(self, shelf: int) -> list[tuple[int, str]]:
        with self.store.reading() as database:
            rows = database.execute(
                "SELECT c.number, d.title, c.headings, c.lead, c.body "
                "FROM chunk c JOIN document d ON d.id = c.document "
                "WHERE c.shelf = ? AND c.vectored = 0 ORDER BY c.number LIMIT ?",
                (shelf, FILL),
            ).fetchall()
        return [(row[0], "\n".join(row[1:])) for row in rows]

    def _embedded(self, texts: Sequence[str]) -> Vectors:
        """Vectors of texts, those that were made before out of the cache where making them is dear."""
        if not self._embedder.kept:
            return self._embedder.passages(texts)
        key = self._embedder.key
        digests = [hashlib.sha256(text.encode("utf-8", "replace")).digest() for text in texts]
        with self.store.reading() as database:
            found = dict(
                database.execute(
                    f"SELECT digest, numbers FROM vector WHERE provider = ? AND digest IN ({marks(digests)})",  # noqa: S608
                    (key, *digests),
                ).fetchall()
            )
        missing = {digest: text for digest, text in zip(digests, texts, strict=True) if digest not in found}
        if missing:
            made = self._embedder.passages([*missing.values()])
            found |= {digest: row.tobytes() for digest, row in zip(missing, made, strict=True)}
            with self.store.writing() as database:
                database.executemany(
                    "INSERT OR IGNORE INTO vector VALUES (?, ?, ?)",
                    [(key, digest, found[digest]) for digest in missing],
                )
        return np.stack([np.frombuffer(found[digest], np.float32) for digest in digests])

    def _renewed(self) -> None:
        """With another embedder than before every vector is made anew."""
        with self.store.writing() as database:
            row = database.execute("SELECT value FROM state WHERE name = 'embedder'").fetchone()
            if row is None or row[0] != self._embedder.key:
                database.execute("UPDATE chunk SET vectored = 0")
                database.execute("INSERT OR REPLACE INTO state VALUES ('embedder', ?)", (self._embedder.key,))


def digest_of(loaded: Loaded) -> str:
    """SHA-256 of the text in one normal form, so that a copy in another place or with other spaces is the same."""
    return hashlib.sha256(" ".join(whole(loaded.blocks).split()).encode("utf-8", "replace")).hexdigest()


def _forget(database: sqlite3.Connection, id: str) -> None:
    """Take a document out; the files of its copies are marked to be read again."""
    row = database.execute("SELECT title FROM document WHERE id = ?", (id,)).fetchone()
    drop_chunks(database, id, row[0])
    database.execute("DELETE FROM document WHERE id = ?", (id,))
    database.execute(
        "UPDATE file SET mtime = -1, digest = '' "
        "WHERE (folder, path) IN (SELECT folder, file FROM document WHERE same_as = ?)",
        (id,),
    )
