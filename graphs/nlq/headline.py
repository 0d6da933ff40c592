"""The answer in one line, from the rows alone."""

from collections.abc import Sequence
from typing import Any

from conversation.cells import Column, cell

_MEASURES = ("integer", "number", "money", "percent")


def headline(columns: Sequence[Column], rows: Sequence[Sequence[Any]], total: int) -> str:
    """One value as itself; a ranking by its leader; a series by its last value and change; else the number of rows."""
    if total == 0:
        return "No rows match."
    if len(columns) == 1 and total == 1:
        return f"{_label(columns[0])}: {cell(rows[0][0], columns[0])}"
    if total == 1:
        return " · ".join(
            f"{_label(column)} {cell(value, column)}" for column, value in zip(columns, rows[0], strict=True)
        )
    measure = next((at for at, column in enumerate(columns) if column.kind in _MEASURES and at > 0), None)
    if measure is None or len(rows) < total or len(columns) > 3:
        return f"{total:,} rows"
    if columns[0].kind in ("date", "time"):
        return _series(columns, rows, measure)
    return _leader(columns, rows, measure)


def _series(columns: Sequence[Column], rows: Sequence[Sequence[Any]], at: int) -> str:
    known = [row for row in rows if isinstance(row[at], int | float)]
    if len(columns) > 2 or len(known) < 2:
        return f"{len(rows):,} rows"
    last, before = known[-1], known[-2]
    words = f"{_label(columns[at])} {cell(last[at], columns[at])} in {cell(last[0], columns[0])}"
    if not before[at]:
        return words
    change = (last[at] - before[at]) / abs(before[at]) * 100
    return f"{words}, {change:+.1f} % against {cell(before[0], columns[0])}"


def _leader(columns: Sequence[Column], rows: Sequence[Sequence[Any]], at: int) -> str:
    known = [row for row in rows if isinstance(row[at], int | float) and row[0] is not None]
    if not known:
        return f"{len(rows):,} rows"
    top = max(known, key=lambda row: row[at])
    name = " / ".join(str(value) for value in top[:at])
    return f"{name} is highest with {cell(top[at], columns[at])}"


def _label(column: Column) -> str:
    words = column.name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]
