"""Gates, kept in memory."""

from collections.abc import Sequence
from dataclasses import replace

from conversation.gates import Claim, Decision, Gate, Lost, Won


class MemoryGates:
    """The twin of the stored gates. `all` holds every gate by id, oldest first."""

    def __init__(self) -> None:
        self.all: dict[str, Gate] = {}

    async def open(self, gate: Gate) -> Gate:
        """Record a gate; the same id again gives the first record."""
        return self.all.setdefault(gate.id, gate)

    async def get(self, tenant: str, id: str) -> Gate | None:
        """The gate of this tenant, or None."""
        gate = self.all.get(id)
        return gate if gate is not None and gate.tenant == tenant else None

    async def waiting(self, tenant: str, run: str = "") -> Sequence[Gate]:
        """Undecided gates of a tenant, oldest first; of one run where `run` is given."""
        mine = (gate for gate in self.all.values() if gate.tenant == tenant and gate.decision is None)
        return [gate for gate in mine if not run or gate.run == run]

    async def claim(self, gate: Gate, decision: Decision) -> Claim:
        """Set the decision if none stands. Nothing is awaited in between, so exactly one claim wins."""
        standing = self.all[gate.id].decision
        if standing is None:
            self.all[gate.id] = replace(self.all[gate.id], decision=decision)
            return Won(self.all[gate.id])
        again = bool(decision.activity) and standing.activity == decision.activity
        return Won(self.all[gate.id]) if again else Lost(self.all[gate.id])
