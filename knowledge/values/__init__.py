"""Stored values by the words that spell them, typos and all: `ValueIndex` keeps them, `fill` brings them in."""

from knowledge.values.fill import fill
from knowledge.values.index import ValueIndex
from knowledge.values.port import Held, Place, Values, Visible

__all__ = ["Held", "Place", "ValueIndex", "Values", "Visible", "fill"]
