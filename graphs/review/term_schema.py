"""The JSON schema of a term, as people may edit it."""

from collections.abc import Mapping
from functools import cache
from typing import Any, cast

from pydantic import TypeAdapter

from conversation.codec import JsonObject
from knowledge.glossary import Term
from knowledge.glossary.codec import HISTORY

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
