"""What a person finds when they open the bot: what waits for them, what they asked."""

from conversation.card import Button, Card, Element, Facts, Text
from conversation.codec import JsonObject
from conversation.directory import Directory
from conversation.errors import NotAllowed
from conversation.gates.batch import MEMORY
from conversation.gates.inbox import Inbox, InboxItem
from conversation.gates.inbox_cards import summary
from conversation.notices import failed
from conversation.principal import Principal, Sender
from conversation.run import Run, Runs

_STATES = {
    "completed": "answered",
    "failed": "not answered",
    "canceled": "stopped",
    "input-required": "waits for approval",
}
SHOWN = 5


class Home:
    """Builds the home card of a person."""

    def __init__(self, directory: Directory, runs: Runs, inbox: Inbox) -> None:
        self._directory = directory
        self._runs = runs
        self._inbox = inbox

    async def card(self, sender: Sender) -> Card:
        """The card; for somebody without access, why there is none."""
        try:
            who = await self._directory.resolve(sender)
        except NotAllowed as refused:
            return failed(refused, "", retry=False)
        asked = [run for run in await self._runs.recent(who.tenant, who.id, 20) if run.flow != MEMORY]
        waiting = list(await self._inbox.of(who, limit=SHOWN + 1))
        return _card(who, asked[:8], waiting, self._inbox.now())


def _card(who: Principal, recent: list[Run], waiting: list[InboxItem], now: str) -> Card:
    body: list[Element] = [Text(f"Hello {who.name}", "title"), Text("Ask me about your data, here or in a mention.")]
    for item in waiting[:SHOWN]:
        if item is waiting[0]:
            many = f"{SHOWN} and more wait" if len(waiting) > SHOWN else f"{len(waiting)} waiting"
            body.append(Text(f"{many} for your decision", "heading"))
        body += [Text(item.gate.title), Text(summary(item, now), "muted")]
    body.append(Text("Your recent questions", "heading"))
    if recent:
        body.append(Facts(tuple((run.text[:150] or "–", _STATES.get(run.state, "under way")) for run in recent)))
    else:
        body.append(Text("None yet.", "muted"))
    again = tuple(Button(f"Ask again: {run.text[:50]}", "ask", {"text": run.text}) for run in recent[:3] if run.text)
    decide = _decide(waiting)
    return Card(tuple(body), decide or again, again if decide else ())


def _decide(waiting: list[InboxItem]) -> tuple[Button, ...]:
    """Two that can be opened, and the whole list, in which several can be decided at once."""
    if not waiting:
        return ()
    opened = tuple(Button(f"Open: {item.gate.title[:50]}", "gate.open", _load(item)) for item in waiting[:2])
    return (*opened, Button("Show all approvals", "ask", {"text": "What waits for me?"}, "primary"))


def _load(item: InboxItem) -> JsonObject:
    return {"gate": item.gate.id}
