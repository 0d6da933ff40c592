"""Whatever two queries have one text give one answer: tried on random queries, run in DuckDB and SQLite."""

import random
import re
import sqlite3
from collections.abc import Callable

import duckdb
import pytest
import sqlglot
from sqlglot.errors import SqlglotError

from knowledge.cache.normal import normalised
from knowledge.catalog.model import Column, DataType, Table

QUERIES = 1_500
COLUMNS = ("id", "a", "amount")
TABLES = tuple(
    Table("shop", name, tuple(Column(one, DataType.INTEGER) for one in COLUMNS)) for name in ("orders", "a", "t")
)
SETUP = ";".join(
    f"CREATE TABLE {table.name} (id INT, a INT, amount INT);"
    f"INSERT INTO {table.name} VALUES ({at}, {at + 10}, {at + 20}), (1, 2, {at}), (2, 2, 2)"
    for at, table in enumerate(TABLES, start=1)
)
ALIASES = ("x", "y", "z", "X", "a", "t", "orders", '"a"', "_t0", "id", "")
NAMES = ("id", "a", "amount", "ID", '"id"', "A")
KINDS = ("{}", "{} AS {}", "{} AS {}", "*", "SUM({}) AS {}", "SUM({})", "COUNT(*) AS {1}")
_WORD = re.compile(r'"?\b(?:x|y|z|X|a|A|t|id|ID|orders|_t0|s)\b"?')


class Writer:
    """Writes queries by chance, most of which run."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)

    def pair(self) -> tuple[str, str]:
        """A query, and the same with some of its words written in another way, or as other words."""
        sql, pick = self.query(1, ()), self._chance.choice
        words = sorted(set(_WORD.findall(sql)))
        fresh = {pick(words): pick(("x", "y", "z", "a", "s", '"x"', "X", "q"))} if words else {}
        if pick((True, False)):
            fresh = {word: word.upper() if pick((True, False)) else f'"{word.strip(chr(34))}"' for word in words[:2]}
        some = pick((True, False, False))
        return sql, _WORD.sub(lambda found: found[0] if some and pick((1, 0)) else fresh.get(found[0], found[0]), sql)

    def query(self, depth: int, outer: tuple[str, ...]) -> str:
        """Its columns are of its own tables, or of those around it."""
        pick = self._chance.choice
        places = [self._place(depth) for _ in range(pick((1, 1, 2)))]
        scope = (*(name for _, name in places), *outer)
        wanted = [pick(KINDS).format(self._column(scope), pick((*COLUMNS, "n"))) for _ in range(pick((1, 2)))]
        sql = f"SELECT {', '.join(wanted)} FROM {' CROSS JOIN '.join(place for place, _ in places)}"
        tests = [f"{self._column(scope)} = {pick(('1', '2', self._column(scope)))}"] * pick((0, 1))
        if depth and pick((True, False, False)):
            tests.append(f"EXISTS ({self.query(depth - 1, scope)})")
        sql += f" WHERE {' AND '.join(tests)}" if tests else ""
        if depth and pick((True, False, False, False)):
            sql = f"WITH {pick(('a', 'x', 't'))} AS ({self.query(depth - 1, ())}) {sql}"
        return sql

    def _place(self, depth: int) -> tuple[str, str]:
        pick = self._chance.choice
        inside = bool(depth) and pick((True, False, False))
        inner = f"({self.query(depth - 1, ())})" if inside else pick(("orders", "Orders", '"orders"', "a", "t"))
        alias = pick(ALIASES) or ("s" if inside else "")
        return (f"{inner} AS {alias}", alias) if alias else (inner, inner)

    def _column(self, scope: tuple[str, ...]) -> str:
        return f"{self._chance.choice(scope)}.{self._chance.choice(NAMES)}"


def in_duckdb() -> Callable[[str], object]:
    connection = duckdb.connect()
    connection.execute(SETUP)

    def run(sql: str) -> object:
        try:
            found = connection.execute(sql)
            return [column[0] for column in found.description or []], sorted(map(str, found.fetchall()))
        except duckdb.Error:
            return None

    return run


def in_sqlite() -> Callable[[str], object]:
    connection = sqlite3.connect(":memory:")
    connection.executescript(SETUP)

    def run(sql: str) -> object:
        try:
            found = connection.execute(sql)
            return [column[0] for column in found.description], sorted(map(str, found.fetchall()))
        except sqlite3.Error:
            return None

    return run


@pytest.mark.parametrize(("dialect", "make"), [("duckdb", in_duckdb), ("sqlite", in_sqlite)])
def test_queries_of_one_text_give_one_answer(dialect: str, make: Callable[[], Callable[[str], object]]) -> None:
    writer, run, same = Writer(7), make(), 0
    for _ in range(QUERIES):
        try:
            trees = [sqlglot.parse_one(sql, read=dialect) for sql in writer.pair()]
        except SqlglotError:
            continue
        written = [tree.sql(dialect) for tree in trees]
        answers = [run(sql) for sql in written]
        if written[0] == written[1] or None in answers:
            continue
        one, other = (normalised(tree, dialect, TABLES) for tree in trees)
        same += one == other
        assert one != other or answers[0] == answers[1], f"{written[0]}\n{written[1]}\n{one}"
    assert same > 60, "enough of them are the same question in other words"
