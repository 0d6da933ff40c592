"""Puts the values of one column into the file, in place of those that were there."""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from types import TracebackType

from knowledge.values.port import Place
from knowledge.values.spelling import forgiving, keys, normal
from knowledge.values.store import key_of, marks

_CHUNK = 50_000


class Loading:
    """One load: `add` values in any number of batches, then `done`; leaving it undone changes nothing."""

    def __init__(self, database: sqlite3.Connection, place: Place) -> None:
        self._database = database
        self._place = place
        self._words: Counter[str] = Counter()
        self.count = 0
        database.execute("BEGIN IMMEDIATE")
        self._forget()
        self._first = self._next = int(database.execute("SELECT next FROM state").fetchone()[0])

    def __enter__(self) -> "Loading":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def add(self, values: Iterable[tuple[str, int]]) -> None:
        """Keep values, each with how many rows have it; texts that can't be looked up are passed over."""
        rows: list[tuple[int, int, str, int]] = []
        for stored, many in values:
            text = normal(stored)
            if text:
                rows.append((self._next, key_of(text), stored, many))
                self._next += 1
                self._words.update(word for word in text.split(" ") if forgiving(word))
        rows.sort(key=lambda row: row[1])
        self._database.executemany("INSERT INTO held VALUES (?, ?, ?, ?)", rows)
        self.count += len(rows)
        if len(self._words) >= _CHUNK:
            self._learn()

    def done(self) -> int:
        """Make the load take effect; how many values the column has now."""
        self._learn()
        place = self._place
        if self.count:
            self._database.execute(
                "INSERT INTO columns (source, schema, name, col, first, last) VALUES (?, ?, ?, ?, ?, ?)",
                (place.source, place.schema, place.table, place.column, self._first, self._next - 1),
            )
        self._database.execute("UPDATE state SET changes = changes + 1, next = ?", (self._next,))
        self._database.execute("COMMIT")
        self._database.execute("PRAGMA incremental_vacuum")
        return self.count

    def close(self) -> None:
        """Give up what was not done."""
        if self._database.in_transaction:
            self._database.execute("ROLLBACK")
        self._database.close()

    def _forget(self) -> None:
        place = self._place
        found = self._database.execute(
            "SELECT id FROM columns WHERE source = ? AND schema = ? AND name = ? AND col = ?",
            (place.source, place.schema, place.table, place.column),
        ).fetchone()
        if found:
            drop(self._database, int(found[0]))

    def _learn(self) -> None:
        learn(self._database, self._words)
        self._words.clear()


def learn(database: sqlite3.Connection, words: Counter[str]) -> None:
    """Count words as used, and keep the spellings of new ones."""
    known: set[str] = set()
    for chunk in _chunks(sorted(words)):
        sql = f"SELECT word FROM words WHERE word IN ({marks(chunk)})"  # noqa: S608
        known.update(word for (word,) in database.execute(sql, chunk))
    database.executemany("UPDATE words SET uses = uses + ? WHERE word = ?", [(words[word], word) for word in known])
    new = sorted(words.keys() - known)
    database.executemany("INSERT INTO words VALUES (?, ?)", [(word, words[word]) for word in new])
    database.executemany(
        "INSERT INTO spellings VALUES (?, ?)", sorted((key, word) for word in new for key in keys(word))
    )


def drop(database: sqlite3.Connection, number: int) -> None:
    """Forget the values of a column, and the words that nothing else holds."""
    first, last = database.execute("SELECT first, last FROM columns WHERE id = ?", (number,)).fetchone()
    words: Counter[str] = Counter()
    for (stored,) in database.execute("SELECT stored FROM held WHERE id BETWEEN ? AND ?", (first, last)):
        words.update(word for word in normal(stored).split(" ") if forgiving(word))
        if len(words) >= _CHUNK:
            _unlearn(database, words)
            words.clear()
    _unlearn(database, words)
    database.execute("DELETE FROM held WHERE id BETWEEN ? AND ?", (first, last))
    database.execute("DELETE FROM columns WHERE id = ?", (number,))
    database.execute("UPDATE state SET changes = changes + 1")


def _unlearn(database: sqlite3.Connection, words: Counter[str]) -> None:
    database.executemany("UPDATE words SET uses = uses - ? WHERE word = ?", [(n, word) for word, n in words.items()])
    for asked in _chunks(sorted(words)):
        sql = f"SELECT word FROM words WHERE uses <= 0 AND word IN ({marks(asked)})"  # noqa: S608
        gone = [str(word) for (word,) in database.execute(sql, asked).fetchall()]
        spelled = [(key, word) for word in gone for key in keys(word)]
        database.executemany("DELETE FROM spellings WHERE key = ? AND word = ?", spelled)
        database.executemany("DELETE FROM words WHERE word = ?", [(word,) for word in gone])


def _chunks(words: list[str]) -> Iterator[list[str]]:
    return (words[at : at + 500] for at in range(0, len(words), 500))
