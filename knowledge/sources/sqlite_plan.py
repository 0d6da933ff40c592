"""Estimates a query from SQLite's plan: EXPLAIN QUERY PLAN, row counts, and the statistics of ANALYZE."""

import re
import sqlite3
from collections import defaultdict

import sqlglot
from sqlglot import exp

from knowledge.sources.port import Estimate
from knowledge.sources.shape import rows_returned

_STEP = re.compile(
    r"^(SCAN|SEARCH) (?:TABLE )?(\S+)(?: AS \S+)?(?: USING (?:AUTOMATIC )?(?:PARTIAL )?(?:COVERING )?(.*))?$"
)
_RANGE_SHARE = 0.1


def estimate_plan(database: sqlite3.Connection, sql: str, rows: dict[str, int]) -> Estimate:
    """Rows read in the nested loops of the plan; rows returned by the shape of the query and those loops."""
    query = sqlglot.parse_one(sql, read="sqlite")
    names = {table.alias_or_name.lower(): table.name.lower() for table in query.find_all(exp.Table)}
    counts = _Counts(database, rows)
    children: dict[int, list[str]] = defaultdict(list)
    for _, parent, _, detail in database.execute(f"EXPLAIN QUERY PLAN {sql}"):
        children[parent].append(detail)
    read, returned = 0.0, 0.0
    for parent, steps in children.items():
        loop_read, loop_rows = _loops(steps, names, counts)
        read += loop_read
        returned = loop_rows if parent == 0 else max(returned, loop_rows)
    return Estimate(round(read), rows_returned(query, round(returned)))


def _loops(steps: list[str], names: dict[str, str], counts: "_Counts") -> tuple[float, float]:
    """Steps with one parent are loops within loops."""
    read, outer = 0.0, 1.0
    for detail in steps:
        found = _STEP.match(detail)
        if not found or found[2].lower() not in names:
            continue
        table = names[found[2].lower()]
        inner = counts.of(table) if found[1] == "SCAN" else counts.search(table, found[3] or "")
        read += outer * inner
        outer *= max(inner, 1.0)
    return read, outer


class _Counts:
    """Row counts of tables, and how many rows one value of an index leads to."""

    def __init__(self, database: sqlite3.Connection, rows: dict[str, int]) -> None:
        self._database = database
        self._rows = rows
        self._indexes: dict[str, list[int]] = {}
        self._analysed: dict[str, int] = {}
        if database.execute("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat1'").fetchone():
            for table, index, stat in database.execute("SELECT tbl, idx, stat FROM sqlite_stat1"):
                numbers = [int(part) for part in stat.split() if part.isdigit()]
                self._indexes[str(index or table).lower()] = numbers
                self._analysed[str(table).lower()] = numbers[0] if numbers else 0

    def of(self, table: str) -> float:
        """Rows of a table: as measured, as ANALYZE counted them, or counted now."""
        if table not in self._rows and self._analysed.get(table):
            return float(self._analysed[table])
        if table not in self._rows:
            quoted = '"' + table.replace('"', '""') + '"'
            (count,) = self._database.execute(f"SELECT count(*) FROM {quoted}").fetchone()  # noqa: S608
            self._rows[table] = count
        return float(self._rows[table])

    def search(self, table: str, using: str) -> float:
        """Rows that one search finds."""
        equal, ranged = using.count("=?"), len(re.findall(r"[<>]\?", using))
        if "PRIMARY KEY (rowid=?)" in using:
            return 1.0
        numbers = self._indexes.get(using.removeprefix("INDEX ").split(" ")[0].lower(), [])
        rows = self.of(table)
        if equal:
            rows = float(numbers[equal]) if equal < len(numbers) else max(rows / 1000, 1.0)
        return max(rows * _RANGE_SHARE, 1.0) if ranged else rows
