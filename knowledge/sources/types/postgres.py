"""PostgreSQL's types, as `format_type` names them, and what of them must be asked as text."""

import re
from collections.abc import Mapping

import pyarrow as pa

from knowledge.catalog.model import DataType
from knowledge.sources.types.table import TypeTable, decimal


def _list(found: re.Match[str]) -> pa.DataType:
    return pa.list_(POSTGRES.arrow(found[1]))


POSTGRES = TypeTable(
    (
        (r"(.+?)(?:\[\])+", DataType.OTHER, _list),
        (r"smallint|int2|smallserial", DataType.INTEGER, pa.int16()),
        (r"integer|int4|serial", DataType.INTEGER, pa.int32()),
        (r"bigint|int8|bigserial|oid", DataType.INTEGER, pa.int64()),
        (r"numeric\((\d+)(?:,\s*(\d+))?\)", DataType.NUMBER, decimal),
        (r"numeric|money", DataType.NUMBER, pa.float64()),
        (r"real|float4", DataType.NUMBER, pa.float32()),
        (r"double precision|float8", DataType.NUMBER, pa.float64()),
        (r"boolean|bool", DataType.BOOLEAN, pa.bool_()),
        (r"date", DataType.DATE, pa.date32()),
        (r"timestamp(?:\(\d\))?(?: without time zone)?", DataType.TIMESTAMP, pa.timestamp("us")),
        (r"timestamp(?:\(\d\))? with time zone|timestamptz", DataType.TIMESTAMP, pa.timestamp("us", "UTC")),
        (r"time(?:\(\d\))?(?: without time zone)?", DataType.TIME, pa.time64("us")),
        (r"time(?:\(\d\))? with time zone|timetz", DataType.TIME, pa.string()),
        (r"interval.*", DataType.OTHER, pa.month_day_nano_interval()),
        (r"jsonb?", DataType.JSON, pa.string()),
        (r"bytea", DataType.BINARY, pa.binary()),
        (
            r"text|character.*|\"?char\"?.*|varchar|bpchar|name|citext|uuid|enum|inet|cidr|macaddr8?|xml",
            DataType.TEXT,
            pa.string(),
        ),
        (r"bit.*|varbit", DataType.TEXT, pa.string()),
    )
)
"""A numeric of no set precision is whole, exact or floating by its values: see `postgres_cells.py`."""

_ASKED_AS = {"uuid": "text", "money": "numeric::text", "oid": "int8", "numeric": "text"}
"""Types whose binary form says less than another type's, or is slower to read: see `bench/fetch.py` for numbers."""


def asked_as(kind: pa.DataType, name: str) -> str:
    """The type to ask a column as, where what the driver makes of its own is of no use; otherwise empty."""
    if name in _ASKED_AS:
        return _ASKED_AS[name]
    if name in ("_uuid", "_oid"):
        return f"{_ASKED_AS[name[1:]]}[]"
    if pa.types.is_list(kind):
        inner = asked_as(kind.value_type, "")
        return f"{inner}[]" if inner else ""
    if pa.types.is_struct(kind):
        return "text" if any(asked_as(field.type, type_name(field)) for field in kind) else ""
    return "text" if isinstance(kind, pa.OpaqueType) and not pa.types.is_string(kind.storage_type) else ""


def type_name(field: pa.Field) -> str:
    """The name of a result column's type, as the driver says."""
    return (_metadata(field).get(b"POSTGRESQL:type") or b"").decode()


def native_of(field: pa.Field) -> str:
    """The native type of a result column, with precision and scale where the server knows them."""
    name = type_name(field).replace("money", "numeric")
    mod = int((_metadata(field).get(b"POSTGRESQL:typmod") or b"-1").decode())
    if name == "numeric" and mod > 4:
        precision, scale = (mod - 4) >> 16 & 0xFFFF, (mod - 4) & 0x7FF
        return f"numeric({precision},{scale})" if scale < 0x400 else "numeric"
    return name


def _metadata(field: pa.Field) -> Mapping[bytes, bytes]:
    found: Mapping[bytes, bytes] = field.metadata or {}
    return found
