"""Arrow columns and values as JSON has them."""

import base64
import json
from collections.abc import Sequence
from typing import cast, get_args

import pyarrow as pa

from conversation.codec import Scalar
from knowledge.table_view import Kind, column_kinds
from knowledge.table_view import scalar as plain
from web.api.wire import ColumnOut

SAFE_INTEGER = 2**53
"""Beyond this a JSON number loses digits in many clients, so such an integer is sent as text."""


def columns(table: pa.Table) -> list[ColumnOut]:
    """The columns; a field's metadata (`kind`, `unit`) says more than its Arrow type and name."""
    views = zip(table.schema, column_kinds(table), strict=True)
    return [
        ColumnOut(name=field.name, kind=_kind(field, view.kind), unit=_note(field, b"unit") or view.unit)
        for field, view in views
    ]


def rows(table: pa.Table) -> list[list[Scalar]]:
    """The rows, each value a JSON scalar: dates as ISO text, what has no JSON form as text."""
    # By index: a query may give two columns the same name.
    values: Sequence[list[object]] = [table.column(n).to_pylist() for n in range(table.num_columns)]
    return [[scalar(value) for value in row] for row in zip(*values, strict=True)]


def scalar(value: object) -> Scalar:
    """One value as JSON: as on a card, but with nothing cut off."""
    match value:
        case bool():
            return value
        case int() if abs(value) > SAFE_INTEGER:
            return str(value)
        case bytes():
            return base64.b64encode(value).decode()
        case list() | dict():
            return json.dumps(value, default=str, ensure_ascii=False)
    return plain(value)


def _kind(field: pa.Field, otherwise: Kind) -> Kind:
    noted = _note(field, b"kind")
    return cast(Kind, noted) if noted in get_args(Kind) else otherwise


def _note(field: pa.Field, key: bytes) -> str:
    return str((field.metadata or {}).get(key, b"").decode(errors="replace"))
