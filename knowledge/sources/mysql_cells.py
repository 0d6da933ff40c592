"""One column of MySQL's text protocol as Arrow."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from knowledge.sources.types.mysql import MYSQL

_REAL_DATE = r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"


def column_of(cells: Sequence[bytes | None], native: str, known: pa.DataType | None) -> pa.Array:
    """The cells in the type of their column, or in a wider one where a value does not fit.

    A zero date and a day that no calendar has are null, as there is no such moment.
    """
    kind = MYSQL.arrow(native)
    raw = pa.array(cells, pa.binary())
    if pa.types.is_binary(kind):
        return raw
    if pa.types.is_null(kind):
        return pa.nulls(len(cells))
    if native.startswith("bit("):
        numbers = pa.array([None if cell is None else int.from_bytes(cell, "big") for cell in cells], pa.uint64())
        return numbers.cast(kind)
    text = _text(raw)
    if pa.types.is_string(kind) or (known is not None and pa.types.is_string(known)):
        return text
    if pa.types.is_decimal(kind) and kind.scale == 0:
        return _whole(text, kind, known)
    return _temporal(text, kind) if pa.types.is_temporal(kind) else text.cast(kind)


def _text(raw: pa.Array) -> pa.Array:
    try:
        return raw.cast(pa.string())
    except pa.ArrowInvalid:  # bytes that are no text, which a broken import can leave
        return pa.array([None if cell is None else cell.decode("utf-8", "replace") for cell in raw.to_pylist()])


def _whole(text: pa.Array, kind: pa.DataType, known: pa.DataType | None) -> pa.Array:
    """Whole numbers in 64 bits as long as they fit: a sum of integers is a decimal there."""
    if known is None or pa.types.is_integer(known):
        try:
            return text.cast(pa.int64())
        except pa.ArrowInvalid:
            return text.cast(kind)
    return text.cast(kind)


def _temporal(text: pa.Array, kind: pa.DataType) -> pa.Array:
    try:
        return _moments(text, kind)
    except pa.ArrowInvalid:
        pass
    if pa.types.is_time(kind):  # a span of more than a day, or a negative one
        return text
    real = pc.if_else(pc.match_substring_regex(text, _REAL_DATE), text, None)
    try:
        return _moments(real, kind)
    except pa.ArrowInvalid:  # such as 31 February, which one mode of the server lets in
        return pa.concat_arrays([_one(value, kind) for value in real])


def _one(value: pa.Scalar, kind: pa.DataType) -> pa.Array:
    try:
        return _moments(pa.array([value.as_py()], pa.string()), kind)
    except pa.ArrowInvalid:
        return pa.nulls(1, kind)


def _moments(text: pa.Array, kind: pa.DataType) -> pa.Array:
    if pa.types.is_time(kind):  # which Arrow reads only behind a day
        day = pc.binary_join_element_wise("1970-01-01", text, " ")
        return day.cast(pa.timestamp(kind.unit)).cast(kind)
    if pa.types.is_timestamp(kind) and kind.tz:  # the session's zone is UTC, and the text does not say so
        return text.cast(pa.timestamp(kind.unit)).cast(kind)
    return text.cast(kind)
