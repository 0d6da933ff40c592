"""Estimates a query from PostgreSQL's EXPLAIN."""

import json
from collections.abc import Mapping
from typing import Any

import sqlglot

from knowledge.sources.port import Estimate
from knowledge.sources.shape import rows_returned


def estimate_plan(plan: Any, sql: str, rows: Mapping[str, int]) -> Estimate:
    """Rows read, a table that is scanned counting in full; rows returned by the query's shape and the planner."""
    root = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]
    query = sqlglot.parse_one(sql, read="postgres")
    return Estimate(_rows_read(root, rows), rows_returned(query, int(root.get("Plan Rows", 0))))


def _rows_read(plan: Mapping[str, Any], rows: Mapping[str, int]) -> int:
    read = sum(_rows_read(child, rows) for child in plan.get("Plans", ()))
    expected = int(plan.get("Plan Rows", 0))
    kind = str(plan.get("Node Type", ""))
    if kind == "Seq Scan":
        return read + max(rows.get(_key(plan.get("Schema", "public"), plan.get("Relation Name", "")), 0), expected)
    return read + (expected if "Scan" in kind and "Subquery" not in kind else 0)


def _key(schema: str, name: str) -> str:
    return f"{schema}.{name}".lower()
