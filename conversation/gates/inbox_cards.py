"""The inbox as a card: what waits, why for you, since when, until when; what may be decided together can be ticked."""

from collections.abc import Sequence
from datetime import UTC, tzinfo

from conversation.card import Button, Card, Choice, Element, Input, Text
from conversation.codec import JsonObject
from conversation.gates.batch import seal
from conversation.gates.deciding import REASON_LIMIT
from conversation.gates.inbox import InboxItem
from conversation.gates.times import due, waited

SHOWN = 8
"""Items on one card: each may be opened by a button of its own."""
REASON = 160
"""Characters of the reason of one item."""


def summary(item: InboxItem, now: str, zone: tzinfo = UTC) -> str:
    """One line of an item: who asked, why you, since when, until when, how risky."""
    risk = "" if item.gate.risk == "low" else f"{item.gate.risk} risk"
    parts = (
        f"{item.gate.asked_by.name} asks",
        item.why,
        waited(item.since, now, zone),
        due(item.due, now, zone),
        risk,
    )
    return " · ".join(part for part in parts if part)


def inbox(items: Sequence[InboxItem], now: str, run: str, *, more: bool = False, zone: tzinfo = UTC) -> Card:
    """The items of one page; `more` when there are others after them."""
    if not items:
        words = Text("Whatever waits for a decision of yours will stand here.", "muted")
        return Card((Text("Nothing waits for you", "title"), words), run=run, private=True)
    many = f"{len(items)}{' and more' if more else ''}"
    title = "1 request waits for you" if many == "1" else f"{many} requests wait for you"
    body: list[Element] = [Text(title, "title")]
    for number, item in enumerate(items, 1):
        body += [Text(f"{number}. {item.gate.title}", "heading"), Text(summary(item, now, zone), "muted")]
        body += [Text(item.gate.reason[:REASON])] if item.gate.reason else []
    together = [(number, item) for number, item in enumerate(items, 1) if item.batchable]
    actions: tuple[Button, ...] = ()
    if len(together) > 1:
        body += _ticks(together)
        actions = (_decide("Approve chosen", "approve", run), _decide("Reject chosen", "reject", run))
    if more:
        actions += (Button("Show more", "inbox.show", {"run": run, "after": items[-1].gate.id}),)
    opened = tuple(
        Button(f"Open {number}", "gate.open", {"gate": item.gate.id}) for number, item in enumerate(items, 1)
    )
    return Card(tuple(body), actions, opened, run=run, private=True)


def shown(items: Sequence[InboxItem]) -> JsonObject:
    """Which gate stands behind each seal that the card of these items shows."""
    return {seal(item.gate): item.gate.id for item in items if item.batchable}


def _ticks(together: Sequence[tuple[int, InboxItem]]) -> list[Element]:
    choices = tuple(Choice(seal(item.gate), f"{number}. {item.gate.title}") for number, item in together)
    return [
        Input("chosen", "Decide several at once (low risk)", "choices", choices=choices),
        Input("reason", "One reason for all", placeholder="Needed to reject", limit=REASON_LIMIT),
    ]


def _decide(label: str, verdict: str, run: str) -> Button:
    return Button(
        label, "gate.batch", {"run": run, "verdict": verdict}, "primary" if verdict == "approve" else "danger"
    )
