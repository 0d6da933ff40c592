"""Chooses a chart from the shape of a result, and says in words what it shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from knowledge.charts import marks
from knowledge.charts.shape import Field, Shape, shape_of
from knowledge.charts.theme import BACKGROUNDS, config
from knowledge.charts.words import describe
from knowledge.table_view import ColumnView, scalars

MOST_POINTS = 500
MOST_BARS = 20
MOST_SERIES = 8
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"

Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Figure:
    """A Vega-Lite specification with its data inside, its title, and the same in words for who cannot see it."""

    spec: dict[str, Any]
    title: str
    alt: str


@dataclass(frozen=True, slots=True)
class _Plan:
    kind: str
    encoding: dict[str, Any]
    mark: dict[str, Any]
    rows: Rows
    used: tuple[Field, ...]
    note: str = ""
    height: int | dict[str, int] = 260


def choose(table: pa.Table, columns: Sequence[ColumnView], *, title: str = "") -> Figure | None:
    """The chart that fits the result, or None where a table or a number says it better.

    A time and a measure make a line, one line a category; categories make bars, the longest first; two categories make
    stacked or grouped bars; two measures make points. At most 500 rows of data go in, and what was left out is said.
    """
    shape = shape_of(table, columns)
    if shape is None or not shape.measures:
        return None
    plan = _plan(table, shape)
    if plan is None:
        return None
    heading = title or _heading(plan)
    spec: dict[str, Any] = {
        "$schema": SCHEMA,
        "title": {"text": heading, "subtitle": plan.note} if plan.note else {"text": heading},
        "width": "container",
        "height": plan.height,
        "autosize": {"type": "fit", "contains": "padding"},
        "background": BACKGROUNDS[False],
        "config": config(),
        "data": {"values": plan.rows},
        "mark": plan.mark,
        "encoding": plan.encoding,
    }
    alt = describe(plan.kind, plan.used, plan.rows, plan.note)
    return Figure({**spec, "description": alt}, heading, alt)


def _plan(table: pa.Table, shape: Shape) -> _Plan | None:
    match len(shape.times), len(shape.categories):
        case 1, 0 if shape.times[0].distinct == shape.rows:
            return _line(table, shape)
        case 1, 1 if _pairs_differ(table, shape.times[0], shape.categories[0]):
            return _lines(table, shape)
        case 0, 1 if shape.categories[0].distinct == shape.rows:
            return _bars(table, shape)
        case 0, 2 if _pairs_differ(table, *shape.categories):
            return _nested_bars(table, shape)
        case 0, 0 if len(shape.measures) == 2 and shape.rows >= 5:
            return _points(table, shape)
        case _:
            return None


def _line(table: pa.Table, shape: Shape) -> _Plan:
    time, measure = shape.times[0], shape.measures[0]
    ordered = _sorted(table, time)
    rows = _rows(ordered.slice(max(shape.rows - MOST_POINTS, 0)), (time, measure))
    note = f"The last {MOST_POINTS} of {shape.rows:,} points" if shape.rows > MOST_POINTS else ""
    mark, encoding = marks.line(time, measure, points=len(rows) <= 40)
    return _Plan("line", encoding, mark, rows, (time, measure), note)


def _lines(table: pa.Table, shape: Shape) -> _Plan | None:
    time, category, measure = shape.times[0], shape.categories[0], shape.measures[0]
    rows = _rows(_sorted(table, time), (time, category, measure))
    kept = _largest(rows, category, measure, MOST_SERIES)
    note = f"The {MOST_SERIES} largest of {category.distinct:,}" if category.distinct > MOST_SERIES else ""
    rows = [row for row in rows if row[category.key] in kept]
    if len(rows) > MOST_POINTS:
        return None
    mark, encoding = marks.line(time, measure, points=time.distinct <= 24)
    encoding |= marks.series(category, kept, encoding)
    return _Plan("line", encoding, mark, rows, (time, measure, category), note)


def _bars(table: pa.Table, shape: Shape) -> _Plan:
    category, measure = shape.categories[0], shape.measures[0]
    rows = _rows(_sorted(table, measure, descending=True).slice(0, MOST_BARS), (category, measure))
    note = f"The {MOST_BARS} largest of {shape.rows:,}" if shape.rows > MOST_BARS else ""
    mark, encoding = marks.bars(category, measure, [row[category.key] for row in rows])
    return _Plan("bar", encoding, mark, rows, (category, measure), note, 40 + 24 * len(rows))


def _nested_bars(table: pa.Table, shape: Shape) -> _Plan | None:
    """The category with fewer values gives the colours; parts of a whole are stacked, the rest stands side by side."""
    outer, inner = sorted(shape.categories, key=lambda field: -field.distinct)
    measure = shape.measures[0]
    if inner.distinct > MOST_SERIES:
        return None
    rows = _rows(table, (outer, inner, measure))
    kept = _largest(rows, outer, measure, MOST_BARS)
    note = f"The {MOST_BARS} largest of {outer.distinct:,}" if outer.distinct > MOST_BARS else ""
    rows = [row for row in rows if row[outer.key] in kept]
    stacked = _additive(measure) and all(_size(row[measure.key]) >= 0 for row in rows)
    mark, encoding = marks.bars(outer, measure, kept)
    encoding |= marks.series(inner, _largest(rows, inner, measure, MOST_SERIES), encoding)
    if not stacked:
        encoding["yOffset"] = {"field": inner.key, "sort": encoding["color"]["sort"]}
    height = 40 + (24 if stacked else 12 * inner.distinct + 8) * len(kept)
    return _Plan(
        "stacked bar" if stacked else "grouped bar", encoding, mark, rows, (outer, measure, inner), note, height
    )


def _points(table: pa.Table, shape: Shape) -> _Plan:
    across, up = shape.measures
    rows = _rows(table.slice(0, MOST_POINTS), (across, up))
    note = f"The first {MOST_POINTS} of {shape.rows:,} points" if shape.rows > MOST_POINTS else ""
    mark, encoding = marks.points(across, up)
    return _Plan("scatter", encoding, mark, rows, (across, up), note)


def _rows(table: pa.Table, fields: Sequence[Field]) -> Rows:
    part = table.select([field.index for field in fields])
    names = [field.key for field in fields]
    rows = [dict(zip(names, row, strict=True)) for row in scalars(part)]
    for key in [field.key for field in fields if field.role == "category"]:
        labels = _labels([row[key] for row in rows])
        for row in rows:
            row[key] = labels[row[key]]
    return rows


def _labels(values: Sequence[object]) -> dict[object, str]:
    """A short label for each value, different for different values."""
    labels: dict[object, str] = {}
    taken: dict[str, int] = {}
    for value in dict.fromkeys(values):
        label = _label(value)
        taken[label] = taken.get(label, 0) + 1
        labels[value] = label if taken[label] == 1 else f"{label} ({taken[label]})"
    return labels


def _label(value: object) -> str:
    if value is None or value == "":
        return "(empty)"
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = " ".join(str(value).split())
    return text if len(text) <= 60 else text[:59] + "…"


def _sorted(table: pa.Table, field: Field, *, descending: bool = False) -> pa.Table:
    keys = pa.table([table.column(field.index)], names=["key"])
    return table.take(pc.sort_indices(keys, sort_keys=[("key", "descending" if descending else "ascending")]))


def _pairs_differ(table: pa.Table, one: Field, other: Field) -> bool:
    """Whether each pair of the two columns occurs once."""
    pairs = zip(table.column(one.index).to_pylist(), table.column(other.index).to_pylist(), strict=True)
    return len(set(pairs)) == int(table.num_rows)


def _largest(rows: Rows, category: Field, measure: Field, count: int) -> list[Any]:
    totals: dict[Any, float] = {}
    for row in rows:
        totals[row[category.key]] = totals.get(row[category.key], 0.0) + _size(row[measure.key])
    return sorted(totals, key=lambda name: (-totals[name], str(name)))[:count]


def _size(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _additive(measure: Field) -> bool:
    name = measure.view.name.lower()
    averaged = any(
        word in name for word in ("avg", "average", "mean", "median", "rate", "share", "ratio", "min", "max")
    )
    return measure.view.kind in ("integer", "money", "number") and not averaged


def _heading(plan: _Plan) -> str:
    names = [field.view.name.replace("_", " ").strip() for field in plan.used]
    if plan.kind == "scatter":
        return f"{names[1]} against {names[0]}".capitalize()
    measure = names[1]
    others = [names[0], *names[2:]]
    return f"{measure} by {' and '.join(others)}".capitalize()
