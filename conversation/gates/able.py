"""Who can act on a gate now, and where each of them is reached."""

from collections.abc import Sequence
from typing import TypeAlias

from conversation.directory import Directory
from conversation.gates.delegation import Delegations, stands_in
from conversation.gates.life import waits_for
from conversation.gates.model import Gate
from conversation.principal import ConversationRef, Principal

Reached: TypeAlias = tuple[Principal, ConversationRef]


class Able:
    """Finds people for whom a gate waits: by their own rights, or in the place of somebody who asked them to."""

    def __init__(self, directory: Directory, delegations: Delegations | None = None) -> None:
        self._directory = directory
        self._delegations = delegations

    async def of(self, gate: Gate, at: str) -> Sequence[Reached]:
        """Those who can be reached and for whom the gate waits at a moment; nobody for one that is not open."""
        rights = gate.current.deciders
        people = await self._directory.reach(gate.tenant, rights.roles, groups=rights.groups, users=rights.users)
        own = [(who, where) for who, where in people if waits_for(gate, who)]
        known = {who.id for who, _ in own}
        others = [one for one in await self._deputies(gate.tenant, at) if one[0].id not in known]
        return [*own, *[one for one in others if await self._stands_in(gate, one[0], at)]]

    async def givers(self, who: Principal, at: str) -> Sequence[Principal]:
        """In whose place this person may decide."""
        return await self._delegations.acting_for(who, at) if self._delegations else ()

    async def may(self, gate: Gate, who: Principal, at: str) -> bool:
        """Whether this person may give some verdict on it, of their own right or in somebody's place."""
        if any(not gate.why_not(who, verdict) for verdict in gate.allowed):
            return True
        givers = await self.givers(who, at)
        return any(stands_in(gate, who, verdict, givers) for verdict in gate.allowed)

    async def _deputies(self, tenant: str, at: str) -> Sequence[Reached]:
        held = await self._delegations.of(tenant, at=at) if self._delegations else ()
        users = tuple({one.to for one in held if one.holds(at)})
        return await self._directory.reach(tenant, (), users=users) if users else ()

    async def _stands_in(self, gate: Gate, who: Principal, at: str) -> bool:
        givers = [giver for giver in await self.givers(who, at) if giver.id != gate.asked_by.id]
        return who.id != gate.asked_by.id and any(waits_for(gate, who, giver) for giver in givers)
