"""A decision that a run waits for: one interrupt, one card, one winner."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

from conversation.codec import JsonObject, portable
from conversation.principal import Principal

Verdict = Literal["approve", "edit", "reject", "respond"]
VERDICTS: tuple[Verdict, ...] = ("approve", "edit", "reject", "respond")


@portable
@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided, by whom, and why. `activity` is the id of the press: a retried turn is the same decision."""

    verdict: Verdict
    by: Principal
    reason: str = ""
    inputs: JsonObject = field(default_factory=dict)
    activity: str = ""
    at: str = ""


@portable
@dataclass(frozen=True, slots=True)
class Gate:
    """The durable record of a decision to be made.

    `parameters` is the exact action in JSON and `digest` its SHA-256 in canonical form: an approval of one digest can
    not run another. `interrupt` is LangGraph's id, by which alone the run is resumed. `roles` may decide.
    """

    id: str
    tenant: str
    run: str
    flow: str
    interrupt: str
    title: str
    reason: str
    parameters: JsonObject
    asked_by: Principal
    roles: tuple[str, ...]
    policy: str
    allowed: tuple[Verdict, ...] = ("approve", "reject")
    self_approval: bool = False
    created_at: str = ""
    decision: Decision | None = None

    @property
    def digest(self) -> str:
        """SHA-256 of the action in canonical JSON (sorted keys, no white space)."""
        return digest(self.parameters)

    def why_not(self, who: Principal, verdict: Verdict) -> str:
        """Why this person may not give this verdict; empty when they may."""
        if who.tenant != self.tenant:
            return "This request belongs to another organisation."
        if verdict not in self.allowed:
            return f"This request can't be answered with “{verdict}”."
        if who.id == self.asked_by.id and verdict != "reject" and not self.self_approval:
            return "You asked for this yourself, so somebody else has to approve it."
        if who.id == self.asked_by.id and verdict == "reject":
            return ""
        if not set(self.roles) & set(who.roles):
            return f"Only {' or '.join(self.roles)} can decide this."
        return ""


def digest(parameters: JsonObject) -> str:
    """SHA-256 of JSON in canonical form."""
    canonical = json.dumps(parameters, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Won:
    """This decision is the gate's decision (also when the same press is delivered again)."""

    gate: Gate


@dataclass(frozen=True, slots=True)
class Lost:
    """Somebody else decided first; `gate.decision` says who and what."""

    gate: Gate


Claim: TypeAlias = Won | Lost


class Gates(Protocol):
    """Where gates are kept."""

    async def open(self, gate: Gate) -> Gate:
        """Record a gate; opening the same id again gives the first record."""

    async def get(self, tenant: str, id: str) -> Gate | None:
        """The gate of this tenant, or None."""

    async def waiting(self, tenant: str, run: str = "") -> Sequence[Gate]:
        """Undecided gates of a tenant, oldest first; of one run where `run` is given."""

    async def claim(self, gate: Gate, decision: Decision) -> Claim:
        """Set the decision if none stands; exactly one claim of a gate is `Won`."""
