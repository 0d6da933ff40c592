"""Charts as Vega-Lite: chosen from the shape of a result, themed, and drawn as images."""

from knowledge.charts.choose import Figure, choose
from knowledge.charts.image import png
from knowledge.charts.theme import themed

__all__ = ["Figure", "choose", "png", "themed"]
