"""Delegations, kept in memory."""

from collections.abc import Sequence
from dataclasses import replace

from conversation.directory import Directory
from conversation.gates.clock import read
from conversation.gates.delegation import Delegation, ended, given
from conversation.gates.life import instant
from conversation.principal import Principal
from tests.fakes.audit import MemoryAudit


class MemoryDelegations:
    """The twin of the stored delegations. `all` holds every one by tenant and id."""

    def __init__(self, directory: Directory, audit: MemoryAudit | None = None) -> None:
        self.all: dict[tuple[str, str], Delegation] = {}
        self._directory = directory
        self.audit = audit or MemoryAudit()

    async def give(self, delegation: Delegation, *, channel: str = "") -> Delegation:
        """Record one under its id; the same id again gives the first record."""
        kept = replace(delegation, since=instant(delegation.since), until=instant(delegation.until))
        if (kept.tenant, kept.id) not in self.all:
            self.all[kept.tenant, kept.id] = kept
            self.audit.write(kept.tenant, given(kept, channel))
        return self.all[kept.tenant, kept.id]

    async def end(self, tenant: str, id: str, *, by: str, at: str, channel: str = "") -> Delegation | None:
        """End one; the first end counts. None where there is no such delegation."""
        found = self.all.get((tenant, id))
        if found is not None and not found.ended_at:
            self.all[tenant, id] = replace(found, ended_at=at)
            self.audit.write(tenant, ended(self.all[tenant, id], by, channel))
        return self.all.get((tenant, id))

    async def of(self, tenant: str, person: str = "", at: str = "") -> Sequence[Delegation]:
        """Given by or to this person (by anybody where empty), by their start; with `at` those not over by then."""
        found = [
            one
            for one in self.all.values()
            if one.tenant == tenant
            and person in ("", one.giver, one.to)
            and (not at or (not one.ended_at and read(one.until) > read(at)))
        ]
        return sorted(found, key=lambda one: (one.since, one.id))

    async def acting_for(self, who: Principal, at: str) -> Sequence[Principal]:
        """In whose place this person may decide at a moment."""
        held = [one.giver for one in await self.of(who.tenant, who.id, at) if one.to == who.id and one.holds(at)]
        givers = [await self._directory.person(who.tenant, giver) for giver in dict.fromkeys(held)]
        return [giver for giver in givers if giver is not None]
