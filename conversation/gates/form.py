"""A form made from a gate's JSON schema, and what was typed into it, read back into the types of the schema.

Strings, long text, numbers, integers, booleans, enums, dates and lists of strings can be edited, inside objects too;
what else an action holds is kept as it is. Whether the whole fits the schema is checked by `ceremony.Schemas`.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from conversation.card import Choice, Input, InputKind
from conversation.codec import Json, JsonObject

PREFIX = "edit."
TEXT_LIMIT = 3_000
_LONG = 100
_DEPTH = 4

Kind: TypeAlias = Literal["text", "long", "number", "integer", "boolean", "enum", "date", "words", "choices"]
_INPUTS: Mapping[Kind, InputKind] = {
    "text": "text",
    "long": "multiline",
    "number": "number",
    "integer": "number",
    "boolean": "toggle",
    "enum": "choice",
    "date": "date",
    "words": "multiline",
    "choices": "choices",
}


class Unfit(Exception):
    """A typed value does not fit its field; the message says what would."""


@dataclass(frozen=True, slots=True)
class Field:
    """One value of the action that may be edited; `options` are those of an enum, in their JSON types."""

    path: tuple[str, ...]
    label: str
    kind: Kind
    hint: str = ""
    options: tuple[Json, ...] = ()
    required: bool = False
    nullable: bool = False

    @property
    def id(self) -> str:
        """The id of its input."""
        return PREFIX + ".".join(self.path)

    def input(self, value: Json, typed: object = None) -> Input:
        """The input, filled with what was typed before, else with the present value."""
        shown = _shown(value, self.kind) if typed is None else _typed(typed)
        choices = tuple(Choice(_option(option), _label(option)) for option in self.options)
        hint = self.hint or ("One per line" if self.kind == "words" else "")
        limit = TEXT_LIMIT if self.kind in ("text", "long", "words") else 100
        long = self.kind == "text" and (len(shown) > _LONG or "\n" in shown)
        return Input(
            self.id, self.label, "multiline" if long else _INPUTS[self.kind], shown, hint, choices, limit=limit
        )

    def read(self, typed: object) -> Json:
        """The value in its own JSON type. Raises Unfit."""
        if self.nullable and typed in (None, ""):
            return None
        match self.kind:
            case "integer" | "number":
                return _number(typed, whole=self.kind == "integer")
            case "boolean":
                return _boolean(typed)
            case "enum":
                return self._chosen(typed)
            case "choices":
                given = typed if isinstance(typed, list) else [part for part in _text(typed).split(",") if part]
                return [self._chosen(one) for one in given]
            case _:
                return self._words(_text(typed))

    def _words(self, typed: str) -> Json:
        match self.kind:
            case "date":
                return _day(typed)
            case "words":
                return [line.strip() for line in typed.splitlines() if line.strip()]
            case _:
                return typed

    def _chosen(self, typed: object) -> Json:
        for option in self.options:
            if typed == _option(option):
                return option
        raise Unfit(f"choose one of {', '.join(map(_label, self.options))}")


def fields(schema: JsonObject, parameters: JsonObject) -> tuple[Field, ...]:
    """The fields that a form can hold, in the schema's order; of objects those that the action has."""
    return tuple(_fields(schema, parameters, (), ()))


def inputs(schema: JsonObject, parameters: JsonObject, typed: "JsonObject | None" = None) -> tuple[Input, ...]:
    """The inputs of the form; `typed` is what stood in a form that was refused, so that nothing is lost."""
    given = typed or {}
    some = fields(schema, parameters)
    return tuple(field.input(_at(parameters, field.path), given.get(field.id)) for field in some)


def read(
    schema: JsonObject, parameters: JsonObject, typed: Mapping[str, object]
) -> tuple[JsonObject, list[tuple[str, str]]]:
    """The parameters with what was typed, and what did not fit, as (label, words). A field not sent stays as it is."""
    values, faults = deepcopy(parameters), list[tuple[str, str]]()
    for field in fields(schema, parameters):
        if field.id not in typed:
            continue
        given, holder = typed[field.id], _holder(values, field.path)
        if given in (None, "") and _absent(field, holder):
            holder.pop(field.path[-1], None)
            continue
        try:
            holder[field.path[-1]] = field.read(given)
        except Unfit as unfit:
            faults.append((field.label, str(unfit)))
    return values, faults


def _absent(field: Field, holder: JsonObject) -> bool:
    """Whether an empty field means that the value is left out."""
    if field.required or field.nullable or field.kind == "boolean":
        return False
    return field.path[-1] not in holder or field.kind in ("number", "integer", "enum", "date")


def _at(parameters: JsonObject, path: tuple[str, ...]) -> Json:
    return _holder(parameters, path).get(path[-1])


def _holder(values: JsonObject, path: tuple[str, ...]) -> JsonObject:
    """The object that holds the value; one of which there is no part in the action has no fields."""
    for name in path[:-1]:
        inner = values[name]
        if not isinstance(inner, dict):
            raise TypeError(f"{name} is no object")
        values = inner
    return values


