"""Estimates a query from EXPLAIN FORMAT=JSON, as MariaDB and as MySQL write it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import sqlglot

from knowledge.sources.port import Estimate
from knowledge.sources.shape import rows_returned

_PER_SCAN = ("rows_examined_per_scan", "rows")


def estimate_plan(plan: str, sql: str, rows: Mapping[str, int]) -> Estimate:
    """Rows read, a table that is scanned counting in full; rows returned by the shape of the query and its joins."""
    tables = list(_tables(json.loads(plan)))
    read, loops = 0.0, 1.0
    for table in tables:
        examined = _examined(table, rows)
        read += examined * (1 if table.get("access_type") == "ALL" else loops)
        loops *= max(examined * float(table.get("filtered", 100)) / 100, 1.0)
    produced = [float(table["rows_produced_per_join"]) for table in tables if "rows_produced_per_join" in table]
    expected = produced[-1] if produced else loops
    return Estimate(round(read), rows_returned(sqlglot.parse_one(sql, read="mysql"), round(expected)))


def _examined(table: Mapping[str, Any], rows: Mapping[str, int]) -> float:
    expected = next((float(table[key]) for key in _PER_SCAN if table.get(key) is not None), 0.0)
    if table.get("access_type") in ("ALL", "index"):
        return max(float(rows.get(str(table.get("table_name", "")).lower(), 0)), expected)
    return expected


def _tables(node: Any) -> Iterator[Mapping[str, Any]]:
    """Each table of the plan in the order of the joins, wherever the server's version puts it."""
    match node:
        case {"table": {"table_name": str()} as table, **others}:
            yield table
            yield from _tables(list(table.values()) + list(others.values()))
        case dict():
            yield from _tables(list(node.values()))
        case list():
            for item in node:
                yield from _tables(item)
