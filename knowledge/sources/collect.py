"""Collects the batches of an answer into one Arrow table."""

import asyncio
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc
from sqlglot import exp

from knowledge.catalog.model import Table
from knowledge.units import meanings


async def as_table(batches: list[pa.RecordBatch]) -> pa.Table:
    """All batches of one answer as one table; spans of months, which Parquet has no place for, as text."""
    return await asyncio.to_thread(_kept, batches) if len(batches) > 50 else _kept(batches)


def with_booleans(table: pa.Table, query: exp.Expr, tables: Sequence[Table]) -> pa.Table:
    """A database without booleans (SQLite) gives 0 and 1 for a column that the catalog knows as yes or no."""
    for at, meaning in enumerate(meanings(query, tables, table.schema.names)):
        column = table.column(at)
        if meaning.boolean and pa.types.is_integer(column.type) and set(pc.unique(column).to_pylist()) <= {0, 1, None}:
            table = table.set_column(at, table.schema.names[at], column.cast(pa.bool_()))
    return table


def _kept(batches: list[pa.RecordBatch]) -> pa.Table:
    table = _one_table(batches)
    for at, field in enumerate(table.schema):
        if field.type == pa.month_day_nano_interval():
            spans = [None if span is None else _span(span) for span in table.column(at).to_pylist()]
            table = table.set_column(at, field.name, pa.array(spans, pa.string()))
    return table


def _span(span: pa.MonthDayNano) -> str:
    """A span of time as a person reads it: `1 month 2 days 03:04:05`."""
    counts = ((span.months, "month"), (span.days, "day"))
    parts = [f"{count} {unit}{'' if abs(count) == 1 else 's'}" for count, unit in counts if count]
    seconds = abs(span.nanoseconds) // 1_000_000_000
    if seconds or not parts:
        sign = "-" if span.nanoseconds < 0 else ""
        parts.append(f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}")
    return " ".join(parts)


def _one_table(batches: list[pa.RecordBatch]) -> pa.Table:
    """Batches as one table; a column that was widened on the way has the widest of its types."""
    if not batches:
        return pa.table({})
    first = batches[0].schema
    if all(batch.schema.equals(first) for batch in batches):
        return pa.Table.from_batches(batches)
    widest = [_widest([batch.schema.field(at).type for batch in batches]) for at in range(len(first))]
    wide = pa.schema([pa.field(field.name, kind) for field, kind in zip(first, widest, strict=True)])
    return pa.concat_tables([pa.Table.from_batches([batch]).cast(wide) for batch in batches])


def _widest(types: list[pa.DataType]) -> pa.DataType:
    distinct = [kind for kind in dict.fromkeys(types) if not pa.types.is_null(kind)]
    if len(distinct) <= 1:
        return distinct[0] if distinct else pa.null()
    if all(_numeric(kind) for kind in distinct):
        decimals = [kind for kind in distinct if pa.types.is_decimal(kind)]
        exact = decimals and not any(pa.types.is_floating(kind) for kind in distinct)
        return _exact(decimals) if exact else pa.float64()
    if all(pa.types.is_date(kind) or pa.types.is_timestamp(kind) for kind in distinct):
        return pa.timestamp("us")
    return pa.string()


def _numeric(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _exact(decimals: list[pa.DataType]) -> pa.DataType:
    """Digits enough before and after the point for each of them, and for 64-bit integers."""
    scale = max(kind.scale for kind in decimals)
    digits = max(19, *(kind.precision - kind.scale for kind in decimals)) + scale
    return pa.decimal128(digits, scale) if digits <= 38 else pa.decimal256(min(digits, 76), scale)
