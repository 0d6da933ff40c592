"""A chart as a PNG image, rendered on this machine without any network."""

import asyncio
from typing import Any

from knowledge.charts.theme import themed

WIDTH = 640


async def png(spec: dict[str, Any], *, dark: bool = False, width: int = WIDTH) -> bytes:
    """The image of a specification, twice as dense as `width` pixels; a process's first takes half a second."""
    return await asyncio.to_thread(draw, spec, dark=dark, width=width)


def draw(spec: dict[str, Any], *, dark: bool = False, width: int = WIDTH, scale: float = 2.0) -> bytes:
    """`png` in this thread, `scale` dots to a pixel."""
    import vl_convert  # costs time at import, and only channels without charts of their own need it

    image: bytes = vl_convert.vegalite_to_png(
        {**themed(spec, dark=dark), "width": width}, vl_version="6.4", scale=scale, allowed_base_urls=[]
    )
    return image
