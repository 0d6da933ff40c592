"""Which words each part of a draft was read from: noted beside the rules, which know nothing of it."""

from collections.abc import Hashable
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, TypeAlias

from knowledge.translation.chunks import Chunk
from knowledge.translation.ir import Filter

if TYPE_CHECKING:
    from knowledge.translation.reading.draft import Draft, Reader

Part: TypeAlias = tuple[str, Hashable]
"""What was added to a draft: the name of its field, and the value."""

_WAITING = ("fns", "pending", "negated", "both", "desc", "distinct", "superior", "sold", "quota")
"""What a reader keeps in mind until later words complete it: the “average” of “average price”."""


@dataclass(frozen=True, slots=True)
class Step:
    """Words in the order of the question, and what they added to the draft."""

    chunks: tuple[Chunk, ...]
    parts: frozenset[Part]


class Trace:
    """Notes the steps of one reader."""

    def __init__(self, reader: "Reader") -> None:
        self._reader = reader
        self._parts = _parts(reader.draft)
        self._mind = _mind(reader)
        self._waiting: tuple[Chunk, ...] = ()

    def note(self, began: int) -> None:
        """The chunks since `began` were taken by a rule."""
        reader = self._reader
        taken = tuple(reader.chunks[began : reader.at])
        parts, mind = _parts(reader.draft), _mind(reader)
        if new := parts - self._parts:
            reader.steps.append(Step((*self._waiting, *taken), new))
            self._waiting = ()
        elif mind != self._mind:
            self._waiting += taken
        self._parts, self._mind = parts, mind

    def close(self) -> None:
        """The last words that nothing completed: the “descending” of “sort descending”."""
        if self._waiting:
            said = ("desc", True) if self._reader.desc is not None else ("waiting", True)
            self._reader.steps.append(Step(self._waiting, frozenset({said})))


def _parts(draft: "Draft") -> frozenset[Part]:
    found: set[Part] = set()
    for field in fields(draft):
        value = getattr(draft, field.name)
        values = value if isinstance(value, list) else [value] if value else []
        found.update((field.name, replace(each, either=0) if isinstance(each, Filter) else each) for each in values)
    return frozenset(found)


def _mind(reader: "Reader") -> tuple[object, ...]:
    return tuple(tuple(kept) if isinstance(kept := getattr(reader, name), list) else kept for name in _WAITING)
