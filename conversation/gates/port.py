"""Where gates are kept, and what a claim of one gives."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from conversation.gates.model import Decision, Gate


@dataclass(frozen=True, slots=True)
class Won:
    """This decision is the gate's decision (also when the same press is delivered again)."""

    gate: Gate


@dataclass(frozen=True, slots=True)
class Counted:
    """The vote stands in `gate.votes`; others still have to approve."""

    gate: Gate


@dataclass(frozen=True, slots=True)
class Lost:
    """Somebody else decided first, or the gate is not open; `gate.decision` and `gate.state` say which."""

    gate: Gate


Claim: TypeAlias = Won | Counted | Lost


class Gates(Protocol):
    """Where gates are kept. Every change of one is written with its entry of the audit log, in one transaction."""

    async def open(self, gate: Gate) -> Gate:
        """Record a gate; opening the same id again gives the first record."""

    async def get(self, tenant: str, id: str) -> Gate | None:
        """The gate of this tenant, or None."""

    async def waiting(self, tenant: str, run: str = "") -> Sequence[Gate]:
        """Undecided gates of a tenant, oldest first; of one run where `run` is given."""

    async def claim(self, gate: Gate, decision: Decision) -> Claim:
        """Count the decision if the gate is open and still as this person saw it; exactly one claim of it is `Won`."""
