"""Arrow columns and values as JSON has them."""

import base64
import json
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import cast

import pyarrow as pa

from conversation.cells import CellKind
from conversation.codec import Scalar
from web.api.wire import ColumnOut

SAFE_INTEGER = 2**53
"""Beyond this a JSON number loses digits in many clients, so such an integer is sent as text."""


def columns(schema: pa.Schema) -> list[ColumnOut]:
    """The columns; a field's metadata (`kind`, `unit`) says more than its Arrow type."""
    return [ColumnOut(name=field.name, kind=_kind(field), unit=_note(field, b"unit")) for field in schema]


def rows(table: pa.Table) -> list[list[Scalar]]:
    """The rows, each value a JSON scalar: dates as ISO text, what has no JSON form as text."""
    # By index: a query may give two columns the same name.
    values: Sequence[list[object]] = [table.column(n).to_pylist() for n in range(table.num_columns)]
    return [[scalar(value) for value in row] for row in zip(*values, strict=True)]


def scalar(value: object) -> Scalar:
    """One value as JSON."""
    match value:
        case None | bool() | str():
            return value
        case int():
            return value if abs(value) <= SAFE_INTEGER else str(value)
        case float():
            return value if value - value == 0 else None
        case Decimal():
            return (
                scalar(int(value) if value == value.to_integral_value() else float(value))
                if value.is_finite()
                else None
            )
        case datetime() | date() | time():
            return value.isoformat()
        case bytes():
            return base64.b64encode(value).decode()
        case list() | dict():
            return json.dumps(value, default=str, ensure_ascii=False)
    return str(value)


def _kind(field: pa.Field) -> CellKind:
    noted = _note(field, b"kind")
    if noted in ("text", "integer", "number", "money", "percent", "date", "time", "boolean"):
        return cast(CellKind, noted)
    tests: tuple[tuple[object, CellKind], ...] = (
        (pa.types.is_boolean, "boolean"),
        (pa.types.is_integer, "integer"),
        (pa.types.is_floating, "number"),
        (pa.types.is_decimal, "number"),
        (pa.types.is_date, "date"),
        (pa.types.is_timestamp, "time"),
        (pa.types.is_time, "time"),
    )
    return next((kind for test, kind in tests if callable(test) and test(field.type)), "text")


def _note(field: pa.Field, key: bytes) -> str:
    return str((field.metadata or {}).get(key, b"").decode(errors="replace"))
