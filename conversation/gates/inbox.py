"""What waits for one person: only gates on which they can act now, and why it is them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from conversation.gates.model import Gate
from conversation.gates.port import Gates
from conversation.principal import Principal

PAGE = 50
MOST = 200
"""Items of one page, and the most that can be asked for."""


@dataclass(frozen=True, slots=True)
class InboxItem:
    """A gate that waits for a person. `why` says why for them, `since` when it came to them, both for people to read.

    Times are ISO 8601 in UTC; an empty `due` never comes. `acting_for` is whose right it is, empty for one's own.
    """

    gate: Gate
    why: str
    since: str
    due: str = ""
    acting_for: str = ""

    @property
    def batchable(self) -> bool:
        """Whether it may be decided together with others."""
        return batchable(self.gate)


class Inbox:
    """Reads the inbox of a person. `acting_for` gives whose rights they hold for a time."""

    def __init__(self, gates: Gates, now: Callable[[], str]) -> None:
        self._gates = gates
        self._now = now

    async def of(self, who: Principal, *, limit: int = PAGE, after: str = "") -> Sequence[InboxItem]:
        """What they can act on now, what is due first; `after` is the gate's id of the last item of the page before."""
        gates = await self._open(who)
        ids = [gate.id for gate in gates]
        start = ids.index(after) + 1 if after in ids else 0
        return [_item(gate, who) for gate in gates[start : start + min(limit, MOST)]]

    def now(self) -> str:
        """The present moment, of which times in words are told."""
        return self._now()

    async def _open(self, who: Principal) -> Sequence[Gate]:
        gates = [gate for gate in await self._gates.waiting(who.tenant) if _can_act(gate, who)]
        return sorted(gates, key=lambda gate: (gate.due_at or "~", gate.created_at, gate.id))


def batchable(gate: Gate) -> bool:
    """Whether a gate may be decided together with others: of low risk, by a plain yes or no."""
    return gate.risk == "low" and {"approve", "reject"} <= set(gate.allowed)


def why(gate: Gate, who: Principal) -> str:
    """Why a gate waits for this person: “named”, “as approver”, “in finance”; empty when it does not."""
    deciders = gate.current.deciders
    if gate.escalate_to.include(who) and not gate.escalate_at:
        return "escalated to you"
    if who.id in deciders.users:
        return "named"
    roles = [role for role in deciders.roles if role in who.roles]
    groups = [group for group in deciders.groups if group in who.groups]
    return f"as {roles[0]}" if roles else f"in {groups[0]}" if groups else ""


def _can_act(gate: Gate, who: Principal) -> bool:
    voted = any(vote.by.id == who.id and vote.stage == gate.stage for vote in gate.votes)
    return gate.state == "open" and not voted and not gate.why_not(who, "approve")


def _item(gate: Gate, who: Principal) -> InboxItem:
    return InboxItem(gate, why(gate, who), _since(gate), gate.due_at)


def _since(gate: Gate) -> str:
    """When the gate came to its present stage and wording."""
    before = [vote.at for vote in gate.votes if vote.stage < gate.stage]
    edits = [revision.at for revision in gate.revisions if revision.number > 1]
    return max((gate.created_at, *before, *edits))
