"""A chart as a PNG image, rendered on this machine without any network."""

import asyncio
from typing import Any

from knowledge.charts.theme import themed

WIDTH = 640


async def png(spec: dict[str, Any], *, dark: bool = False, width: int = WIDTH) -> bytes:
    """The image of a specification, twice as dense as `width` pixels; a process's first takes half a second."""
    return await asyncio.to_thread(_render, {**themed(spec, dark=dark), "width": width})


def _render(spec: dict[str, Any]) -> bytes:
    import vl_convert  # costs time at import, and only channels without charts of their own need it

    image: bytes = vl_convert.vegalite_to_png(spec, vl_version="6.4", scale=2.0, allowed_base_urls=[])
    return image
