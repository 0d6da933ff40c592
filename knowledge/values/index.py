"""The value index of one tenant: looked up by questions, filled and emptied column by column by scans."""

import logging
import sqlite3
import threading
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from heapq import nsmallest
from pathlib import Path

from knowledge.values.loading import Loading, drop
from knowledge.values.port import Held, Place, Visible
from knowledge.values.spelling import asked, forgiving, near, normal
from knowledge.values.store import key_of, marks, open_to_read, open_to_write

log = logging.getLogger(__name__)

MOST_PHRASES = 64
MOST_WORDS = 64
"""Words that are put right for one question."""
MOST_HITS = 12
"""Values given for one phrase."""
_CANDIDATES = 12
"""Known words that an unknown one may stand for."""
_COMBINED = 64
"""Spellings of a whole phrase that are tried."""
_LONGEST = 6
"""Words of a phrase that is put right."""
_READ = 500
"""Rows read for one lookup; more of one value are in columns that hold the same."""


class ValueIndex:
    """`Values` in a SQLite file. Lookups may come from any thread; one load at a time writes, and blocks no lookup."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        open_to_write(path).close()
        self._reader = open_to_read(path)
        self._seen = -1
        self._starts: list[int] = []
        self._places: list[tuple[int, Place]] = []

    def find(self, phrases: Sequence[str], visible: Visible) -> list[Held]:
        """Values of visible columns that the phrases spell or nearly spell; see the port."""
        texts = {phrase: text for phrase in phrases[:MOST_PHRASES] if (text := normal(phrase))}
        try:
            with self._reading():
                return self._found(texts, visible)
        except sqlite3.Error as error:
            log.warning("the value index could not be read: %s", error)
            return []

    def _found(self, texts: Mapping[str, str], visible: Visible) -> list[Held]:
        exact = self._stored({text: (text, 0) for text in texts.values()}, visible)
        found: list[Held] = []
        words = {word for text in texts.values() if text not in exact for word in text.split(" ")}
        alike = {word: self._near(word) for word in sorted(words)[:MOST_WORDS]}
        for phrase, text in texts.items():
            held = exact.get(text) or self._like(text, alike, visible)
            found += [Held(phrase, place, stored, rows, far) for far, rows, place, stored in held[:MOST_HITS]]
        return found

    def columns(self) -> dict[Place, int]:
        """How many values are kept of each column."""
        with self._reading():
            kept = zip(self._starts, self._places, strict=True)
            return {place: last - first + 1 for first, (last, place) in kept}

    def loading(self, place: Place) -> Loading:
        """A load that takes the place of all values of a column when it is done."""
        return Loading(open_to_write(self._path), place)

    def update(self, place: Place, values: Iterable[tuple[str, int]]) -> int:
        """Keep these values, each with how many rows have it, in place of all of the column; how many were kept."""
        with self.loading(place) as load:
            load.add(values)
            return load.done()

    def remove(
        self, source: str, schema: str | None = None, table: str | None = None, column: str | None = None
    ) -> int:
        """Forget a source, a schema, a table or one column; how many columns were forgotten."""
        given = {"source": source, "schema": schema, "name": table, "col": column}
        wanted = {name: value for name, value in given.items() if value is not None}
        where = " AND ".join(f"{name} = ?" for name in wanted)
        with closing(open_to_write(self._path)) as database:
            database.execute("BEGIN IMMEDIATE")
            rows = database.execute(f"SELECT id FROM columns WHERE {where}", [*wanted.values()]).fetchall()  # noqa: S608
            for (number,) in rows:
                drop(database, int(number))
            database.execute("COMMIT")
            database.execute("PRAGMA incremental_vacuum")
        return len(rows)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._reader.close()

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """One state of the file for all that is read, with the list of columns of that state."""
        with self._lock:
            self._reader.execute("BEGIN")
            try:
                changes = int(self._reader.execute("SELECT changes FROM state").fetchone()[0])
                if changes != self._seen:
                    self._read_columns()
                    self._seen = changes
                yield
            finally:
                self._reader.execute("ROLLBACK")

    def _read_columns(self) -> None:
        rows = self._reader.execute("SELECT first, last, source, schema, name, col FROM columns ORDER BY first")
        found = [(int(row[0]), int(row[1]), Place(*row[2:])) for row in rows]
        self._starts = [first for first, _, _ in found]
        self._places = [(last, place) for _, last, place in found]

    def _stored(
        self, wanted: dict[str, tuple[str, int]], visible: Visible
    ) -> dict[str, list[tuple[int, int, Place, str]]]:
        """What is stored under normal texts, by the text that each stands for: distance, rows, place, value."""
        by_key = {key_of(text): text for text in wanted}
        found: dict[str, list[tuple[int, int, Place, str]]] = {}
        for key, at, stored, rows in self._rows(list(by_key)):
            text, place = by_key[key], self._place(at)
            if place is not None and normal(stored) == text and visible(place):
                meant, far = wanted[text]
                found.setdefault(meant, []).append((far, rows, place, stored))
        for held in found.values():
            held.sort(key=lambda hit: (hit[0], -hit[1], hit[2].source, hit[2].table, hit[2].column, hit[3]))
        return found

    def _rows(self, numbers: Sequence[int]) -> Iterator[tuple[int, int, str, int]]:
        sql = "SELECT key, id, stored, rows FROM held WHERE key = ? LIMIT ?"
        for number in numbers:
            yield from self._reader.execute(sql, (number, _READ))

    def _place(self, at: int) -> Place | None:
        here = bisect_right(self._starts, at) - 1
        if here < 0:
            return None
        last, place = self._places[here]
        return place if at <= last else None

    def _like(
        self, text: str, alike: Mapping[str, list[tuple[str, int]]], visible: Visible
    ) -> list[tuple[int, int, Place, str]]:
        """Values whose words are near those of a text, the nearest first."""
        choices = [alike.get(word, []) for word in text.split(" ")]
        if len(choices) > _LONGEST or not all(choices):
            return []
        spelled = [(0, "")]
        for words in choices:
            longer = ((slips + far, f"{begun} {word}".lstrip()) for slips, begun in spelled for word, far in words)
            spelled = nsmallest(_COMBINED, longer)
        wanted = {other: (text, far) for far, other in spelled if other != text}
        return self._stored(wanted, visible).get(text, [])

    def _near(self, word: str) -> list[tuple[str, int]]:
        """The word and those that it may stand for, with their distance, best first."""
        if not forgiving(word):
            return [(word, 0)]
        wanted = [*asked(word)]
        sql = f"SELECT DISTINCT word FROM spellings WHERE key IN ({marks(wanted)})"  # noqa: S608
        alike = near(word, (other for (other,) in self._reader.execute(sql, wanted)))
        if len(alike) >= _CANDIDATES:
            uses = self._uses([other for _, other in alike])
            alike.sort(key=lambda found: (found[0], -uses.get(found[1], 0), found[1]))
        return [(word, 0), *((other, far) for far, other in alike[: _CANDIDATES - 1])]

    def _uses(self, words: Sequence[str]) -> dict[str, int]:
        """How many values each word is in."""
        some = words[:_READ]
        sql = f"SELECT word, uses FROM words WHERE word IN ({marks(some)})"  # noqa: S608
        return dict(self._reader.execute(sql, some))
