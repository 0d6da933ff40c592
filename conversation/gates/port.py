"""Where gates are kept, and what a claim of one gives."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias, TypedDict, Unpack

from conversation.card import Element
from conversation.errors import NotAllowed
from conversation.gates.model import Aside, Decision, Gate, GateState
from conversation.gates.rules import Stage
from conversation.principal import Principal


@dataclass(frozen=True, slots=True)
class Won:
    """This decision is the gate's decision (also when the same press is delivered again)."""

    gate: Gate


@dataclass(frozen=True, slots=True)
class Counted:
    """The vote stands in `gate.votes` (or the edit in `gate.revisions`); others still have to approve."""

    gate: Gate


Missed: TypeAlias = Literal["closed", "revised", "voted", "refused"]
"""The gate is not open; what stands now is not what the person saw; they voted already; they may not."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The vote does not count. `words` say why, for the person; `gate` is how it stands."""

    gate: Gate
    why: Missed = "closed"
    words: str = ""


Claim: TypeAlias = Won | Counted | Lost


@dataclass(frozen=True, slots=True)
class Ready:
    """The effect may begin, and is marked as begun; `again` where the same activity had begun it before."""

    gate: Gate
    again: bool = False


Clash: TypeAlias = Literal["state", "action", "policy", "target", "begun"]
"""Not approved (any more); another action; other rules; the target has changed; another activity began the effect."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """The effect must not begin: what was `expected` when it was approved, and what was `found` now."""

    gate: Gate
    why: Clash
    expected: str
    found: str


class Conflicted(NotAllowed):
    """What was approved is not what would happen now, so nothing was done. `conflict` says in what they differ."""

    def __init__(self, conflict: Conflict) -> None:
        super().__init__(_CLASHES[conflict.why], next_step="Ask for it again.")
        self.conflict = conflict


_CLASHES: dict[Clash, str] = {
    "state": "This request is not approved any more.",
    "action": "What was approved is not what would run now.",
    "policy": "The rules for approvals have changed since this was asked.",
    "target": "What this would change has changed since it was asked.",
    "begun": "This was begun already.",
}


class GateMoved(NotAllowed):
    """The gate is not any more as the caller saw it, so it was not changed. `gate` is how it stands."""

    def __init__(self, gate: Gate, what: str = "This request has changed meanwhile.") -> None:
        super().__init__(what, unchanged="It stays as it is.", next_step="Look at it again.")
        self.gate = gate


class Terms(TypedDict, total=False):
    """What can be changed of a gate that waits. `electorate` is that of its current stage."""

    stages: tuple[Stage, ...]
    electorate: tuple[str, ...]
    remind_at: str
    escalate_at: str
    due_at: str
    evidence: tuple[Element, ...]
    asides: tuple[Aside, ...]


class Gates(Protocol):
    """Where gates are kept. Every change of one is written with its entry of the audit log, in one transaction."""

    async def open(self, gate: Gate, *, channel: str = "") -> Gate:
        """Record a gate, asked for in `channel`; opening the same id again gives the first record as it stands."""

    async def get(self, tenant: str, id: str) -> Gate | None:
        """The gate of this tenant, or None."""

    async def waiting(self, tenant: str, run: str = "") -> Sequence[Gate]:
        """Gates of a tenant that are open or paused, oldest first; of one run where `run` is given."""

    async def claim(self, gate: Gate, decision: Decision, *, giver: Principal | None = None) -> Claim:
        """Count the decision if the gate is open and still as this person saw it; exactly one claim of it is `Won`.

        `decision.revision` is the revision that the person saw. Whether they may decide is checked again here, with
        the gate as it stands; a vote with `acting_for` needs its `giver`, for whom it counts.
        """

    async def move(self, gate: Gate, to: GateState, *, by: str, at: str, reason: str = "", channel: str = "") -> Gate:
        """Pause, reopen, supersede or cancel. Moving to where it stands already changes nothing.

        Raises GateMoved where the gate's life has no such step, or its state or terms are not as in `gate` any more.
        """

    async def amend(
        self, gate: Gate, *, by: str, at: str, note: str, channel: str = "", **changes: Unpack[Terms]
    ) -> Gate:
        """Change the terms of an open or paused gate; it never decides. Raises GateMoved as `move` does."""

    async def inbox(
        self, who: Principal, *, at: str, limit: int = 50, after: str = "", acting_for: Sequence[Principal] = ()
    ) -> Sequence[Gate]:
        """Open gates on which this person can act now, oldest first; those past the gate `after`.

        In the current stage, not voted on in this revision, not their own unless it may be self-approved; also by
        the rights of those whom they act for.
        """

    async def due(self, at: str, limit: int = 200) -> Sequence[Gate]:
        """Open gates of all tenants with a reminder, escalation or expiry that has come, the longest due first."""

    async def looked(self, gate: Gate, who: Principal, revision: int) -> None:
        """Remember that this person saw this revision."""

    async def last_look(self, gate: Gate, who: Principal) -> int:
        """The newest revision that this person saw; 0 when they saw none."""

    async def ready(self, gate: Gate, *, policy: str, target_version: str, activity: str = "") -> Ready | Conflict:
        """Right before the effect: check what was approved against what is, and mark the effect as begun, once.

        `gate` is as it was won; `activity` is who begins, by default the press that decided. The same activity may
        go on after a crash, with nothing but the action checked again; no other one ever may.
        """
