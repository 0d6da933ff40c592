"""What waits for one person: only gates on which they can act now, and why it is them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo

from conversation.gates.delegation import Delegations
from conversation.gates.life import waits_for
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
    """Reads the inbox of a person, with the rights that others have delegated to them.

    `zone` is the one in which people are told of times.
    """

    def __init__(
        self, gates: Gates, now: Callable[[], str], delegations: Delegations | None = None, zone: tzinfo = UTC
    ) -> None:
        self.zone = zone
        self._gates = gates
        self._now = now
        self._delegations = delegations

    async def of(self, who: Principal, *, limit: int = PAGE, after: str = "") -> Sequence[InboxItem]:
        """What they can act on now, oldest first; `after` is the id of the last gate of the page before."""
        givers, most = await self.givers(who), max(1, min(limit, MOST))
        gates = await self._gates.inbox(who, at=self._now(), limit=most, after=after, acting_for=givers)
        found = (item(gate, who, givers) for gate in gates)
        return [one for one in found if one is not None]

    async def item(self, gate: Gate, who: Principal) -> InboxItem | None:
        """The item of one gate; None where this person can't act on it now."""
        return item(gate, who, await self.givers(who))

    async def givers(self, who: Principal) -> Sequence[Principal]:
        """In whose place this person may decide now."""
        return await self._delegations.acting_for(who, self._now()) if self._delegations else ()

    def now(self) -> str:
        """The present moment, of which times in words are told."""
        return self._now()


def batchable(gate: Gate) -> bool:
    """Whether a gate may be decided together with others: of low risk, by a plain yes or no."""
    return gate.risk == "low" and {"approve", "reject"} <= set(gate.allowed)


def item(gate: Gate, who: Principal, givers: Sequence[Principal] = ()) -> InboxItem | None:
    """A gate as it waits for a person, by their own right or that of one of `givers`; None where it does not."""
    if waits_for(gate, who):
        return InboxItem(gate, _why(gate, who), _since(gate), gate.due_at)
    giver = next((giver for giver in givers if waits_for(gate, who, giver)), None)
    return InboxItem(gate, f"for {giver.name}", _since(gate), gate.due_at, giver.id) if giver else None


def _why(gate: Gate, who: Principal) -> str:
    """Why a gate waits for this person: “named”, “as approver”, “in finance”, “escalated to you”."""
    deciders = gate.current.deciders
    if gate.escalate_to.include(who) and gate.escalate_at == "":
        return "escalated to you"
    if who.id in deciders.users:
        return "named"
    roles = [role for role in deciders.roles if role in who.roles]
    groups = [group for group in deciders.groups if group in who.groups]
    return f"as {roles[0]}" if roles else f"in {groups[0]}" if groups else ""


def _since(gate: Gate) -> str:
    """When the gate came to its present stage and wording."""
    before = [vote.at for vote in gate.votes if 0 <= vote.stage < gate.stage]
    edits = [revision.at for revision in gate.revisions if revision.number > 1]
    return max((gate.created_at, *before, *edits))
