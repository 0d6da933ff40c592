"""Inputs on a card, and their values when they come back.

Teams puts the values of all inputs beside the data of the pressed button, as strings. An input's id on the card is
therefore `in:NUMBER:KIND:ID`: it is the only one of its name, cannot collide with the data, and its value gets its type
back without a look at the card.
"""

from math import isfinite
from urllib.parse import quote, unquote

from bots.teams import limits
from bots.teams.text import clean, one_line
from conversation.card import Input
from conversation.codec import Json, JsonObject

PREFIX = "in:"


def render_input(field: Input, number: int) -> JsonObject:
    """The `Input.*` element of a field; `number` tells it from others of the same id."""
    label = one_line(field.label, limits.TITLE_CHARS).strip() or "Answer"
    common: JsonObject = {"id": f"{PREFIX}{number}:{field.kind}:{one_line(field.id, 100)}", "label": label}
    if field.required:
        common |= {"isRequired": True, "errorMessage": "This is needed."}
    match field.kind:
        case "choice" | "choices":
            return common | _choices(field)
        case "number":
            return common | {"type": "Input.Number"} | _hint(field) | _number(field.value)
        case "date":
            return common | {"type": "Input.Date"} | _day(field.value)
        case "toggle":
            on = field.value.strip().lower() in ("true", "yes", "on", "1")
            return common | {"type": "Input.Toggle", "title": label, "value": "true" if on else "false"}
        case _:
            return common | _text(field)


def inputs(data: JsonObject) -> JsonObject:
    """What a person typed and chose, by the ids of our vocabulary.

    A number and a toggle are JSON's, several choices are a list, everything else is text as it came.
    """
    values: JsonObject = {}
    for key, value in data.items():
        parts = key.split(":", 3)
        if len(parts) == 4 and parts[0] == "in":
            values.setdefault(parts[3], _typed(parts[2], value))
    return values


def _text(field: Input) -> JsonObject:
    limit = min(max(field.limit, 1), limits.INPUT_CHARS)
    shown: JsonObject = {"type": "Input.Text", "maxLength": limit, "isMultiline": field.kind == "multiline"}
    if field.value:
        shown["value"] = clean(field.value, limit)
    return shown | _hint(field)


def _choices(field: Input) -> JsonObject:
    several = field.kind == "choices"
    known = [choice.value for choice in field.choices[: limits.CHOICES]]
    shown: list[Json] = []
    for choice in field.choices[: limits.CHOICES]:
        label = one_line(choice.label or choice.value, limits.CELL_CHARS).strip() or "–"
        shown.append({"title": label, "value": quote(choice.value, safe=" ") if several else choice.value})
    few = len(shown) <= 5
    made: JsonObject = {"type": "Input.ChoiceSet", "choices": shown, "isMultiSelect": several, "wrap": True}
    made["style"] = "expanded" if several and few else "compact"
    chosen = [value for value in field.value.split(",") if value in known] if several else [field.value]
    if several and chosen:
        made["value"] = ",".join(quote(value, safe=" ") for value in chosen)
    if not several and field.value in known:
        made["value"] = field.value
    return made | _hint(field)


def _hint(field: Input) -> JsonObject:
    hint = one_line(field.placeholder, limits.CELL_CHARS).strip()
    return {"placeholder": hint} if hint else {}


def _number(value: str) -> JsonObject:
    number = _as_number(value)
    return {} if isinstance(number, str) else {"value": number}


def _day(value: str) -> JsonObject:
    parts = value.split("-")
    well = [len(part) for part in parts] == [4, 2, 2] and all(part.isascii() and part.isdigit() for part in parts)
    return {"value": value} if well else {}


def _typed(kind: str, value: Json) -> Json:
    if not isinstance(value, str):
        return value
    match kind:
        case "toggle":
            return value == "true"
        case "number":
            return _as_number(value)
        case "choices":
            return [unquote(part) for part in value.split(",") if part]
        case _:
            return value


def _as_number(value: str) -> int | float | str:
    """The number, or the words where they are none: whoever asked for it says what is wrong with them."""
    for read in (int, float):
        try:
            number = read(value)
        except ValueError:
            continue
        if isfinite(number):
            return number
    return value
