"""Delegations in the database."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col

from conversation.directory import Directory
from conversation.gates.delegation import Delegation, ended, given
from conversation.gates.life import instant
from conversation.principal import Principal
from infra.store.audit import write
from infra.store.delegation_rows import DelegationRow
from infra.store.tables import now

_COLUMNS = (
    col(DelegationRow.tenant),
    col(DelegationRow.giver),
    col(DelegationRow.receiver),
    col(DelegationRow.since),
    col(DelegationRow.until),
    col(DelegationRow.reason),
    col(DelegationRow.id),
    col(DelegationRow.ended_at),
)


class SqlDelegations:
    """`conversation.gates.delegation.Delegations` on SQLModel tables; the directory knows what rights people have."""

    def __init__(self, engine: AsyncEngine, directory: Directory) -> None:
        self._engine = engine
        self._directory = directory

    async def give(self, delegation: Delegation, *, channel: str = "") -> Delegation:
        """Record one under its id; giving the same id again gives the first record."""
        make = postgresql.insert if self._engine.dialect.name == "postgresql" else sqlite.insert
        kept = replace(delegation, since=instant(delegation.since), until=instant(delegation.until), ended_at="")
        row = {name: value for name, value in asdict(kept).items() if name != "to"}
        once = make(DelegationRow).values(**row, receiver=kept.to, created_at=now()).on_conflict_do_nothing()
        async with self._engine.begin() as connection:
            if (await connection.execute(once.returning(col(DelegationRow.id)))).first() is not None:
                await write(connection, kept.tenant, given(kept, channel))
        return await self._get(delegation.tenant, delegation.id) or delegation

    async def end(self, tenant: str, id: str, *, by: str, at: str, channel: str = "") -> Delegation | None:
        """End one; the first end counts. None where there is no such delegation."""
        statement = (
            update(DelegationRow)
            .where(col(DelegationRow.tenant) == tenant, col(DelegationRow.id) == id, col(DelegationRow.ended_at) == "")
            .values(ended_at=at)
        )
        async with self._engine.begin() as connection:
            row = (await connection.execute(statement.returning(*_COLUMNS))).first()
            if row is not None:
                await write(connection, tenant, ended(_delegation(row), by, channel))
        return await self._get(tenant, id)

    async def of(self, tenant: str, person: str = "", at: str = "") -> Sequence[Delegation]:
        """Given by or to this person (by anybody where empty), by their start; with `at` those not over by then."""
        query = select(*_COLUMNS).where(col(DelegationRow.tenant) == tenant)
        if person:
            query = query.where(or_(col(DelegationRow.giver) == person, col(DelegationRow.receiver) == person))
        if at:
            query = query.where(col(DelegationRow.ended_at) == "", col(DelegationRow.until) > instant(at))
        async with self._engine.connect() as connection:
            rows = await connection.execute(query.order_by(col(DelegationRow.since), col(DelegationRow.id)))
            return [_delegation(row) for row in rows]

    async def acting_for(self, who: Principal, at: str) -> Sequence[Principal]:
        """In whose place this person may decide at a moment: with the rights that those people have now."""
        held = [one.giver for one in await self.of(who.tenant, who.id, at) if one.to == who.id and one.holds(at)]
        givers = [await self._directory.person(who.tenant, giver) for giver in dict.fromkeys(held)]
        return [giver for giver in givers if giver is not None]

    async def _get(self, tenant: str, id: str) -> Delegation | None:
        query = select(*_COLUMNS).where(col(DelegationRow.tenant) == tenant, col(DelegationRow.id) == id)
        async with self._engine.connect() as connection:
            row = (await connection.execute(query)).first()
        return _delegation(row) if row is not None else None


def _delegation(row: Sequence[Any]) -> Delegation:
    return Delegation(*row)
