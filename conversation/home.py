"""What a person finds when they open the bot: what waits for them, what they asked."""

from conversation.card import Button, Card, Element, Facts, Text
from conversation.directory import Directory
from conversation.errors import NotAllowed
from conversation.gates import Gate
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
        return _card(who, asked[:8], [(item.gate, self._line(item)) for item in waiting])

    def _line(self, item: InboxItem) -> str:
        return summary(item, self._inbox.now(), self._inbox.zone)


def _card(who: Principal, recent: list[Run], waiting: list[tuple[Gate, str]]) -> Card:
    body: list[Element] = [Text(f"Hello {who.name}", "title"), Text("Ask me about your data, here or in a mention.")]
    if waiting:
        many = f"{SHOWN} and more wait" if len(waiting) > SHOWN else f"{len(waiting)} waiting"
        body.append(Text(f"{many} for your decision", "heading"))
    for gate, words in waiting[:SHOWN]:
        body += [Text(gate.title), Text(words, "muted")]
    body.append(Text("Your recent questions", "heading"))
    if recent:
        body.append(Facts(tuple((run.text[:150] or "–", _STATES.get(run.state, "under way")) for run in recent)))
    else:
        body.append(Text("None yet.", "muted"))
    again = tuple(Button(f"Ask again: {run.text[:50]}", "ask", {"text": run.text}) for run in recent[:3] if run.text)
    decide = _decide([gate for gate, _ in waiting])
    return Card(tuple(body), decide or again, again if decide else ())


def _decide(waiting: list[Gate]) -> tuple[Button, ...]:
    """Two that can be opened, and the whole list, in which several can be decided at once."""
    if not waiting:
        return ()
    opened = tuple(Button(f"Open: {gate.title[:50]}", "gate.open", {"gate": gate.id}) for gate in waiting[:2])
    return (*opened, Button("Show all approvals", "ask", {"text": "What waits for me?"}, "primary"))
