"""A card as a Slack message or Home tab: blocks within Slack's limits, and text for notifications.

What does not fit is shown smaller or named in a line; it is never left out in silence.
"""

import json
from collections.abc import Iterator

from bots.slack import limits
from bots.slack.blocks import (
    chart_blocks,
    code_blocks,
    facts_blocks,
    file_blocks,
    image_blocks,
    note,
    plain,
    progress_blocks,
    section,
    text_blocks,
)
from bots.slack.fields import button_blocks, input_blocks
from bots.slack.tables import table_blocks
from bots.slack.text import clean, escaped, length
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
from conversation.codec import Json, JsonObject


def render(card: Card, *, table_block: bool = False) -> JsonObject:
    """`{"text": ..., "blocks": [...]}` for `chat.postMessage` and `chat.update`.

    `table_block` shows the first table as Slack's table block, which not every client of Slack knows.
    """
    return {"text": notification(card), "blocks": _page(card, limits.MESSAGE_BLOCKS, table_block)}


def render_plain(card: Card) -> JsonObject:
    """The same card in running text and buttons only, for when Slack refuses the richer form."""
    return {"text": notification(card), "blocks": _plainly(card)}


def render_home(card: Card, *, plainly: bool = False) -> JsonObject:
    """The view for `views.publish`."""
    return {"type": "home", "blocks": _plainly(card) if plainly else _page(card, limits.HOME_BLOCKS)}


def notification(card: Card) -> str:
    """The card in words, with markup escaped."""
    return escaped(_said(card), limits.MESSAGE_TEXT)


def _said(card: Card) -> str:
    return clean(card.fallback_text).strip() or "(an empty card)"


def _plainly(card: Card) -> list[Json]:
    buttons = button_blocks(_steps(card) + card.alternatives)[: limits.ACTIONS_BLOCKS]
    return _json([*section(_said(card))[:3], *buttons])


def _page(card: Card, most: int, table_block: bool = False) -> list[Json]:
    """Body, then other readings, then next steps."""
    steps = _steps(card)
    tail = button_blocks(card.alternatives, len(steps)) + button_blocks(steps)
    if len(tail) > limits.ACTIONS_BLOCKS:
        tail = [*tail[-limits.ACTIONS_BLOCKS :], note("There are more buttons than Slack can show; see the browser.")]
    body = _fit(list(_body(card, limits.TABLES if table_block else 0)), most - len(tail))
    return _json([*body, *tail] or section(_said(card)))


def _steps(card: Card) -> tuple[Button, ...]:
    """The next steps, and one that opens what Slack cannot fold."""
    folded = [element for element in card.body if isinstance(element, Details)][-1:]
    if not folded or not card.run or any(button.verb == "run.details" for button in card.buttons()):
        return card.actions
    return (*card.actions, Button(folded[0].title.strip() or "Details", "run.details", {"run": card.run}))


def _body(card: Card, table_blocks: int) -> Iterator[JsonObject]:
    elements = list(_opened(card.body, foldable=bool(card.run)))
    tables = [element for element in elements if isinstance(element, Table) and element.rows and element.columns]
    for place, element in enumerate(elements):
        native = any(element is table for table in tables[:table_blocks])
        yield from _element(element, place, native)


def _opened(body: tuple[Element, ...], *, foldable: bool) -> Iterator[Element]:
    """Elements in order. Details hide behind a button where there is a run to ask for them, else stand open."""
    for element in body:
        if not isinstance(element, Details):
            yield element
        elif not foldable:
            yield Text(element.title, "heading")
            yield from _opened(element.body, foldable=False)


def _element(element: Element, place: int, native: bool) -> list[JsonObject]:
    match element:
        case Text():
            return text_blocks(element)
        case Facts():
            return facts_blocks(element)
        case Table():
            return table_blocks(element, native=native)
        case Code():
            return code_blocks(element)
        case Input():
            return input_blocks(element, place)
        case _:
            return _shown(element)


def _shown(element: Element) -> list[JsonObject]:
    match element:
        case Chart():
            return chart_blocks(element)
        case Image():
            return image_blocks(element)
        case File():
            return file_blocks(element)
        case Progress():
            return progress_blocks(element)
        case _:
            return []


def _fit(blocks: list[JsonObject], most: int) -> list[JsonObject]:
    """Within the count and the size that a message may have; inputs go before text."""
    if len(blocks) > most:
        blocks = _merged(blocks)
    asked = [id(block) for block in blocks if block["type"] == "input"]
    inputs = set(asked[: limits.INPUT_BLOCKS])
    room, size = most - len(inputs) - 1, limits.MESSAGE_JSON
    kept: list[JsonObject] = []
    for block in blocks:
        if block["type"] == "input":
            kept += [block] if id(block) in inputs else []
            continue
        room -= 1
        size -= 0 if block["type"] == "table" else length(json.dumps(block, ensure_ascii=False))
        if room >= 0 and size >= 0:
            kept.append(block)
        else:
            room = -1  # what comes after would be out of its place
    left_out = len(blocks) - len(kept)
    return [*kept, note(_shortened(left_out))] if left_out else kept


def _shortened(parts: int) -> str:
    return f"Shortened for Slack: {parts} more part{'s' if parts > 1 else ''} – all of it in the browser"


def _merged(blocks: list[JsonObject]) -> list[JsonObject]:
    """Neighbouring sections of text as one, to save blocks."""
    merged: list[JsonObject] = []
    for block in blocks:
        joined = f"{_text(merged[-1])}\n{_text(block)}" if merged and _text(merged[-1]) and _text(block) else ""
        if joined and length(joined) <= limits.SECTION_TEXT:
            merged[-1] = {"type": "section", "text": plain(joined, limits.SECTION_TEXT)}
        else:
            merged.append(block)
    return merged


def _text(block: JsonObject) -> str:
    text = block.get("text")
    words = text.get("text") if block["type"] == "section" and isinstance(text, dict) else ""
    return words if isinstance(words, str) else ""


def _json(blocks: list[JsonObject]) -> list[Json]:
    return [*blocks]
