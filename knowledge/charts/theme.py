"""Colours and type for charts, light and dark; every mark colour has a contrast of at least 3 to its background."""

from typing import Any

LIGHT = ("#2563a8", "#c2571a", "#1b7f5c", "#9a4fa8", "#8a6d00", "#55626f", "#b3325a", "#0b7c91")
DARK = ("#7db3f0", "#f2a36b", "#5fc8a0", "#d59be0", "#d8bc4a", "#aab6c2", "#f08cae", "#62cbe0")
BACKGROUNDS = {False: "#ffffff", True: "#16191d"}


def themed(spec: dict[str, Any], *, dark: bool) -> dict[str, Any]:
    """The same chart for a light or a dark page."""
    return {**spec, "background": BACKGROUNDS[dark], "config": config(dark=dark)}


def config(*, dark: bool = False) -> dict[str, Any]:
    """The Vega-Lite configuration; the browser may put its own in its place."""
    ink, muted, line = ("#e6e9ed", "#b4bcc6", "#3a424b") if dark else ("#1f2933", "#52606d", "#dde2e7")
    palette = list(DARK if dark else LIGHT)
    return {
        "font": "Liberation Sans, Helvetica, Arial, sans-serif",
        "view": {"stroke": None},
        "axis": {
            "labelColor": muted,
            "titleColor": muted,
            "gridColor": line,
            "domainColor": line,
            "tickColor": line,
            "labelFontSize": 12,
            "titleFontSize": 12,
            "titleFontWeight": "normal",
            "labelLimit": 220,
        },
        "title": {
            "color": ink,
            "subtitleColor": muted,
            "fontSize": 15,
            "subtitleFontSize": 12,
            "anchor": "start",
            "offset": 12,
        },
        "legend": {"labelColor": muted, "titleColor": muted, "labelFontSize": 12, "titleFontSize": 12},
        "range": {"category": palette},
        "bar": {"color": palette[0]},
        "line": {"color": palette[0], "strokeWidth": 2.5},
        "point": {"color": palette[0]},
    }
