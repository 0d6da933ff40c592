"""Types that the catalog promises, for rows that do not pass through DuckDB."""

from collections.abc import Sequence

import pyarrow as pa

from knowledge.federation.plan import Field
from knowledge.federation.types import BOOLEAN, INTEGER, NUMBER, is_decimal, scale_of


def typed(batch: pa.RecordBatch, fields: Sequence[Field]) -> pa.RecordBatch:
    """A batch of a query that one source answers by itself, with the types that the catalog promises."""
    arrays = [_promised(column, field.type) for column, field in zip(batch.columns, fields, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, names=batch.schema.names)


def _promised(column: pa.Array, kind: str) -> pa.Array:
    wanted: pa.DataType | None = None
    if kind == BOOLEAN and pa.types.is_integer(column.type):
        wanted = pa.bool_()
    elif is_decimal(kind) and pa.types.is_floating(column.type):
        wanted = pa.decimal128(38, scale_of(kind))
    elif kind == INTEGER and pa.types.is_decimal(column.type):
        wanted = pa.int64()
    elif kind == NUMBER and (pa.types.is_decimal(column.type) or pa.types.is_integer(column.type)):
        wanted = pa.float64()
    return column if wanted is None else column.cast(wanted)
