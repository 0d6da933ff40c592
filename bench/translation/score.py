"""Whether two queries give the same answer: rows as a multiset, columns in any order, DISTINCT ignored."""

import itertools
import re
import sqlite3
import time
from collections import Counter
from pathlib import Path

Row = tuple[object, ...]


class Database:
    """A SQLite file, read-only, with a deadline per query."""

    def __init__(self, path: Path, seconds: float = 5.0) -> None:
        self.connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        self.connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        self.seconds = seconds

    def rows(self, sql: str) -> list[Row] | None:
        """The rows, or None when the query fails or takes too long."""
        end = time.monotonic() + self.seconds
        self.connection.set_progress_handler(lambda: int(time.monotonic() > end), 2000)
        try:
            return self.connection.execute(sql).fetchmany(200_000)
        except sqlite3.Error:
            return None


def frozen(sql: str, now: str) -> str:
    """The query with the clock of the set in place of the machine's."""
    if not now:
        return sql
    sql = re.sub(r"'now'", f"'{now}'", sql, flags=re.I)
    return re.sub(r"\bCURRENT_(DATE|TIMESTAMP)\b", f"'{now[:10]}'", sql, flags=re.I)


def alike(database: Database, golds: list[str], sql: str, now: str = "") -> bool:
    """True when the query answers like one of the golds."""
    mine = database.rows(frozen(_plain(sql), now))
    if mine is None:
        return False
    for gold in golds:
        theirs = database.rows(frozen(_plain(gold), now))
        if theirs is not None and _same(theirs, mine, "order by" in _outer(gold)):
            return True
    return False


def _plain(sql: str) -> str:
    return re.sub(r"\bdistinct\b", "", sql.strip().rstrip(";"), flags=re.I)


def _outer(sql: str) -> str:
    text, depth = "", 0
    for char in re.sub(r"'[^']*'|\"[^\"]*\"", "", sql.lower()):
        depth += (char == "(") - (char == ")")
        text += char if depth == 0 else ""
    return " ".join(text.split())


def _normal(value: object) -> object:
    return float(f"{value:.6g}") if isinstance(value, float) else value


def _same(gold: list[Row], mine: list[Row], ordered: bool) -> bool:
    if len(gold) != len(mine):
        return False
    if not gold:
        return True
    if len(gold[0]) != len(mine[0]) or len(gold[0]) > 8:
        return False
    left = [tuple(_normal(v) for v in row) for row in gold]
    right = [tuple(_normal(v) for v in row) for row in mine]
    columns = [Counter(map(repr, column)) for column in zip(*left, strict=True)]
    others = [Counter(map(repr, column)) for column in zip(*right, strict=True)]
    for order in itertools.permutations(range(len(columns))):
        if all(columns[i] == others[j] for i, j in enumerate(order)):
            turned = [tuple(row[j] for j in order) for row in right]
            if turned == left or (not ordered and Counter(map(repr, turned)) == Counter(map(repr, left))):
                return True
    return False
