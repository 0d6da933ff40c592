"""Statistics of the rows that came since, merged with those of the rows that were there."""

import math
from dataclasses import replace

from knowledge.catalog.model import Column, Table
from knowledge.catalog.statistics import ALL_VALUES, TOP_VALUES


def merged(before: Table, newer: Table, rows: int) -> Table:
    """`before` brought up to date by `newer`, the same table measured over its new rows alone.

    Row and null counts, ranges, complete value lists, means and deviations are what a whole measurement would give.
    Distinct counts are exact where values are listed or where the new ones lie beyond the old; otherwise they are the
    larger of the two, which is a lower bound.
    """
    fresh = newer.by_name
    sizes = before.rows or 0, newer.rows or 0
    columns = tuple(
        _column(column, fresh[column.name.lower()], *sizes, unique=before.primary_key == (column.name,))
        for column in before.columns
    )
    return replace(before, rows=rows, columns=columns)


def _column(old: Column, new: Column, rows: int, more: int, *, unique: bool) -> Column:
    values, counts, complete = _values(old, new)
    mean, deviation = _moments(old, new, rows - (old.nulls or 0), more - (new.nulls or 0))
    return replace(
        old,
        nulls=None if old.nulls is None or new.nulls is None else old.nulls + new.nulls,
        minimum=_end(old, new, least=True),
        maximum=_end(old, new, least=False),
        distinct=len(values) if complete else _distinct(old, new, unique=unique),
        values=values,
        counts=counts,
        mean=mean,
        deviation=deviation,
    )


def _distinct(old: Column, new: Column, *, unique: bool) -> int | None:
    if old.distinct is None or new.distinct is None:
        return old.distinct
    return old.distinct + new.distinct if unique or _beyond(old, new) else max(old.distinct, new.distinct)


def _beyond(old: Column, new: Column) -> bool:
    """Whether every new value lies above every old one."""
    if old.maximum is None or new.minimum is None:
        return False
    return _key(new, new.minimum) > _key(old, old.maximum)


def _end(old: Column, new: Column, *, least: bool) -> str | None:
    first, second = (old.minimum, new.minimum) if least else (old.maximum, new.maximum)
    if first is None or second is None:
        return second if first is None else first
    pick = min if least else max
    return pick((first, second), key=lambda value: _key(old, value))


def _key(column: Column, value: str) -> tuple[float, str]:
    """Numbers are ordered as numbers, dates and timestamps as their ISO text."""
    if not column.type.numeric:
        return 0.0, value
    try:
        return float(value), ""
    except ValueError:
        return math.inf, value


def _values(old: Column, new: Column) -> tuple[tuple[str, ...], tuple[int, ...], bool]:
    """Values by how often they were seen in both; complete when both lists were and few values came together."""
    if len(old.counts) != len(old.values) or len(new.counts) != len(new.values):
        return old.values, old.counts, False
    seen = dict(zip(old.values, old.counts, strict=True))
    for value, count in zip(new.values, new.counts, strict=True):
        seen[value] = seen.get(value, 0) + count
    listed = bool(old.values or new.values) and _complete(old) and _complete(new) and len(seen) <= ALL_VALUES
    ranked = sorted(seen.items(), key=lambda item: (-item[1], item[0]))[: ALL_VALUES if listed else TOP_VALUES]
    return tuple(value for value, _ in ranked), tuple(count for _, count in ranked), listed


def _complete(column: Column) -> bool:
    return column.distinct == len(column.values)


def _moments(old: Column, new: Column, n: int, m: int) -> tuple[float | None, float | None]:
    """Mean and deviation of two groups of n and m values taken together."""
    if old.mean is None or old.deviation is None or n <= 0:
        return new.mean, new.deviation
    if new.mean is None or new.deviation is None or m <= 0:
        return old.mean, old.deviation
    apart = new.mean - old.mean
    mean = old.mean + apart * m / (n + m)
    square = (n * old.deviation**2 + m * new.deviation**2 + apart**2 * n * m / (n + m)) / (n + m)
    return mean, math.sqrt(square)