def _fields(schema: JsonObject, value: JsonObject, path: tuple[str, ...], labels: tuple[str, ...]) -> Iterator[Field]:
    properties, required = schema.get("properties"), schema.get("required")
    needed = {str(name) for name in required} if isinstance(required, list) else set()
    for name, told in properties.items() if isinstance(properties, dict) else ():
        if not isinstance(told, dict) or told.get("readOnly") is True or "const" in told:
            continue
        told, nullable = _one(told)
        label, inner = str(told.get("title") or name.replace("_", " ").capitalize()), value.get(name)
        if told.get("type") == "object":
            if isinstance(inner, dict) and len(path) < _DEPTH:
                yield from _fields(told, inner, (*path, name), (*labels, label))
            continue
        field = _field((*path, name), ": ".join((*labels, label)), told, name in needed, nullable)
        if field is not None:
            yield field


def _one(told: JsonObject) -> tuple[JsonObject, bool]:
    """What a schema says of a value beside null, and whether it may be null."""
    either = told.get("anyOf")
    if isinstance(either, list):
        rest = [one for one in either if isinstance(one, dict) and one.get("type") != "null"]
        if len(rest) == 1:
            return {**told, **rest[0], "anyOf": []}, len(either) > 1
    return told, False


def _field(path: tuple[str, ...], label: str, told: JsonObject, required: bool, nullable: bool) -> Field | None:
    kind, null = _type(told)
    nullable, hint, options = nullable or null, str(told.get("description") or ""), told.get("enum")
    if isinstance(options, list) and all(not isinstance(option, dict | list) for option in options):
        some = tuple(option for option in options if option is not None)
        return Field(path, label, "enum", hint, some, required, nullable or None in options)
    match kind:
        case "string":
            return Field(path, label, _string(told), hint, (), required, nullable)
        case "integer" | "number" | "boolean":
            return Field(path, label, kind, hint, (), required, nullable)
        case "array":
            return _list(path, label, told, hint, required)
        case _:
            return None


def _type(told: JsonObject) -> tuple[str, bool]:
    """The JSON type and whether null is one too."""
    kinds = told.get("type")
    named = [str(kind) for kind in kinds] if isinstance(kinds, list) else [str(kinds or "")]
    rest = [kind for kind in named if kind != "null"]
    return (rest[0] if len(rest) == 1 else "", "null" in named)


def _string(told: JsonObject) -> Kind:
    if told.get("format") == "date":
        return "date"
    longest = told.get("maxLength")
    long = told.get("format") in ("textarea", "sql") or (isinstance(longest, int) and longest > _LONG)
    return "long" if long else "text"


def _list(path: tuple[str, ...], label: str, told: JsonObject, hint: str, required: bool) -> Field | None:
    items = told.get("items")
    if not isinstance(items, dict) or items.get("type") != "string":
        return None
    options = items.get("enum")
    if isinstance(options, list):
        return Field(path, label, "choices", hint, tuple(options), required)
    return Field(path, label, "words", hint, (), required)


def _shown(value: Json, kind: Kind) -> str:
    match value:
        case None:
            return ""
        case bool() if kind == "boolean":
            return "true" if value else "false"
        case list():
            return ("," if kind == "choices" else "\n").join(str(item) for item in value)
        case _:
            return _option(value) if kind == "enum" else str(value)


def _typed(typed: object) -> str:
    match typed:
        case bool():
            return "true" if typed else "false"
        case list():
            return ",".join(str(item) for item in typed)
        case _:
            return str(typed)


def _option(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _label(value: Json) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _text(typed: object) -> str:
    if isinstance(typed, str | int | float):
        return str(typed)
    raise Unfit("write words")


def _number(typed: object, *, whole: bool) -> int | float:
    """A number from a number or from its plain digits. “5,000” could be two numbers, so it is none."""
    wanted = "write a whole number, in digits" if whole else "write a number, in digits with a point"
    if isinstance(typed, bool) or not isinstance(typed, str | int | float):
        raise Unfit(wanted)
    if isinstance(typed, str):
        plain = typed.strip()
        if re.fullmatch(r"[+-]?[0-9]{1,18}", plain):
            typed = int(plain)
        elif re.fullmatch(r"[+-]?[0-9]{0,30}\.?[0-9]{1,30}([eE][+-]?[0-9]{1,3})?", plain):
            typed = float(plain)
        else:
            raise Unfit(wanted)
    if not math.isfinite(typed) or (whole and typed != int(typed)):
        raise Unfit(wanted)
    return int(typed) if whole else typed


def _boolean(typed: object) -> bool:
    if isinstance(typed, bool):
        return typed
    if typed in ("true", "on", "yes"):
        return True
    if typed in ("false", "off", "no", "", None):
        return False
    raise Unfit("choose yes or no")


def _day(typed: str) -> str:
    try:
        return date.fromisoformat(typed.strip()).isoformat()
    except ValueError:
        raise Unfit("write a day as 2026-01-31") from None
