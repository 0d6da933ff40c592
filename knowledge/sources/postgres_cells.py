"""What ADBC gives of PostgreSQL's values as plain Arrow: exact numbers, dates that there are, no extension types."""

import pyarrow as pa
import pyarrow.compute as pc

from knowledge.sources.arrow import unique
from knowledge.sources.types.postgres import POSTGRES, native_of
from knowledge.sources.types.table import decimal_of

EXACT_SCALE = 10
"""A number of no set precision with more decimals comes of a division, and is floating."""

_DAYS = (-719_162, 2_932_896)
_SECOND = 1_000_000
_DAY = 86_400 * _SECOND


def plain_batch(batch: pa.RecordBatch, described: pa.Schema, known: pa.Schema | None) -> pa.RecordBatch:
    """The batch in plain types, under the names of `described`, which says what its columns are in the database.

    A column has the type it had in `known` unless a value does not fit, then a wider one.
    """
    arrays = [
        _plain(column, native_of(field), known.field(at).type if known else None)
        for at, (column, field) in enumerate(zip(batch.columns, described, strict=True))
    ]
    return pa.RecordBatch.from_arrays(arrays, names=unique(described.names))


def _plain(column: pa.Array, native: str, known: pa.DataType | None) -> pa.Array:
    kind = column.type
    if isinstance(kind, pa.OpaqueType) and kind.type_name == "numeric":  # within a list
        return _numeric(column.storage, native, known)
    if pa.types.is_string(kind) and native.startswith("numeric"):
        return _numeric(column, native, known)
    if isinstance(kind, pa.BaseExtensionType):
        return column.storage
    if pa.types.is_list(kind):
        inner = _plain(column.values, "", known.value_type if known else None)
        return pa.ListArray.from_arrays(column.offsets, inner, mask=column.is_null() if column.null_count else None)
    if pa.types.is_date32(kind):
        return _within(column, pa.int32(), *_DAYS)
    if pa.types.is_timestamp(kind):
        return _within(column, pa.int64(), _DAYS[0] * _DAY, (_DAYS[1] + 1) * _DAY - 1)
    return column


def _within(column: pa.Array, number: pa.DataType, low: int, high: int) -> pa.Array:
    """Infinity, and days outside the years 1 to 9999, are null: nothing that reads them further on knows such a day."""
    numbers = column.view(number)
    ends = pc.min_max(numbers)
    if not ends["min"].is_valid or (ends["min"].as_py() >= low and ends["max"].as_py() <= high):
        return column
    there = pc.and_(pc.greater_equal(numbers, low), pc.less_equal(numbers, high))
    return pc.if_else(there, column, pa.scalar(None, column.type))


def _numeric(text: pa.Array, native: str, known: pa.DataType | None) -> pa.Array:
    """Exact where precision is set; else whole, exact or floating by the values, and no narrower than before."""
    declared = POSTGRES.arrow(native) if "(" in native else None
    for kind in (declared,) if declared is not None else _candidates(text, known):
        try:
            return text.cast(kind)
        except pa.ArrowInvalid:  # NaN or infinity, or too many digits
            continue
    return _floating(text)


def _candidates(text: pa.Array, known: pa.DataType | None) -> list[pa.DataType]:
    scale = _scale(text)
    if known is not None and pa.types.is_floating(known):
        return []
    if known is not None and pa.types.is_decimal(known):
        scale = max(scale, known.scale)
    whole = [pa.int64()] if scale == 0 and (known is None or not pa.types.is_decimal(known)) else []
    return [*whole, *([decimal_of(38, scale), decimal_of(76, scale)] if scale <= EXACT_SCALE else [])]


def _scale(text: pa.Array) -> int:
    """The most decimals of any value."""
    point = pc.find_substring(text, ".")
    decimals = pc.if_else(pc.less(point, 0), 0, pc.subtract(pc.subtract(pc.utf8_length(text), point), 1))
    return int(pc.max(decimals).as_py() or 0)


def _floating(text: pa.Array) -> pa.Array:
    return text.cast(pa.float64())
