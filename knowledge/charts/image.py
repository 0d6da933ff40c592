"""A chart as a PNG image, rendered on this machine without any network."""

import asyncio
import struct
import zlib
from textwrap import wrap
from typing import Any

from knowledge.charts.theme import themed

WIDTH = 640
CHARACTER = 8
LINE = 20
"""Pixels of one character of a title, on average, and from one of its lines to the next."""


async def png(spec: dict[str, Any], *, dark: bool = False, width: int = WIDTH) -> bytes:
    """The image of a specification, twice as dense as `width` pixels; a process's first takes half a second."""
    return await asyncio.to_thread(draw, spec, dark=dark, width=width)


def draw(spec: dict[str, Any], *, dark: bool = False, width: int = WIDTH, scale: float = 2.0) -> bytes:
    """`png` in this thread, `scale` dots to a pixel."""
    import vl_convert  # costs time at import, and only channels without charts of their own need it

    image: bytes = vl_convert.vegalite_to_png(
        _fitted({**themed(spec, dark=dark), "width": width}, width), vl_version="6.4", scale=scale, allowed_base_urls=[]
    )
    return packed(image)


def packed(image: bytes) -> bytes:
    """The same PNG in about a quarter of the bytes: the renderer compresses for speed, and chat messages are small."""
    kept, pixels, at = [image[:8]], b"", 8
    while at < len(image):
        (length,) = struct.unpack_from(">I", image, at)
        kind, data = image[at + 4 : at + 8], image[at + 8 : at + 8 + length]
        if kind == b"IDAT":
            pixels += data
        elif kind == b"IEND":
            kept += [_chunk(b"IDAT", zlib.compress(zlib.decompress(pixels), 9)), _chunk(kind, data)]
        else:
            kept.append(_chunk(kind, data))
        at += 12 + length
    return b"".join(kept)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _fitted(spec: dict[str, Any], width: int) -> dict[str, Any]:
    """The title in as many lines as the width needs; Vega would cut it off at the edge."""
    title = spec.get("title")
    if not isinstance(title, dict) or not isinstance(title.get("text"), str):
        return spec
    lines = wrap(title["text"], max(width // CHARACTER, 20))
    fitted = {**spec, "title": {**title, "text": lines}}
    if isinstance(spec.get("height"), int):
        fitted["height"] = spec["height"] + LINE * (len(lines) + 1)
    return fitted
