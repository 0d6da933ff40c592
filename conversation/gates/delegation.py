"""Delegation: somebody decides in another's place for a while. One step only, and never about one's own request."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from conversation.audit import Note
from conversation.codec import JsonObject, portable
from conversation.gates.clock import read
from conversation.gates.model import Decision, Gate, Verdict
from conversation.gates.tally import voter_of
from conversation.principal import Principal


@portable
@dataclass(frozen=True, slots=True)
class Delegation:
    """`to` may decide what `giver` may decide, from `since` until `until`.

    People are named by id, times are ISO 8601 in UTC. `ended_at` is set where it was ended before its time.
    """

    tenant: str
    giver: str
    to: str
    since: str
    until: str
    reason: str = ""
    id: str = ""
    ended_at: str = ""

    def holds(self, at: str) -> bool:
        """Whether it is in force at a moment."""
        return not self.ended_at and read(self.since) <= read(at) < read(self.until)


class Delegations(Protocol):
    """Where delegations are kept, each change with its entry of the audit log. Every look-up is bound to a tenant."""

    async def give(self, delegation: Delegation, *, channel: str = "") -> Delegation:
        """Record one under its id; giving the same id again gives the first record."""

    async def end(self, tenant: str, id: str, *, by: str, at: str, channel: str = "") -> Delegation | None:
        """End one; the first end counts. None where there is no such delegation."""

    async def of(self, tenant: str, person: str = "", at: str = "") -> Sequence[Delegation]:
        """Given by or to this person (by anybody where empty), by their start; with `at` those not over by then."""

    async def acting_for(self, who: Principal, at: str) -> Sequence[Principal]:
        """In whose place this person may decide at a moment: with the rights that those people have now.

        What was delegated to them in turn is not among it.
        """


def given(one: Delegation, channel: str) -> Note:
    """What the audit log says of a delegation that was given."""
    detail: JsonObject = {"to": one.to, "since": one.since, "until": one.until, "reason": one.reason}
    return Note(one.since, one.giver, "delegation.given", one.id, detail, channel)


def ended(one: Delegation, by: str, channel: str) -> Note:
    """What the audit log says of one that was ended before its time."""
    return Note(one.ended_at, by, "delegation.ended", one.id, {"giver": one.giver, "to": one.to}, channel)


def stands_in(gate: Gate, who: Principal, verdict: Verdict, givers: Sequence[Principal]) -> Principal | None:
    """In whose place this person may give this verdict, where their own rights do not reach; None for nobody.

    Nobody decides their own request in another's place, and nobody decides in the asker's place. That neither a person
    nor the one whose place they take counts twice is seen to where votes are counted; who has not voted goes first.
    """
    if who.tenant != gate.tenant or who.id == gate.asked_by.id:
        return None
    others = [giver for giver in givers if giver.id not in (who.id, gate.asked_by.id)]
    able = [giver for giver in others if not gate.why_not(who, verdict, giver)]
    return next((giver for giver in able if _free(gate, who, giver)), able[0] if able else None)


def _free(gate: Gate, who: Principal, giver: Principal) -> bool:
    """Whether neither of the two has a vote on what stands now."""
    return voter_of(gate, Decision("approve", who, acting_for=giver.id, revision=gate.revision)) is None
