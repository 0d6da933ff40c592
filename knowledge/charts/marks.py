"""Marks and encodings of Vega-Lite, as plain dictionaries: building them takes microseconds."""

from typing import Any

from knowledge.charts.shape import Field

Parts = tuple[dict[str, Any], dict[str, Any]]


def line(time: Field, measure: Field, *, points: bool) -> Parts:
    """A line over time; periods such as 2025-Q2 stand in their order, dates on a time axis."""
    mark = {"type": "line", "point": points}
    across: dict[str, Any] = {"field": time.key, "title": time.title}
    if time.role == "time":
        across |= {"type": "temporal", "axis": {"grid": False}}
    else:
        across |= {"type": "ordinal", "axis": {"labelAngle": 0, "labelOverlap": True, "grid": False}}
    return mark, {"x": across, "y": _quantity(measure), "tooltip": [_tip(time), _tip(measure)]}


def bars(category: Field, measure: Field, order: list[Any]) -> Parts:
    """Horizontal bars, so that names can be read, in the order given."""
    names = {"field": category.key, "type": "nominal", "title": category.title, "sort": order}
    mark = {"type": "bar", "cornerRadiusEnd": 2}
    return mark, {"y": names, "x": _quantity(measure, zero=True), "tooltip": [_tip(category), _tip(measure)]}


def points(across: Field, up: Field) -> Parts:
    """One point a row."""
    mark = {"type": "point", "filled": True, "opacity": 0.7, "size": 45}
    return mark, {"x": _quantity(across), "y": _quantity(up), "tooltip": [_tip(across), _tip(up)]}


def series(category: Field, order: list[Any], encoding: dict[str, Any]) -> dict[str, Any]:
    """A colour for each value of a category, and its name in the tooltip."""
    colour = {"field": category.key, "type": "nominal", "title": category.title, "sort": order}
    return {"color": colour, "tooltip": [_tip(category), *encoding["tooltip"]]}


def _quantity(field: Field, *, zero: bool = False) -> dict[str, Any]:
    axis = {"format": _format(field), "tickCount": 6}
    return {
        "field": field.key,
        "type": "quantitative",
        "title": field.title,
        "axis": axis,
        "scale": {"zero": zero, "nice": True},
    }


def _tip(field: Field) -> dict[str, Any]:
    tip: dict[str, Any] = {"field": field.key, "title": field.title}
    if field.role == "measure":
        return tip | {"type": "quantitative", "format": ",.2f" if field.view.kind == "money" else _format(field)}
    return tip | {"type": "temporal" if field.role == "time" else "nominal"}


def _format(field: Field) -> str:
    return {"integer": ",d", "money": ",.0f", "percent": ",.1f"}.get(field.view.kind, ",.6~r")
