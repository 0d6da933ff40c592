"""Collects the batches of an answer into one Arrow table."""

import asyncio
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc
from sqlglot import exp

from knowledge.catalog.model import Table
from knowledge.units import meanings


async def as_table(batches: list[pa.RecordBatch]) -> pa.Table:
    """All batches of one answer as one table."""
    return await asyncio.to_thread(_one_table, batches) if len(batches) > 50 else _one_table(batches)


def with_booleans(table: pa.Table, query: exp.Expr, tables: Sequence[Table]) -> pa.Table:
    """A database without booleans (SQLite) gives 0 and 1 for a column that the catalog knows as yes or no."""
    for at, meaning in enumerate(meanings(query, tables, table.schema.names)):
        column = table.column(at)
        if meaning.boolean and pa.types.is_integer(column.type) and set(pc.unique(column).to_pylist()) <= {0, 1, None}:
            table = table.set_column(at, table.schema.names[at], column.cast(pa.bool_()))
    return table


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
    if all(_is_number(kind) for kind in distinct):
        return pa.float64()
    if all(pa.types.is_date(kind) or pa.types.is_timestamp(kind) for kind in distinct):
        return pa.timestamp("us")
    return pa.string()


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))
