"""Fresh sign-ins, kept in memory."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from conversation.gates import Gate
from conversation.gates.ceremony import FRESH_SECONDS, Proof
from conversation.principal import Principal


@dataclass
class MemoryProofs:
    """The twin of the stored proofs; `spent` maps a proof's id to the activity that used it."""

    all: list[Proof] = field(default_factory=list)
    spent: dict[str, str] = field(default_factory=dict)

    async def give(self, proof: Proof) -> None:
        """Keep a fresh sign-in."""
        if all(kept.id != proof.id for kept in self.all):
            self.all.append(proof)

    async def standing(self, who: Principal, gate: Gate, at: str) -> bool:
        """Whether this person has one that is not spent and still fresh."""
        return self._find(who, gate, at) is not None

    async def spend(self, who: Principal, gate: Gate, activity: str, at: str) -> bool:
        """Bind a standing one to the activity that decides."""
        found = self._find(who, gate, at)
        if found is not None:
            self.spent[found.id] = activity
        return found is not None

    async def covers(self, who: Principal, gate: Gate, activity: str) -> bool:
        """Whether one was spent on this activity, for this person and this very action."""
        mine = (proof for proof in self.all if _of(proof, who, gate))
        return bool(activity) and any(self.spent.get(proof.id) == activity for proof in mine)

    def _find(self, who: Principal, gate: Gate, at: str) -> Proof | None:
        now = datetime.fromisoformat(at)
        since = now - timedelta(seconds=FRESH_SECONDS)
        fresh = (
            proof
            for proof in self.all
            if _of(proof, who, gate) and proof.id not in self.spent and since < datetime.fromisoformat(proof.at) <= now
        )
        return max(fresh, key=lambda proof: proof.at, default=None)


def _of(proof: Proof, who: Principal, gate: Gate) -> bool:
    mine = (proof.tenant, proof.person, proof.gate, proof.digest)
    return mine == (who.tenant, who.id, gate.id, gate.digest)
