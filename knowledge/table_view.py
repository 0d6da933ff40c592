"""From a result to what a table on a card needs: a kind and a unit for each column, and rows of JSON scalars."""

import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

import pyarrow as pa

from knowledge.catalog.model import Table
from knowledge.meaning import CURRENCIES, Meaning

if TYPE_CHECKING:
    from sqlglot import exp

Kind: TypeAlias = Literal["text", "integer", "number", "money", "percent", "date", "time", "boolean"]
Scalar: TypeAlias = str | int | float | bool | None


class ColumnView(NamedTuple):
    """How one column is shown; the names of the kinds are those of `conversation.cells`."""

    name: str
    kind: Kind
    unit: str = ""


def column_kinds(table: pa.Table, query: "exp.Expr | None" = None, tables: Sequence[Table] = ()) -> list[ColumnView]:
    """A view for each column of a result.

    With the query and the catalog's tables that it reads, sums of money are money in their currency, shares are
    percent, and keys and years are names rather than numbers.
    """
    names = table.schema.names
    found = [Meaning()] * len(names)
    if query is not None:
        from knowledge.units import meanings  # loads sqlglot, which only who has a query needs

        found = meanings(query, tables, names)
    return [_view(field.name, field.type, meaning) for field, meaning in zip(table.schema, found, strict=True)]


_FORMATS: dict[str, Kind] = {"money": "money", "percent": "percent", "number": "number", "duration": "number"}


def defined(views: Sequence[ColumnView], terms: Sequence[Mapping[str, Any]]) -> list[ColumnView]:
    """The views, in which figures of metrics have the unit and format of the glossary (fields of `Applied`)."""
    told = {term["heading"]: term for term in terms if term["heading"]}
    return [_defined(view, told[view.name]) if view.name in told else view for view in views]


def _defined(view: ColumnView, term: Mapping[str, Any]) -> ColumnView:
    kind, unit = _FORMATS.get(term["format"], "number"), term["unit"]
    if term["format"] == "number":
        kind = "money" if unit in CURRENCIES else "integer" if view.kind == "integer" else "number"
    return ColumnView(view.name, kind, unit or view.unit)


def noted(table: pa.Table, views: Sequence[ColumnView]) -> pa.Table:
    """The table with each column's kind and unit in its Arrow metadata, for whoever pages through it later."""
    fields = [
        field.with_metadata({"kind": view.kind, "unit": view.unit})
        for field, view in zip(table.schema, views, strict=True)
    ]
    return table.cast(pa.schema(fields))


def scalars(table: pa.Table, start: int = 0, count: int | None = None) -> list[tuple[Scalar, ...]]:
    """Rows from `start`, at most `count`, as JSON scalars: dates in ISO form, decimals as numbers, NaN as None."""
    part = table.slice(start, count)
    columns = [[scalar(value) for value in column.to_pylist()] for column in part.columns]
    return list(zip(*columns, strict=True)) if columns else []


def scalar(value: object) -> Scalar:
    """One value as a JSON scalar."""
    match value:
        case None | bool() | int() | str():
            return value
        case float() | Decimal():
            number = float(value)
            return number if math.isfinite(number) else None
        case datetime():
            return value.isoformat(" ", "seconds")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case bytes():
            return f"{len(value):,} bytes"
        case _:
            return str(value)


def _view(name: str, kind: pa.DataType, meaning: Meaning) -> ColumnView:
    if pa.types.is_boolean(kind):
        return ColumnView(name, "boolean")
    if pa.types.is_date(kind):
        return ColumnView(name, "date")
    if pa.types.is_timestamp(kind) or pa.types.is_time(kind):
        return ColumnView(name, "time")
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return _number(name, meaning, whole=pa.types.is_integer(kind))
    return ColumnView(name, "text")


def _number(name: str, meaning: Meaning, *, whole: bool) -> ColumnView:
    lowered = name.lower()
    if whole and (meaning.key or lowered in ("id", "year") or lowered.endswith(("_id", "_year"))):
        return ColumnView(name, "text")
    if meaning.unit == "%" or (not whole and "percent" in lowered):
        return ColumnView(name, "percent")
    if meaning.unit in CURRENCIES:
        return ColumnView(name, "money", meaning.unit)
    return ColumnView(name, "integer" if whole else "number", meaning.unit)
