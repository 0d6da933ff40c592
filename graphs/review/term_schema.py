"""A term as JSON that people may edit: its schema, its reading, and what differs between two of them."""

from collections.abc import Mapping
from functools import cache
from typing import Any, cast

from pydantic import TypeAdapter

from conversation.codec import Json, JsonObject
from knowledge.glossary import Term
from knowledge.glossary.codec import HISTORY, content

MOST_DIFFERENCES = 40
FIXED = ("id", "kind")
"""What an edit can not change: other people may have to decide that."""


@cache
def _whole() -> JsonObject:
    schema = TypeAdapter(Term).json_schema()
    parts = schema.pop("$defs", {})
    whole = cast("dict[str, Any]", _inlined(schema, parts))
    whole["properties"] = {name: part for name, part in whole["properties"].items() if name not in HISTORY}
    return whole


def schema_of(term: Term) -> JsonObject:
    """The JSON schema (draft 2020-12, without references) of `content(term)`; id and kind are this term's."""
    whole = cast("dict[str, Any]", _whole())
    fixed = {name: {"const": getattr(term, name), "type": "string", "title": name.capitalize()} for name in FIXED}
    properties = {**whole["properties"], **fixed}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": properties,
        "required": ["id", "name"],
        "additionalProperties": False,
    }


def _inlined(part: Any, parts: Mapping[str, Any]) -> Any:
    """A schema with each reference replaced by what it refers to; prose of the classes is left out."""
    if isinstance(part, list):
        return [_inlined(item, parts) for item in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return _inlined(parts[part["$ref"].rsplit("/", 1)[-1]], parts)
    return {name: _inlined(item, parts) for name, item in part.items() if name != "description"}


def differences(before: Term | None, after: Term) -> tuple[tuple[str, str, str], ...]:
    """Field, how it was, how it is: `metric.expression`, `SUM(amount)`, `SUM(net)`. Empty where nothing changes."""
    old, new = (dict(_flat(content(term))) if term else {} for term in (before, after))
    names = [*new, *(name for name in old if name not in new)]
    found = [(name, old.get(name, ""), new.get(name, "")) for name in names]
    return tuple(one for one in found if one[1] != one[2])[:MOST_DIFFERENCES]


def _flat(value: Mapping[str, Json], under: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, item in value.items():
        if isinstance(item, dict):
            found += _flat(item, f"{under}{name}.")
        else:
            found.append((f"{under}{name}", _words(item)))
    return found


def _words(item: Json) -> str:
    match item:
        case None:
            return ""
        case list():
            return "; ".join(_words(one) for one in item)
        case dict():
            return ", ".join(f"{name} {_words(one)}" for name, one in item.items() if one)
        case _:
            return str(item)
