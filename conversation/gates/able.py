"""Who can act on a gate now, and where each of them is reached."""

from collections.abc import Sequence
from typing import TypeAlias

from conversation.directory import Directory
from conversation.gates.delegation import Delegations, stands_in
from conversation.gates.life import waits_for
from conversation.gates.model import Gate, Verdict
from conversation.principal import ConversationRef, Principal

Reached: TypeAlias = tuple[Principal, ConversationRef]


class Able:
    """Finds people for whom a gate waits: by their own rights, or in the place of somebody who asked them to."""

    def __init__(self, directory: Directory, delegations: Delegations | None = None) -> None:
        self._directory = directory
        self._delegations = delegations

    async def of(self, gate: Gate, at: str) -> Sequence[Reached]:
        """Those who can be reached and for whom the gate waits at a moment; nobody for one that is not open."""
        people = await self.near(gate, at)
        return [(who, where) for who, where in people if await self._waits(gate, who, at)]

    async def near(self, gate: Gate, at: str) -> Sequence[Reached]:
        """Those who decide the stage that waits, and all who decide in anybody's place, where they are reached."""
        rights = gate.current.deciders
        people = await self._directory.reach(gate.tenant, rights.roles, groups=rights.groups, users=rights.users)
        known = {who.id for who, _ in people}
        return [*people, *[one for one in await self._deputies(gate.tenant, at) if one[0].id not in known]]

    async def givers(self, who: Principal, at: str) -> Sequence[Principal]:
        """In whose place this person may decide."""
        return await self._delegations.acting_for(who, at) if self._delegations else ()

    async def giver(self, gate: Gate, who: Principal, verdict: Verdict, at: str) -> Principal | None:
        """In whose place this person may give this verdict; None where their own right reaches, or nobody's does."""
        if not gate.why_not(who, verdict):
            return None
        return stands_in(gate, who, verdict, await self.givers(who, at))

    async def why_not(self, gate: Gate, who: Principal, verdict: Verdict, at: str) -> str:
        """Why this person may not give this verdict; empty when they may, of their own right or in somebody's place."""
        why_not = gate.why_not(who, verdict)
        return "" if why_not and await self.giver(gate, who, verdict, at) else why_not

    async def may(self, gate: Gate, who: Principal, at: str) -> bool:
        """Whether this person may give some verdict on it."""
        return any([not await self.why_not(gate, who, verdict, at) for verdict in gate.allowed])

    async def _deputies(self, tenant: str, at: str) -> Sequence[Reached]:
        held = await self._delegations.of(tenant, at=at) if self._delegations else ()
        users = tuple({one.to for one in held if one.holds(at)})
        return await self._directory.reach(tenant, (), users=users) if users else ()

    async def _waits(self, gate: Gate, who: Principal, at: str) -> bool:
        if waits_for(gate, who):
            return True
        if who.id == gate.asked_by.id:
            return False
        givers = [giver for giver in await self.givers(who, at) if giver.id != gate.asked_by.id]
        return any(waits_for(gate, who, giver) for giver in givers)
