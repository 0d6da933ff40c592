"""Buttons on a card: `Action.Execute` with a verb always, and `Action.Submit` for clients that know no Execute."""

from collections.abc import Sequence

from bots.teams import limits
from bots.teams.text import one_line, rich
from conversation.card import Button, ButtonStyle
from conversation.codec import Json, JsonObject

_STYLES: dict[ButtonStyle, JsonObject] = {
    "default": {},
    "primary": {"style": "positive"},
    "danger": {"style": "destructive"},
}


def render_buttons(buttons: Sequence[Button], most: int = limits.SHOWN_BUTTONS) -> list[Json]:
    """Actions of one row; those beyond the `most` that are shown go into the row's menu."""
    shown = most if len(buttons) <= most else most - 1
    row: list[Json] = []
    for number, button in enumerate(buttons):
        place: JsonObject = {"mode": "secondary"} if number >= shown else {}
        row.append(render_button(button) | place)
    return row


def render_button(button: Button) -> JsonObject:
    """One action: a link, a press, or a question first where the button wants to be confirmed."""
    label = one_line(button.label, limits.LABEL_CHARS).strip() or "Go on"
    if button.url:
        return {"type": "Action.OpenUrl", "title": label, "url": button.url}
    pressed = _press(button, label)
    sure = one_line(button.confirm, limits.TITLE_CHARS).strip()
    if not sure:
        return pressed
    body: list[Json] = [rich(sure)]
    asked: JsonObject = {"type": "AdaptiveCard", "version": "1.5", "body": body, "actions": [pressed]}
    return {
        "type": "Action.ShowCard",
        "title": f"{label} …"[: limits.LABEL_CHARS],
        "card": asked,
        **_STYLES[button.style],
    }


def openable(button: Button) -> bool:
    """Whether a client would follow the button's address: no address, or a web address of sane length."""
    address = button.url
    well = address.startswith(("https://", "http://")) and len(address) <= limits.ADDRESS_CHARS
    return not address or (well and address.isascii() and address.isprintable() and " " not in address)


def _press(button: Button, label: str) -> JsonObject:
    verb = button.verb or "none"
    data: JsonObject = {"verb": verb, "payload": button.payload}
    look = {"title": label, **_STYLES[button.style]}
    fallback: JsonObject = {"type": "Action.Submit", "data": data, **look}
    return {"type": "Action.Execute", "verb": verb, "data": data, "fallback": fallback, **look}
