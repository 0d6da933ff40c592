"""Delegations in the database."""

from collections.abc import Sequence

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlmodel import col

from conversation.directory import Directory
from conversation.gates.clock import instant
from conversation.gates.delegation import Delegation
from conversation.principal import Principal
from infra.store.delegation_rows import DelegationRow
from infra.store.upsert import insert_once


class SqlDelegations:
    """`conversation.gates.delegation.Delegations` on SQLModel tables; the directory knows what rights people have."""

    def __init__(self, engine: AsyncEngine, directory: Directory) -> None:
        self._engine = engine
        self._directory = directory

    async def give(self, delegation: Delegation, *, channel: str = "") -> Delegation:
        """Record one under its id; giving the same id again gives the first record."""
        await insert_once(
            self._engine,
            DelegationRow,
            tenant=delegation.tenant,
            id=delegation.id,
            giver=delegation.giver,
            receiver=delegation.to,
            since=instant(delegation.since),
            until=instant(delegation.until),
            reason=delegation.reason,
            ended_at="",
        )
        return await self._get(delegation.tenant, delegation.id) or delegation

    async def end(self, tenant: str, id: str, *, by: str, at: str, channel: str = "") -> Delegation | None:
        """End one; the first end counts. None where there is no such delegation."""
        statement = (
            update(DelegationRow)
            .where(col(DelegationRow.tenant) == tenant, col(DelegationRow.id) == id, col(DelegationRow.ended_at) == "")
            .values(ended_at=at)
        )
        async with self._engine.begin() as connection:
            await connection.execute(statement)
        return await self._get(tenant, id)

    async def of(self, tenant: str, person: str = "", at: str = "") -> Sequence[Delegation]:
        """Given by or to this person (by anybody where empty), by their start; with `at` those not over by then."""
        query = select(DelegationRow).where(col(DelegationRow.tenant) == tenant)
        if person:
            query = query.where(or_(col(DelegationRow.giver) == person, col(DelegationRow.receiver) == person))
        if at:
            query = query.where(col(DelegationRow.ended_at) == "", col(DelegationRow.until) > instant(at))
        async with AsyncSession(self._engine) as session:
            rows = (await session.scalars(query.order_by(col(DelegationRow.since), col(DelegationRow.id)))).all()
        return [_delegation(row) for row in rows]

    async def acting_for(self, who: Principal, at: str) -> Sequence[Principal]:
        """In whose place this person may decide at a moment: with the rights that those people have now."""
        held = [one.giver for one in await self.of(who.tenant, who.id, at) if one.to == who.id and one.holds(at)]
        givers = [await self._directory.person(who.tenant, giver) for giver in dict.fromkeys(held)]
        return [giver for giver in givers if giver is not None]

    async def _get(self, tenant: str, id: str) -> Delegation | None:
        async with AsyncSession(self._engine) as session:
            row = await session.get(DelegationRow, (tenant, id))
        return _delegation(row) if row is not None else None


def _delegation(row: DelegationRow) -> Delegation:
    return Delegation(row.tenant, row.giver, row.receiver, row.since, row.until, row.reason, row.id, row.ended_at)
