"""Rows of a database that has no result types, as Arrow: types come from the values."""

from collections.abc import Sequence
from datetime import date, datetime

import pyarrow as pa

from knowledge.catalog.model import DataType
from knowledge.catalog.types import from_text


def batch_of(names: Sequence[str], rows: Sequence[Sequence[object]], known: pa.Schema | None = None) -> pa.RecordBatch:
    """One batch; a column keeps the type it had in `known` unless a value does not fit, then it is widened."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    arrays = [_array(values, known.field(at).type if known else None) for at, values in enumerate(columns)]
    return pa.RecordBatch.from_arrays(arrays, names=unique(names))


def plain(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch with whole numbers of 128 bits (sums in DuckDB) as 64 bits, or as floating numbers where too large."""
    arrays = [_narrow(column) if _wide_integer(column.type) else column for column in batch.columns]
    return pa.RecordBatch.from_arrays(arrays, names=unique(batch.schema.names))


def _wide_integer(kind: pa.DataType) -> bool:
    return bool(pa.types.is_decimal(kind) and kind.scale == 0)


def _narrow(column: pa.Array) -> pa.Array:
    try:
        return column.cast(pa.int64())
    except pa.ArrowInvalid:
        return column.cast(pa.float64())


def unique(names: Sequence[str]) -> list[str]:
    """Column names with a number after each repeated one, so that a name is one column."""
    seen: dict[str, int] = {}
    result = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        result.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return result


def _array(values: Sequence[object], known: pa.DataType | None) -> pa.Array:
    kinds = {type(value) for value in values if value is not None}
    if not kinds:
        return pa.nulls(len(values), known or pa.null())
    if kinds == {int}:
        return _integers(values, known)
    if kinds <= {int, float}:
        return pa.array([None if value is None else float(str(value)) for value in values], pa.float64())
    if kinds == {str}:
        return _texts([None if value is None else str(value) for value in values], known)
    if kinds == {bytes}:
        return pa.array(values, pa.binary())
    return pa.array([_as_text(value) for value in values], pa.string())


def _integers(values: Sequence[object], known: pa.DataType | None) -> pa.Array:
    if known is not None and pa.types.is_floating(known):
        return pa.array([None if value is None else float(str(value)) for value in values], known)
    return pa.array(values, pa.int64())


def _texts(values: Sequence[str | None], known: pa.DataType | None) -> pa.Array:
    if known is not None and (pa.types.is_string(known)):
        return pa.array(values, pa.string())
    try:
        match from_text(value for value in values if value is not None):
            case DataType.DATE if known is None or pa.types.is_date(known) or pa.types.is_null(known):
                return pa.array([None if value is None else date.fromisoformat(value) for value in values], pa.date32())
            case DataType.DATE | DataType.TIMESTAMP:
                return _moments(values)
            case _:
                return pa.array(values, pa.string())
    except ValueError:  # a date that looks right and is not, such as 30 February
        return pa.array(values, pa.string())


def _moments(values: Sequence[str | None]) -> pa.Array:
    moments = [None if value is None else datetime.fromisoformat(value) for value in values]
    zones = {moment.tzinfo is None for moment in moments if moment is not None}
    if len(zones) > 1:
        return pa.array(values, pa.string())
    return pa.array(moments, pa.timestamp("us") if True in zones else pa.timestamp("us", "UTC"))


def _as_text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return value.hex() if isinstance(value, bytes) else str(value)
