"""What a browser sends -> Activity. Everything in a press is forged until it is found on the card that is kept."""

import uuid
from collections.abc import Mapping
from typing import Final

from conversation.activity import MESSAGE_LIMIT, CardAction, Message
from conversation.card import Button, Card, Input, elements
from conversation.codec import Json, JsonObject
from conversation.principal import Sender
from web import limits
from web.port import WebMessage, WebThread, place

_CONTROL: Final = {code: None for code in (*range(9), *range(11, 32), 127)}


def parse_message(thread: str, owner: Sender, id: str, text: str) -> Message | None:
    """A typed question; None when nothing is left of it. Its id names conversation and message."""
    words = clean(text)
    if not words or not is_id(thread) or not is_id(id):
        return None
    return Message(f"web:{thread}:{id}", place(owner, thread), owner, words)


def parse_press(thread: WebThread, kept: WebMessage | None, press: Mapping[str, object]) -> CardAction | None:
    """A press of a button that stands on the kept card; None for one that does not (stale or forged).

    `press` is {message, press, verb, payload, inputs}; `press["press"]` is made by the page for each click.
    """
    if kept is None or kept.card is None or kept.thread != thread.id:
        return None
    click = str(press.get("press", ""))
    button = _button(kept.card, press.get("verb"), press.get("payload"))
    if button is None or not is_id(click):
        return None
    return CardAction(
        f"web:{thread.id}:{kept.id}:{click}",
        thread.where,
        thread.owner,
        button.verb,
        button.payload,
        _inputs(kept.card, button.verb, press.get("inputs")),
        message=kept.id,
    )


def parse_stop(thread: WebThread, run: str) -> CardAction:
    """The stop button of the composer: stops `run`, once however often it is pressed."""
    return CardAction(f"{run}:stop", thread.where, thread.owner, "run.stop", {"run": run})


def clean(text: str) -> str:
    """Words without control characters and outer space, cut just above what may be asked at once."""
    whole = text.encode("utf-8", "ignore").decode()  # no halves of surrogate pairs, which no database takes
    return whole.translate(_CONTROL).strip()[: MESSAGE_LIMIT + 1]


def is_id(value: str) -> bool:
    """Whether this is a UUID in its usual form, as Chainlit and the page make them."""
    try:
        return str(uuid.UUID(value)) == value
    except ValueError:
        return False


def _button(card: Card, verb: object, payload: object) -> Button | None:
    same = (item for item in card.buttons() if item.verb and item.verb == verb and item.payload == payload)
    return next(same, None)


def _inputs(card: Card, verb: str, given: object) -> JsonObject:
    if not isinstance(given, Mapping):
        return {}
    fields = {element.id: element for element in elements(card) if isinstance(element, Input) and element.id}
    if verb == "run.feedback":  # the page asks for the reason itself
        fields.setdefault("reason", Input("reason", "Reason"))
    return {id: _value(field, given[id]) for id, field in fields.items() if id in given}


def _value(field: Input, value: object) -> Json:
    match field.kind:
        case "toggle":
            return value is True or value == "true"
        case "choices":
            chosen = value if isinstance(value, list) else str(value).split(",")
            return [choice.value for choice in field.choices if choice.value in chosen]
        case "choice":
            return next((choice.value for choice in field.choices if choice.value == value), "")
        case _:
            return clean(str(value))[: min(field.limit, limits.INPUT) if field.limit > 0 else limits.INPUT]
