"""Card -> what the page draws: a Chainlit step that carries the words, and one custom element that carries the card."""

import json
import math
import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from conversation.card import (
    Button,
    Card,
    Chart,
    Code,
    Details,
    Element,
    Facts,
    File,
    Image,
    Input,
    Progress,
    Table,
    Text,
)
from conversation.cells import Column
from conversation.codec import JsonObject, Scalar, encode
from web import limits
from web.port import WebMessage

AUTHOR: Final = "Quillux"
_MARKUP: Final = re.compile(r"([\\`*_{}\[\]()#+!|<>~$&])")
_LINE_MARKUP: Final = re.compile(r"(?m)^(\s*)([-=]|\d+[.)])")
_SAFE_INTEGER: Final = 2**53


def render(card: Card) -> JsonObject:
    """The card as JSON of bounded size with safe addresses only; a card too large becomes its words."""
    drawn = encode(_bounded(card))
    if len(json.dumps(drawn)) > limits.CARD_BYTES:
        drawn = encode(_bounded(replace(card, body=(Text(card.fallback_text),))))
    assert isinstance(drawn, dict)  # noqa: S101 - a registered type encodes to an object
    return drawn


def step(message: WebMessage, author: str = "") -> JsonObject:
    """A Chainlit step: a person's message, or the words of a card for wherever the card can't be drawn."""
    card = message.card
    return {
        "id": message.id,
        "threadId": message.thread,
        "parentId": None,
        "name": AUTHOR if card else author,
        "type": "assistant_message" if card else "user_message",
        "output": _escaped(card.fallback_text[: limits.TEXT]) if card else message.text,
        "input": "",
        "createdAt": message.created_at,
        "start": message.created_at,
        "end": message.created_at,
        "streaming": False,
        "isError": False,
        "waitForAnswer": False,
        "metadata": {},
        "tags": None,
    }


def element(message: WebMessage) -> JsonObject:
    """The Chainlit element that draws a message's card; KeyError-free for messages with a card only."""
    return {
        "id": f"card-{message.id}",
        "threadId": message.thread,
        "forId": message.id,
        "type": "custom",
        "name": "card",
        "display": "inline",
        "mime": "application/json",
        "url": "/public/elements/card.jsx",
        "props": {
            "message": message.id,
            "version": message.seq,
            "settled": message.settled,
            "card": render(message.card) if message.card else None,
        },
    }


def _bounded(card: Card) -> Card:
    return replace(
        card,
        body=_body(card.body),
        actions=_buttons(card.actions),
        alternatives=_buttons(card.alternatives),
        fallback=_cut(card.fallback_text, limits.TEXT),
    )


def _body(body: Iterable[Element]) -> tuple[Element, ...]:
    return tuple(_element(item) for item in list(body)[: limits.ELEMENTS])


def _element(item: Element) -> Element:
    match item:
        case Text():
            return replace(item, text=_cut(item.text, limits.TEXT))
        case Code():
            return replace(item, text=_cut(item.text, limits.TEXT))
        case Facts(pairs=pairs):
            return Facts(tuple((_cut(n, limits.LABEL), _cut(v, limits.TEXT)) for n, v in pairs[: limits.ELEMENTS]))
        case Table():
            return _table(item)
        case Details():
            return Details(_cut(item.title, limits.LABEL), _body(item.body))
        case _:
            return _other(item)


def _other(item: Chart | Image | File | Progress | Input | Element) -> Element:
    match item:
        case Chart():
            return item if _drawable(item) else Chart({}, item.alt, item.title)
        case Image():
            return item if address(item.url) else Text(item.alt or "(a picture that can't be shown)", "muted")
        case File():
            return replace(item, url=address(item.url))
        case Input():
            return replace(item, label=_cut(item.label, limits.LABEL), choices=item.choices[: limits.CHOICES])
        case _:
            return item


def _table(table: Table) -> Table:
    columns = tuple(Column(_cut(c.name, limits.LABEL), c.kind, c.unit) for c in table.columns[: limits.COLUMNS])
    rows = tuple(tuple(_scalar(v) for v in row[: limits.COLUMNS]) for row in table.rows[: limits.ROWS])
    return replace(table, columns=columns, rows=rows, total=max(table.total, len(table.rows)))


def _scalar(value: Scalar) -> Scalar:
    """A value that JavaScript reads back as it was: no NaN, no integer that it would round."""
    if isinstance(value, str):
        return _cut(value, limits.CELL)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, int) and abs(value) > _SAFE_INTEGER:
        return f"{value:,}"
    return value


def _buttons(buttons: tuple[Button, ...]) -> tuple[Button, ...]:
    def shown(item: Button) -> Button:
        return replace(item, label=_cut(item.label.strip() or "Go", limits.LABEL), url=address(item.url))

    return tuple(item for item in map(shown, buttons) if item.verb or item.url)[: limits.BUTTONS]


def _drawable(chart: Chart) -> bool:
    try:
        return 0 < len(json.dumps(chart.spec, allow_nan=False)) <= limits.CHART_BYTES
    except ValueError:
        return False


def address(url: str) -> str:
    """The address if a browser may open it (https, http, or a path of this site), else empty."""
    if url.startswith("/") and not url.startswith(("//", "/\\")):
        return url
    parts = urlsplit(url)
    return url if parts.scheme in {"https", "http"} and parts.netloc else ""


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _escaped(text: str) -> str:
    """Text that Markdown shows as it is, so that no value from the data loads a picture or makes a link."""
    return _LINE_MARKUP.sub(r"\1\\\2", _MARKUP.sub(r"\\\1", text)).replace("\n", "  \n")
