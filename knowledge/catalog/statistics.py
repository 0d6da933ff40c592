"""Measures tables: null and distinct counts, ranges, how numbers lie, and values; big tables by a sample."""

import math
from contextlib import suppress
from dataclasses import replace

from knowledge.catalog.codec import shared
from knowledge.catalog.model import Column, DataType, Table
from knowledge.catalog.probe import Probe, Rows
from knowledge.catalog.sampling import counted, estimated, within_range
from knowledge.catalog.types import from_text
from knowledge.errors import Refused, TooMuch

__all__ = ["Probe", "Rows", "count", "measure", "profiled"]

EXACT_ROWS = 100_000
"""Up to here every row is looked at; above, distinct counts come from a sample."""
SCAN_ROWS = 5_000_000
"""Up to here one pass over the whole table is made for ranges and value lists."""
TOP_VALUES = 50
ALL_VALUES = 1_000
LONGEST_VALUE = 120

_RANGED = (DataType.INTEGER, DataType.NUMBER, DataType.DATE, DataType.TIMESTAMP)


async def measure(table: Table, probe: Probe) -> Table:
    """The table with statistics and values. `table.rows` must be known, and decides how much is looked at."""
    rows = table.rows or 0
    if not rows or not table.columns:
        return table
    whole, exact = probe.relation(table), rows <= EXACT_ROWS
    if exact:
        distinct = {name: found.distinct for name, found in (await counted(table, probe, whole)).items()}
        sample = whole
    else:
        distinct, size = await estimated(table, probe)
        sample = probe.sample(table, size)
        whole = whole if rows <= SCAN_ROWS else sample
    ranged = await _ranges(table, probe, whole, exact=rows <= SCAN_ROWS)
    spread = await _spread(ranged, probe, sample)
    columns = [
        await _values(replace(column, distinct=within_range(column, distinct.get(column.name))), probe, sample, whole)
        for column in spread
    ]
    return replace(table, columns=tuple(columns))


async def count(table: Table, probe: Probe) -> Table:
    """The table with its rows counted, as far as `SCAN_ROWS`; a view that takes too long or is broken has none."""
    counted = f"SELECT count(*) FROM (SELECT 1 FROM {probe.relation(table)} LIMIT {SCAN_ROWS}) AS counted"  # noqa: S608
    try:
        ((rows,),) = await probe.ask(counted)
    except (Refused, TooMuch, TimeoutError):
        return table
    return replace(table, rows=_int(rows))


async def profiled(table: Table, probe: Probe) -> Table:
    """Counted and measured; a table that cannot be (a broken view, one that takes too long) stands as it is."""
    try:
        return await measure(table if table.rows is not None else await count(table, probe), probe)
    except (Refused, TooMuch, TimeoutError):
        return table


async def _ranges(table: Table, probe: Probe, relation: str, *, exact: bool) -> list[Column]:
    wanted = []
    for column in table.columns:
        name = probe.quote(column.name)
        ends = f"min({name}), max({name})" if column.type in _RANGED else "NULL, NULL"
        wanted.append(f"count({name}), {ends}")
    (found,) = await probe.ask(f"SELECT count(*), {', '.join(wanted)} FROM {relation}")  # noqa: S608
    columns = []
    for at, column in enumerate(table.columns):
        filled, low, high = found[1 + 3 * at : 4 + 3 * at]
        nulls = _int(found[0]) - _int(filled)
        columns.append(
            replace(column, nulls=nulls if exact else None, minimum=_text(low), maximum=_text(high)),
        )
    return columns


async def _spread(columns: list[Column], probe: Probe, relation: str) -> list[Column]:
    """Mean and standard deviation of numbers, counted from the least of them so that nothing cancels out."""
    lows = {column.name: low for column in columns if (low := _low(column)) is not None}
    if not lows:
        return columns
    away = {name: f"({probe.float(name)} - ({low!r}))" for name, low in lows.items()}
    parts = ", ".join(f"avg({each}), avg({each} * {each})" for each in away.values())
    found: Rows = ()
    with suppress(Refused, TooMuch, TimeoutError):  # a square past what a number holds: then nothing is said
        found = await probe.ask(f"SELECT {parts} FROM {relation}")  # noqa: S608
    if not found:
        return columns
    told = {name: (found[0][2 * at], found[0][2 * at + 1]) for at, name in enumerate(away)}
    return [
        _moments(column, lows[column.name], *told[column.name]) if column.name in told else column for column in columns
    ]


def _low(column: Column) -> float | None:
    if not column.type.numeric or column.minimum is None:
        return None
    try:
        low = float(column.minimum)
    except ValueError:  # SQLite keeps any text in a number's column
        return None
    return low if math.isfinite(low) else None


def _moments(column: Column, low: float, first: object, second: object) -> Column:
    try:
        mean, square = float(str(first)), float(str(second))
    except ValueError:  # no value at all in the sample
        return column
    if not (math.isfinite(mean) and math.isfinite(square)):
        return column
    deviation = math.sqrt(max(square - mean * mean, 0.0))
    return replace(column, mean=float(f"{low + mean:.12g}"), deviation=float(f"{deviation:.12g}"))


async def _values(column: Column, probe: Probe, sample: str, whole: str) -> Column:
    """Most frequent values of a text column, with how often each was seen; all of them where there are few."""
    if column.type is not DataType.TEXT or not column.distinct:
        return column
    few = column.distinct <= ALL_VALUES
    name, limit = probe.quote(column.name), ALL_VALUES + 1 if few else TOP_VALUES
    found = await probe.ask(
        f"SELECT {probe.text(column.name)}, count(*) FROM {whole if few else sample} "  # noqa: S608
        f"WHERE {name} IS NOT NULL GROUP BY {name} ORDER BY count(*) DESC, 1 LIMIT {limit}"
    )
    short = [(str(value), _int(seen)) for value, seen in found if len(str(value)) <= LONGEST_VALUE][:ALL_VALUES]
    values = tuple(shared(value) for value, _ in short)
    kind = from_text(values) if values else None
    if kind:
        return replace(column, type=kind, minimum=min(values) if few else None, maximum=max(values) if few else None)
    distinct = len(found) if few and sample != whole else column.distinct
    return replace(column, distinct=distinct, values=values, counts=tuple(seen for _, seen in short))


def _int(value: object) -> int:
    return int(str(value))


def _text(value: object) -> str | None:
    return None if value is None else str(value)
