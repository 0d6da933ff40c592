"""What a result looks like to a chart: which column is time, which names things, which measures them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from knowledge.table_view import ColumnView

Role = Literal["time", "period", "category", "measure", "other"]

_PERIOD = re.compile(r"\d{4}(-(0[1-9]|1[0-2]|Q[1-4]|W\d{2}))?|\d{4} ?Q[1-4]|Q[1-4] \d{4}")
_YEAR_NAMES = ("year", "jahr")
MOST_COLUMNS = 5
MOST_ROWS = 5_000


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a result, `c0` and so on in the chart's data; `distinct` counts its values."""

    index: int
    view: ColumnView
    role: Role
    distinct: int

    @property
    def key(self) -> str:
        """The name in the chart's data, free of characters that mean something to Vega."""
        return f"c{self.index}"

    @property
    def title(self) -> str:
        """The name as a person reads it, with its unit."""
        name = self.view.name.replace("_", " ").strip()
        unit = "%" if self.view.kind == "percent" else self.view.unit
        return f"{name} ({unit})" if unit and unit.lower() not in name.lower() else name


@dataclass(frozen=True, slots=True)
class Shape:
    """The columns of a result by what they are for."""

    times: tuple[Field, ...]
    categories: tuple[Field, ...]
    measures: tuple[Field, ...]
    rows: int


def shape_of(table: pa.Table, views: Sequence[ColumnView]) -> Shape | None:
    """The shape of a result; None where no chart could help: one row, a wide listing, columns of another sort."""
    if not 2 <= table.num_rows <= MOST_ROWS or not 2 <= table.num_columns <= MOST_COLUMNS:
        return None
    fields = [_field(index, view, table.column(index)) for index, view in enumerate(views)]
    if any(field.role == "other" for field in fields):
        return None
    return Shape(
        tuple(field for field in fields if field.role in ("time", "period")),
        tuple(field for field in fields if field.role == "category"),
        tuple(field for field in fields if field.role == "measure"),
        table.num_rows,
    )


def _field(index: int, view: ColumnView, column: pa.ChunkedArray) -> Field:
    role = _role(view, column)
    return Field(index, view, role, 0 if role == "other" else _distinct(column))


def _distinct(column: pa.ChunkedArray) -> int:
    if pa.types.is_dictionary(column.type) or column.type == pa.string_view():
        column = column.cast(pa.string())
    return int(pc.count_distinct(column, mode="all").as_py())


def _role(view: ColumnView, column: pa.ChunkedArray) -> Role:
    odd = pa.types.is_nested(column.type) or pa.types.is_binary(column.type) or pa.types.is_duration(column.type)
    if odd or column.null_count == len(column):
        return "other"
    if view.kind in ("date", "time"):
        return "other" if pa.types.is_time(column.type) else "time"
    if view.kind in ("integer", "number", "money", "percent"):
        return "measure"
    if view.kind == "text" and pa.types.is_integer(column.type):
        return "period" if view.name.lower().endswith(_YEAR_NAMES) else "category"
    values = column.slice(0, 1_000).drop_null().to_pylist()
    return "period" if values and all(_PERIOD.fullmatch(str(value)) for value in values) else "category"
