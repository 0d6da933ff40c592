"""Charts as Vega-Lite: chosen from the shape of a result, themed, and drawn as images."""

from knowledge.charts.choose import Figure, choose
from knowledge.charts.image import draw, png
from knowledge.charts.theme import themed

__all__ = ["Figure", "choose", "draw", "png", "themed"]
