"""A piece of YAML that knows where it stands, so that an error can say which key on which line is wrong."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import yaml

from knowledge.errors import SourceUnavailable

LARGEST = 256 * 1024
DEEPEST = 20

Value: TypeAlias = "dict[str, Part] | list[Part] | str | int | float | bool | None"


class Wrong(SourceUnavailable):
    """A description that can't be used; it says which key on which line."""


@dataclass(frozen=True, slots=True)
class Part:
    """A value, the path of keys that leads to it, and its line."""

    value: Value
    path: str
    line: int

    def wrong(self, why: str, then: str = "") -> Wrong:
        """The error that names this key."""
        return Wrong(
            f"The description of the API can't be used: “{self.path or 'the file'}” (line {self.line}) {why}.",
            next_step=then or "Correct it; the README of knowledge/sources/rest shows an example.",
        )

    def fields(self, *known: str) -> "dict[str, Part]":
        """The keys and values of a mapping, which may have the known keys only; any key where none is known."""
        if not isinstance(self.value, dict):
            raise self.wrong("must be a mapping of keys and values")
        for name, part in self.value.items():
            if known and name not in known:
                raise part.wrong(f"is not known here; known are {', '.join(known)}")
        return self.value

    def text(self) -> str:
        """A text; a number is taken as it is written."""
        if isinstance(self.value, bool) or not isinstance(self.value, str | int | float):
            raise self.wrong("must be a text")
        return str(self.value)

    def one_of(self, *known: str) -> str:
        """One of these words."""
        if self.value not in known:
            raise self.wrong(f"must be one of {', '.join(known)}")
        return str(self.value)

    def number(self, least: float, most: float) -> float:
        """A number within these bounds."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            raise self.wrong("must be a number")
        if not least <= self.value <= most:
            raise self.wrong(f"must be between {least:g} and {most:g}")
        return float(self.value)

    def yes(self) -> bool:
        """true or false."""
        if not isinstance(self.value, bool):
            raise self.wrong("must be true or false")
        return self.value

    def texts(self) -> "Iterator[Part]":
        """All texts below, to be looked through."""
        match self.value:
            case dict() as mapping:
                for part in mapping.values():
                    yield from part.texts()
            case list() as parts:
                for part in parts:
                    yield from part.texts()
            case str():
                yield self


def read_parts(text: str) -> Part:
    """The description as parts. Raises Wrong for what is no YAML, holds aliases or a key twice, or is too large."""
    if len(text) > LARGEST:
        raise Part(None, "", 1).wrong(f"is larger than {LARGEST // 1024} KB")
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.SafeLoader)):
            raise Part(None, "", 1).wrong("holds an alias (*name), which is not needed here")
        node = yaml.compose(text, yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        raise Part(None, "", mark.line + 1 if mark else 1).wrong("is no YAML that can be read") from None
    if node is None:
        raise Part(None, "", 1).wrong("is empty")
    return _part(node, "", 0)


def _part(node: yaml.Node, path: str, depth: int) -> Part:
    line = node.start_mark.line + 1
    if depth > DEEPEST:
        raise Part(None, path, line).wrong("is nested too deeply")
    match node:
        case yaml.MappingNode():
            return Part(_mapping(node, path, depth), path, line)
        case yaml.SequenceNode():
            items = [_part(item, f"{path}[{at}]", depth + 1) for at, item in enumerate(node.value)]
            return Part(items, path, line)
        case _:
            return Part(_scalar(node, path, line), path, line)


def _mapping(node: yaml.MappingNode, path: str, depth: int) -> dict[str, Part]:
    found: dict[str, Part] = {}
    for key, value in node.value:
        name = str(key.value)
        part = _part(value, f"{path}.{name}" if path else name, depth + 1)
        here = Part(part.value, part.path, key.start_mark.line + 1)
        if name in found:
            raise here.wrong("is given twice")
        found[name] = here
    return found


def _scalar(node: yaml.Node, path: str, line: int) -> str | int | float | bool | None:
    loader = yaml.SafeLoader("")
    try:
        value = loader.construct_object(node, deep=True)
    except (yaml.YAMLError, ValueError):
        raise Part(None, path, line).wrong("is a value that can't be read") from None
    return value if isinstance(value, str | int | float | bool | None) else str(node.value)
