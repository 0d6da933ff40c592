"""A chart in a terminal: bars of Unicode blocks from a Vega-Lite specification."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from conversation.cells import number

BAR = "▏▎▍▌▋▊▉█"
SPARK = "▁▂▃▄▅▆▇█"
MOST_BARS = 15


def chart_lines(spec: Mapping[str, Any], width: int) -> list[str]:
    """The chart in at most `width` columns; no lines for a specification of a kind that has no terminal form."""
    points = _points(spec)
    if not points or width < 30:
        return []
    if _mark(spec) in ("line", "area"):
        return _spark(points, width)
    return _bars(points, width) if _mark(spec) == "bar" else []


def _bars(points: Sequence[tuple[str, float]], width: int) -> list[str]:
    shown = points[:MOST_BARS]
    names = max(len(name) for name, _ in shown)
    names = min(names, width // 3)
    values = max(len(number(value)) for _, value in shown)
    room = max(width - names - values - 4, 8)
    top = max((abs(value) for _, value in shown), default=0.0) or 1.0
    lines = [
        f"{_cut(name, names):>{names}} │{_bar(abs(value) / top, room)} {'-' if value < 0 else ''}{number(abs(value))}"
        for name, value in shown
    ]
    return [*lines, f"{'':>{names}} … {len(points) - MOST_BARS} more"] if len(points) > MOST_BARS else lines


def _bar(share: float, room: int) -> str:
    eighths = round(share * room * 8)
    full, rest = divmod(eighths, 8)
    return BAR[-1] * full + (BAR[rest - 1] if rest else "")


def _spark(points: Sequence[tuple[str, float]], width: int) -> list[str]:
    room = max(width - 2, 10)
    step = max(1, -(-len(points) // room))
    groups = [[value for _, value in points[at : at + step]] for at in range(0, len(points), step)]
    values = [sum(value / len(group) for value in group) for group in groups]
    low, high = min(values), max(values)
    # Halves, because the difference of two numbers may be larger than any number.
    spread = (high / 2 - low / 2) or 1.0
    wide = max(1, min(6, room // len(values)))
    line = "".join(SPARK[round((value / 2 - low / 2) / spread * (len(SPARK) - 1))] * wide for value in values)
    ends = f"{points[0][0]} … {points[-1][0]}"
    return [line, f"{ends}   low {number(low)}   high {number(high)}"]


def _points(spec: Mapping[str, Any]) -> list[tuple[str, float]]:
    """Name and value of each datum; of several series at one place the sum."""
    encoding = spec.get("encoding")
    if not isinstance(encoding, Mapping):
        return []
    fields = {axis: (channel.get("field"), channel.get("type")) for axis, channel in encoding.items() if axis in "xy"}
    values = [field for field, kind in fields.values() if kind == "quantitative" and field]
    names = [field for field, kind in fields.values() if kind != "quantitative" and field]
    if len(values) != 1 or len(names) != 1:
        return []
    summed: dict[str, float] = {}
    for datum in _data(spec):
        value, name = datum.get(values[0]), datum.get(names[0])
        if isinstance(value, int | float) and not isinstance(value, bool) and value - value == 0:
            summed[_name(name)] = summed.get(_name(name), 0.0) + value
    return [(name, value) for name, value in summed.items() if isfinite(value)]


def _data(spec: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    data = spec.get("data") or {}
    rows = data.get("values") or spec.get("datasets", {}).get(data.get("name"), [])
    return [row for row in rows if isinstance(row, Mapping)]


def _mark(spec: Mapping[str, Any]) -> str:
    mark = spec.get("mark")
    return str(mark.get("type", "")) if isinstance(mark, Mapping) else str(mark)


def _name(value: object) -> str:
    text = "–" if value is None else str(value)
    return text[:10] if len(text) >= 19 and text[10:19] in ("T00:00:00", " 00:00:00") else text


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
