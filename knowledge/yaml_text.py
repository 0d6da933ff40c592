"""YAML that people or other programs wrote, read with suspicion; and written so that it comes back as it was."""

from collections.abc import Hashable
from typing import Any

import yaml

from knowledge.errors import Refused

DEEPEST = 24
"""Lists and mappings within each other."""
_UNCHANGED = "Nothing was imported."


def read_yaml(text: str, largest: int) -> object:
    """The one document of a text of up to so many characters: plain mappings, lists, texts, numbers and booleans.

    Dates stay texts. Raises Refused for anything else: aliases (by which a small file becomes a huge one), tags, a name
    that stands twice, more than `DEEPEST` levels, several documents.
    """
    if len(text) > largest:
        raise Refused(f"The file is larger than {largest:,} characters.", unchanged=_UNCHANGED)
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader
    except _Unwanted as error:
        raise Refused(f"The file {error}.", unchanged=_UNCHANGED) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise Refused(f"The file is not valid YAML{_where(error)}.", unchanged=_UNCHANGED) from error


def write_yaml(value: object) -> str:
    """A value as YAML in its own order; texts of several lines as blocks, nothing folded, no aliases."""
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)


class _Unwanted(Exception):
    """Something that YAML allows and we do not, in words that fit after “the file”."""


class _Loader(yaml.SafeLoader):
    """Plain data of limited depth."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self._depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        """A node; an alias is refused, and so is one too deep."""
        if self.check_event(yaml.AliasEvent):
            raise _Unwanted("uses an alias (*name), which is not read")
        if self._depth >= DEEPEST:
            raise _Unwanted(f"is nested more than {DEEPEST} levels deep")
        self._depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self._depth -= 1

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        """A mapping whose names are texts, each there once."""
        names = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        if len(names) < len(node.value):
            raise _Unwanted("has a name that is no text")
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise _Unwanted(f"has {twice[:60]!r} twice in one place (line {node.start_mark.line + 1})")
        return {str(name): value for name, value in super().construct_mapping(node, deep).items()}


_Loader.yaml_implicit_resolvers = {
    start: [(tag, pattern) for tag, pattern in found if not tag.endswith((":timestamp", ":merge", ":value"))]
    for start, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_PLAIN = {f"tag:yaml.org,2002:{name}" for name in ("null", "bool", "int", "float", "str", "seq", "map")}
_Loader.yaml_constructors = {
    tag: construct for tag, construct in yaml.SafeLoader.yaml_constructors.items() if tag is None or tag in _PLAIN
}


class _Dumper(yaml.SafeDumper):
    """Without aliases; texts of several lines as blocks."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write everything where it stands."""
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    block = "\n" in text and not any(line != line.rstrip() for line in text.split("\n"))
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if block else None)


_Dumper.add_representer(str, _text)


def _where(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    return f" (line {mark.line + 1})" if mark is not None else ""
