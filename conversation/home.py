"""What a person finds when they open the bot: what waits for them, what they asked."""

from conversation.card import Button, Card, Element, Facts, Text
from conversation.directory import Directory
from conversation.errors import NotAllowed
from conversation.gates import Gate, Gates
from conversation.notices import failed
from conversation.principal import Principal, Sender
from conversation.run import Run, Runs

_STATES = {
    "completed": "answered",
    "failed": "not answered",
    "canceled": "stopped",
    "input-required": "waits for approval",
}


class Home:
    """Builds the home card of a person."""

    def __init__(self, directory: Directory, runs: Runs, gates: Gates) -> None:
        self._directory = directory
        self._runs = runs
        self._gates = gates

    async def card(self, sender: Sender) -> Card:
        """The card; for somebody without access, why there is none."""
        try:
            who = await self._directory.resolve(sender)
        except NotAllowed as refused:
            return failed(refused, "", retry=False)
        recent = list(await self._runs.recent(who.tenant, who.id, 8))
        waiting = [gate for gate in await self._gates.waiting(who.tenant) if not gate.why_not(who, "approve")]
        return _card(who, recent, waiting)


def _card(who: Principal, recent: list[Run], waiting: list[Gate]) -> Card:
    body: list[Element] = [Text(f"Hello {who.name}", "title"), Text("Ask me about your data, here or in a mention.")]
    if waiting:
        body.append(Text(f"{len(waiting)} waiting for your decision", "heading"))
        body.append(Facts(tuple((gate.title, gate.reason) for gate in waiting[:5])))
    body.append(Text("Your recent questions", "heading"))
    if recent:
        body.append(Facts(tuple((run.text[:150] or "–", _STATES.get(run.state, "under way")) for run in recent)))
    else:
        body.append(Text("None yet.", "muted"))
    decide = tuple(
        Button(f"Approve: {gate.title}", "gate.decide", {"gate": gate.id, "verdict": "approve"}) for gate in waiting[:3]
    )
    again = tuple(Button(f"Ask again: {run.text[:50]}", "ask", {"text": run.text}) for run in recent[:3] if run.text)
    return Card(tuple(body), decide or again, again if decide else ())
