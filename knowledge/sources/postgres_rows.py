"""Rows of PostgreSQL as Arrow: the type of each column follows from what the server says of the result."""

import json
from collections.abc import Callable, Sequence
from decimal import Decimal

import psycopg
import pyarrow as pa

from knowledge.sources.arrow import unique

_INTEGERS = ("int2", "int4", "int8", "oid")
_FLOATS = ("float4", "float8")
_FIXED: dict[str, pa.DataType] = {
    "bool": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "timestamptz": pa.timestamp("us", "UTC"),
    "time": pa.time64("us"),
    "bytea": pa.binary(),
    **dict.fromkeys(_INTEGERS, pa.int64()),
    **dict.fromkeys(_FLOATS, pa.float64()),
}


def batch_of(
    columns: Sequence[psycopg.Column], rows: Sequence[Sequence[object]], known: pa.Schema | None
) -> pa.RecordBatch:
    """One batch. A numeric of no set scale is whole until a fraction comes; whatever has no Arrow type here is text."""
    values = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    arrays = [
        _array(column, items, known.field(at).type if known else None)
        for at, (column, items) in enumerate(zip(columns, values, strict=True))
    ]
    return pa.RecordBatch.from_arrays(arrays, names=unique([column.name for column in columns]))


def _array(column: psycopg.Column, values: Sequence[object], known: pa.DataType | None) -> pa.Array:
    name = _type_name(column)
    if name in _FIXED:
        return pa.array(values, _FIXED[name])
    if name == "numeric":
        return _numeric(column, values, known)
    text: Callable[[object], str] = json.dumps if name in ("json", "jsonb") else str
    return pa.array([None if value is None else text(value) for value in values], pa.string())


def _numeric(column: psycopg.Column, values: Sequence[object], known: pa.DataType | None) -> pa.Array:
    decimals = [value for value in values if isinstance(value, Decimal)]
    whole = all(value.is_finite() and value == value.to_integral_value() and abs(value) < 2**63 for value in decimals)
    if whole and not column.scale and (known is None or pa.types.is_integer(known)):
        return pa.array([None if value is None else int(str(value).split(".")[0]) for value in values], pa.int64())
    return pa.array([None if value is None else float(str(value)) for value in values], pa.float64())


def _type_name(column: psycopg.Column) -> str:
    info = psycopg.adapters.types.get(column.type_code)
    if info is None or (info.array_oid == column.type_code):
        return ""
    return info.name
