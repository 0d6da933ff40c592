"""A chart in words, for screen readers, notifications and logs."""

from collections.abc import Sequence
from typing import Any

from knowledge.charts.shape import Field

LONGEST = 400


def describe(kind: str, used: Sequence[Field], rows: list[dict[str, Any]], note: str) -> str:
    """One or two sentences: the kind of chart, its axes, and its highest and lowest values."""
    first, second = used[0], used[1]
    if kind == "scatter":
        text = f"Scatter chart of {second.title} against {first.title}, {len(rows)} points."
    else:
        by = " and ".join(field.title for field in (first, *used[2:]))
        text = f"{kind.capitalize()} chart of {second.title} by {by}. {_ends(rows, used)}"
    return " ".join(part for part in (text.strip(), f"{note}." if note else "") if part)[:LONGEST]


def _ends(rows: list[dict[str, Any]], used: Sequence[Field]) -> str:
    measure = used[1]
    filled = [row for row in rows if isinstance(row[measure.key], int | float)]
    if not filled:
        return ""
    high = max(filled, key=lambda row: row[measure.key])
    low = min(filled, key=lambda row: row[measure.key])
    return f"Highest: {_point(high, used)}; lowest: {_point(low, used)}."


def _point(row: dict[str, Any], used: Sequence[Field]) -> str:
    name = ", ".join(str(row[field.key]) for field in (used[0], *used[2:]))
    value = row[used[1].key]
    return f"{name} with {value:,}" if isinstance(value, int) else f"{name} with {value:,.2f}"
