"""The answer in one line, from the rows alone."""

import re
from collections.abc import Sequence
from typing import Any

from conversation.cells import Column, cell

_MEASURES = ("integer", "number", "money", "percent")
_PERIOD = re.compile(r"\d{4}(-(\d{2}|Q[1-4]|W\d{2})(-\d{2})?)?")

Rows = Sequence[Sequence[Any]]


def headline(columns: Sequence[Column], rows: Rows, total: int) -> str:
    """One value as itself; a series by its last value and change; a ranking by its leader; else the number of rows."""
    if total == 0:
        return "No rows match."
    if total == 1:
        return _single(columns, rows[0])
    at = next((at for at, column in enumerate(columns) if column.kind in _MEASURES and at > 0), None)
    known = [row for row in rows if at is not None and isinstance(row[at], int | float) and row[0] is not None]
    if at is None or not known or len(rows) < total or len(columns) > 3:
        return f"{total:,} rows"
    if all(_PERIOD.fullmatch(str(row[0])) for row in known):
        return _series(columns, known, at) if at == 1 else f"{total:,} rows"
    return _leader(columns, known, at)


def _single(columns: Sequence[Column], row: Sequence[Any]) -> str:
    if len(columns) == 2 and columns[0].kind == "text" and columns[1].kind in _MEASURES and row[0] is not None:
        return f"{row[0]}: {cell(row[1], columns[1])}"
    return " · ".join(f"{_label(column)}: {cell(value, column)}" for column, value in zip(columns, row, strict=True))


def _series(columns: Sequence[Column], rows: Rows, at: int) -> str:
    ordered = sorted(rows, key=lambda row: str(row[0]))
    last = ordered[-1]
    words = f"{_label(columns[at])}: {cell(last[at], columns[at])} in {last[0]}"
    if len(ordered) < 2 or not ordered[-2][at]:
        return words
    before = ordered[-2]
    return f"{words}, {(last[at] - before[at]) / abs(before[at]) * 100:+.1f} % against {before[0]}"


def _leader(columns: Sequence[Column], rows: Rows, at: int) -> str:
    top = max(rows, key=lambda row: row[at])
    name = " / ".join(str(value) for value in top[:at])
    return f"{name} is highest with {cell(top[at], columns[at])}"


def _label(column: Column) -> str:
    words = column.name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]
