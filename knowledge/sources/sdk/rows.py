"""Rows of Python values as Arrow: what any database driver gives."""

import json
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pyarrow as pa

from knowledge.sources.arrow import unique

Values = Sequence[object]
WIDEST = 38
"""Digits of Arrow's usual decimal."""


def batch_of(names: Sequence[str], rows: Sequence[Values], known: pa.Schema | None = None) -> pa.RecordBatch:
    """One batch; a column keeps the type it had in `known` unless a value does not fit, then it is widened."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    arrays = [_array(values, known.field(at).type if known else pa.null()) for at, values in enumerate(columns)]
    return pa.RecordBatch.from_arrays(arrays, names=unique(names))


def _array(values: Values, known: pa.DataType) -> pa.Array:
    kinds = {type(value) for value in values if value is not None}
    if not kinds:
        return pa.nulls(len(values), known)
    if pa.types.is_null(known):
        return _typed(values, kinds)
    if kinds <= _EXACT.get(known, set()):
        return _plain(values, known)
    fresh = _typed(values, kinds)
    return fresh if fresh.type == known else _wider(values, fresh, known)


def _typed(values: Values, kinds: set[type]) -> pa.Array:
    """The array by the types of its values."""
    for type_, fit in _EXACT.items():
        if kinds <= fit:
            return _plain(values, type_)
    if kinds <= {Decimal, int}:
        return _decimals(values)
    if kinds == {datetime}:
        return _moments(values)
    return pa.array([None if value is None else _text(value) for value in values], pa.string())


def _plain(values: Values, kind: pa.DataType) -> pa.Array:
    try:
        return pa.array(values, kind)
    except (pa.ArrowInvalid, OverflowError):  # a whole number of more than 64 bits
        return pa.array([None if value is None else float(str(value)) for value in values], pa.float64())


def _decimals(values: Values) -> pa.Array:
    numbers = [None if value is None else Decimal(str(value)) for value in values]
    exponents = [int(number.as_tuple().exponent) for number in numbers if number is not None and number.is_finite()]
    scale = -min((*exponents, 0))
    try:
        return pa.array(numbers, pa.decimal128(WIDEST, scale))
    except pa.ArrowInvalid:  # more than 38 digits, or no number at all
        return pa.array([None if number is None else float(number) for number in numbers], pa.float64())


def _moments(values: Values) -> pa.Array:
    """With a zone in UTC, without one as they are; text where both come."""
    naive = {value.tzinfo is None for value in values if isinstance(value, datetime)}
    if len(naive) > 1:
        return pa.array([None if value is None else _text(value) for value in values], pa.string())
    return pa.array(values, pa.timestamp("us", None if naive == {True} else "UTC"))


def _wider(values: Values, fresh: pa.Array, known: pa.DataType) -> pa.Array:
    """The narrowest type that holds what came before and what comes now."""
    numbers = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal)
    if all(any(test(kind) for test in numbers) for kind in (fresh.type, known)):
        try:
            return fresh.cast(known)
        except pa.ArrowInvalid:
            return pa.array([None if value is None else float(str(value)) for value in values], pa.float64())
    return pa.array([None if value is None else _text(value) for value in values], pa.string())


def _text(value: object) -> str:
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, ensure_ascii=False, default=_text)
    return str(value)


_EXACT: dict[pa.DataType, set[type]] = {
    pa.bool_(): {bool},
    pa.int64(): {int},
    pa.float64(): {float, int},
    pa.string(): {str},
    pa.binary(): {bytes},
    pa.date32(): {date},
    pa.time64("us"): {time},
    pa.duration("us"): {timedelta},
}
