"""Gates, kept in memory."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Unpack

from conversation.gates import Claim, Conflict, Decision, Gate, GateState, Lost, Ready, Terms, life, trail
from conversation.principal import Principal
from tests.fakes.audit import MemoryAudit

WHEN = "2026-01-01T00:00:00.000000+00:00"


class MemoryGates:
    """The twin of the stored gates. `all` holds every gate by id, oldest first; nothing is awaited inside a change."""

    def __init__(self, audit: MemoryAudit | None = None) -> None:
        self.all: dict[str, Gate] = {}
        self.audit = audit or MemoryAudit()
        self._looks: dict[tuple[str, str], int] = {}

    async def open(self, gate: Gate, *, channel: str = "") -> Gate:
        """Record a gate; the same id again gives the first record."""
        if gate.id not in self.all:
            self.all[gate.id] = replace(gate, created_at=gate.created_at or WHEN)
            self.audit.write(gate.tenant, trail.opened(self.all[gate.id], channel))
        return self.all[gate.id]

    async def get(self, tenant: str, id: str) -> Gate | None:
        """The gate of this tenant, or None."""
        gate = self.all.get(id)
        return gate if gate is not None and gate.tenant == tenant else None

    async def waiting(self, tenant: str, run: str = "") -> Sequence[Gate]:
        """Gates of a tenant that are open or paused, oldest first; of one run where `run` is given."""
        found = (gate for gate in self._oldest(tenant) if gate.state in ("open", "paused"))
        return [gate for gate in found if run in ("", gate.run)]

    async def claim(self, gate: Gate, decision: Decision, *, giver: Principal | None = None) -> Claim:
        """Count the decision; exactly one claim of a gate is `Won`."""
        standing = self._standing(gate)
        claim = life.count(standing, gate, replace(decision, at=decision.at or WHEN), giver)
        if claim.gate != standing and not isinstance(claim, Lost):
            self._keep(claim.gate)
            self.audit.write(gate.tenant, *trail.voted(standing, claim.gate))
        return claim

    async def move(self, gate: Gate, to: GateState, *, by: str, at: str, reason: str = "", channel: str = "") -> Gate:
        """Pause, reopen, supersede or cancel."""
        standing = self._standing(gate)
        after = life.move(standing, gate, to)
        if after != standing:
            self._keep(after)
            self.audit.write(gate.tenant, trail.moved(after, by=by, at=at, reason=reason, channel=channel))
        return after

    async def amend(
        self, gate: Gate, *, by: str, at: str, note: str, channel: str = "", **changes: Unpack[Terms]
    ) -> Gate:
        """Change the terms of a gate that waits."""
        standing = self._standing(gate)
        after = life.amend(standing, gate, changes)
        self._keep(after)
        self.audit.write(gate.tenant, trail.amended(standing, after, by=by, at=at, note=note, channel=channel))
        return after

    async def inbox(
        self, who: Principal, *, at: str, limit: int = 50, after: str = "", acting_for: Sequence[Principal] = ()
    ) -> Sequence[Gate]:
        """Open gates on which this person can act now, oldest first."""
        gates = self._oldest(who.tenant)
        past = next((n + 1 for n, gate in enumerate(gates) if gate.id == after), 0)
        hats = (None, *acting_for)
        return [gate for gate in gates[past:] if any(life.waits_for(gate, who, hat) for hat in hats)][:limit]

    async def due(self, at: str, limit: int = 200) -> Sequence[Gate]:
        """Open gates of all tenants with a time that has come, the longest due first."""
        found = [(life.next_time(gate), gate) for gate in self.all.values() if gate.state == "open"]
        come = [(when, gate) for when, gate in found if when and when <= life.instant(at)]
        return [gate for _, gate in sorted(come, key=lambda one: one[0])][:limit]

    async def looked(self, gate: Gate, who: Principal, revision: int) -> None:
        """Remember that this person saw this revision."""
        key = gate.id, who.id
        self._looks[key] = max(revision, self._looks.get(key, 0))

    async def last_look(self, gate: Gate, who: Principal) -> int:
        """The newest revision that this person saw; 0 when they saw none."""
        return self._looks.get((gate.id, who.id), 0)

    async def ready(self, gate: Gate, *, policy: str, target_version: str, activity: str = "") -> Ready | Conflict:
        """Check what was approved against what is, and mark the effect as begun."""
        standing = self._standing(gate)
        found = life.begin(standing, gate, policy=policy, target_version=target_version, activity=activity)
        if isinstance(found, Conflict):
            self.audit.write(gate.tenant, trail.clashed(found, WHEN))
        elif not found.again:
            self._keep(found.gate)
            self.audit.write(gate.tenant, trail.begun(found.gate, WHEN))
        return found

    def _standing(self, gate: Gate) -> Gate:
        standing = self.all.get(gate.id)
        if standing is None or standing.tenant != gate.tenant:
            raise LookupError(f"no gate {gate.id!r} is recorded for this tenant")
        return standing

    def _keep(self, gate: Gate) -> None:
        self.all[gate.id] = gate

    def _oldest(self, tenant: str) -> list[Gate]:
        mine = (gate for gate in self.all.values() if gate.tenant == tenant)
        return sorted(mine, key=lambda gate: (gate.created_at, gate.id))
