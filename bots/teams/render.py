"""Card -> Adaptive Card 1.5. Pure. What Teams cannot show is shown otherwise; nothing is dropped silently."""

import json
import re
from dataclasses import replace
from itertools import count

from bots.teams import limits
from bots.teams.actions import openable, render_buttons
from bots.teams.layout import ROOMS, ChartUrl, Layout, Room, no_chart
from bots.teams.text import block, clean, one_line, right_to_left
from conversation.card import Button, Card, Chart, Text
from conversation.codec import Json, JsonObject

_PICTURE = re.compile(r"data:image/png;base64,[A-Za-z0-9+/=]+")
SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"


def render(card: Card, chart_url: ChartUrl = no_chart) -> JsonObject:
    """The content of an `application/vnd.microsoft.card.adaptive` attachment, within the size that Teams takes."""
    pictures: dict[int, str] = {}

    def picture(chart: Chart, run: str) -> str:
        """Drawing is slow, so each chart is drawn once, however often the card is laid out."""
        if id(chart) not in pictures:
            pictures[id(chart)] = chart_url(chart, run)
        return pictures[id(chart)]

    for room in ROOMS:
        made = _lay_out(card, room, picture)
        if size(made) <= limits.CARD_BYTES:
            return made
    return _last_resort(card)


def size(made: JsonObject) -> int:
    """Bytes of a payload as Teams counts them: JSON in UTF-16 without the pictures inside it."""
    text = json.dumps(made, ensure_ascii=False, separators=(",", ":"))
    pictures = sum(len(found[0]) for found in _PICTURE.finditer(text))
    return len(text.encode("utf-16-le", "surrogatepass")) - 2 * pictures


def _lay_out(card: Card, room: Room, chart_url: ChartUrl) -> JsonObject:
    words = card.fallback_text
    made: JsonObject = {"type": "AdaptiveCard", "$schema": SCHEMA, "version": "1.5"}
    made |= {"fallbackText": clean(words, limits.FALLBACK_CHARS), "speak": one_line(words, limits.SPOKEN_CHARS)}
    if right_to_left(words):
        made["rtl"] = True
    body = Layout(card.run, room, chart_url, count(1)).body(card.body)
    closed = [block(f"{button.label} (its address cannot be opened here)", 200, "muted") for button in _shut(card)]
    body += closed
    others = [button for button in card.alternatives if openable(button)]
    for start in range(0, len(others), limits.ROW_BUTTONS):
        last = start + limits.ROW_BUTTONS >= limits.SHOWN_BUTTONS
        row = others[start:] if last else others[start : start + limits.ROW_BUTTONS]
        body.append({"type": "ActionSet", "actions": render_buttons(row, limits.ROW_BUTTONS)})
        if last:
            break
    steps = [button for button in card.actions if openable(button)]
    made["body"] = body or ([] if steps else [block(words, room.text)])
    if steps:
        made["actions"] = render_buttons(steps)
    return made


def _shut(card: Card) -> list[Button]:
    return [button for button in card.buttons() if not openable(button)]


def _last_resort(card: Card) -> JsonObject:
    """The words of the card, and those of its buttons that there is room for."""
    words = Card((Text(card.fallback_text),), run=card.run)
    made = _lay_out(words, ROOMS[-1], no_chart)
    for button in card.buttons():
        more = replace(words, actions=(*words.actions, button))
        wider = _lay_out(more, ROOMS[-1], no_chart)
        if size(wider) <= limits.CARD_BYTES:
            words, made = more, wider
    return made


def attachment(card: Card, chart_url: ChartUrl = no_chart) -> dict[str, Json]:
    """The attachment that carries a card in a message or an invoke's answer."""
    return {"contentType": "application/vnd.microsoft.card.adaptive", "content": render(card, chart_url)}
