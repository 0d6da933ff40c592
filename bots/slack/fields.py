"""Inputs and buttons: what a person can type, choose and press."""

import json
from collections.abc import Sequence
from datetime import date

from bots.slack import limits
from bots.slack.blocks import note, openable, plain
from bots.slack.text import clean, cut, length
from conversation.card import Button, Input
from conversation.codec import Json, JsonObject

_TRUE = frozenset({"true", "yes", "on", "1"})


def input_blocks(field: Input, place: int) -> list[JsonObject]:
    """An input block; its `action_id` is `kind:id`, so that the value comes back in its own type."""
    action_id = f"{field.kind}:{field.id}"
    label = clean(field.label).strip() or field.id or "Your answer"
    options, left_out = _options(field)
    if length(action_id) > limits.ACTION_ID or not field.id or (field.kind in ("choice", "choices") and not options):
        return [note(f"“{cut(label, limits.CONFIRM_TEXT)}” can't be asked in Slack – please answer in the browser.")]
    element: JsonObject = {"action_id": action_id, **_element(field, label, options)}
    block: JsonObject = {
        "type": "input",
        "block_id": f"input-{place}",
        "label": plain(label, limits.INPUT_LABEL),
        "element": element,
        "optional": not field.required,
    }
    return [{**block, "hint": plain(left_out, limits.INPUT_LABEL)}] if left_out else [block]


def button_blocks(buttons: Sequence[Button], first: int = 0) -> list[JsonObject]:
    """Rows of buttons; one that Slack cannot carry becomes a line that says so."""
    pressable: list[Json] = []
    lines: list[JsonObject] = []
    for place, button in enumerate(buttons, first):
        element = _button(button, place)
        if element is None:
            lines.append(note(f"“{_label(button)}” can't be offered in Slack – please use the browser."))
        else:
            pressable.append(element)
    size = limits.ACTIONS_ELEMENTS
    rows: list[JsonObject] = [
        {"type": "actions", "elements": pressable[start : start + size]} for start in range(0, len(pressable), size)
    ]
    return [*lines, *rows]


def _button(button: Button, place: int) -> "JsonObject | None":
    element: JsonObject = {"type": "button", "text": plain(_label(button), limits.BUTTON_TEXT)}
    if button.style != "default":
        element["style"] = button.style
    if button.url:
        if not openable(button.url):
            return None
        return {**element, "action_id": f"link-{place}", "url": button.url}
    value = json.dumps({"verb": button.verb, "payload": button.payload}, ensure_ascii=False, separators=(",", ":"))
    if length(value) > limits.BUTTON_VALUE or not button.verb:
        return None
    element |= {"action_id": f"press-{place}", "value": value}
    if clean(button.confirm).strip():
        element["confirm"] = _confirm(button)
    return element


def _confirm(button: Button) -> JsonObject:
    return {
        "title": plain("Are you sure?", limits.CONFIRM_TITLE),
        "text": plain(button.confirm, limits.CONFIRM_TEXT),
        "confirm": plain(_label(button), limits.CONFIRM_BUTTON),
        "deny": plain("Cancel", limits.CONFIRM_BUTTON),
    }


def _label(button: Button) -> str:
    return cut(" ".join(clean(button.label).split()), limits.BUTTON_TEXT) or "…"


def _element(field: Input, label: str, options: list[Json]) -> JsonObject:
    placeholder = clean(field.placeholder).strip()
    hint: JsonObject = {"placeholder": plain(placeholder, limits.PLACEHOLDER)} if placeholder else {}
    match field.kind:
        case "choice":
            chosen = [option for option in options if _raw(option) == field.value]
            return {"type": "static_select", "options": options, **hint, **_initial("initial_option", chosen[:1])}
        case "choices":
            wanted = set(field.value.split(",")) if field.value else set()
            chosen = [option for option in options if _raw(option) in wanted]
            initial: JsonObject = {"initial_options": chosen} if chosen else {}
            return {"type": "multi_static_select", "options": options, **hint, **initial}
        case "toggle":
            yes: Json = {"text": plain(label, limits.OPTION_TEXT), "value": "=true"}
            on: JsonObject = {"initial_options": [yes]} if field.value.strip().lower() in _TRUE else {}
            return {"type": "checkboxes", "options": [yes], **on}
        case "date":
            return {"type": "datepicker", **hint, **_day(field.value)}
        case _:
            return {"type": "plain_text_input", **hint, **_typing(field)}


def _typing(field: Input) -> JsonObject:
    """Slack has a number field in modals only, so a number is typed as text and read as a number."""
    most = min(max(field.limit, 1), limits.INPUT_TEXT)
    typing: JsonObject = {"multiline": field.kind == "multiline", "max_length": most}
    value = clean(field.value)
    return {**typing, "initial_value": cut(value, most)} if value else typing


def _options(field: Input) -> tuple[list[Json], str]:
    """Options with their values behind a sign, because Slack refuses an empty one; and what was left out."""
    options: list[Json] = []
    seen: set[str] = set()
    for choice in field.choices:
        value = "=" + choice.value
        if length(value) > limits.OPTION_VALUE or value in seen or value != clean(value):
            continue
        seen.add(value)
        label = " ".join(clean(choice.label).split()) or clean(choice.value).strip() or "(empty)"
        options.append({"text": plain(label, limits.OPTION_TEXT), "value": value})
    shown = options[: limits.OPTIONS]
    left = len(field.choices) - len(shown)
    return shown, f"{len(shown)} of {len(field.choices)} choices; the others are in the browser." if left else ""


def _raw(option: Json) -> str:
    value = option["value"] if isinstance(option, dict) else ""
    return value[1:] if isinstance(value, str) else ""


def _initial(name: str, chosen: list[Json]) -> JsonObject:
    return {name: chosen[0]} if chosen else {}


def _day(text: str) -> JsonObject:
    try:
        return {"initial_date": date.fromisoformat(text.strip()).isoformat()}
    except ValueError:
        return {}
