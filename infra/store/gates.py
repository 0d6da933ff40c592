"""Gates in the database: the first decision is the decision."""

from collections.abc import Sequence
from dataclasses import replace as changed

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlmodel import col

from conversation.codec import decode_as, encode
from conversation.gates import Claim, Decision, Gate, Lost, Won
from infra.store.tables import GateRow, now
from infra.store.upsert import insert_once


class SqlGates:
    """`conversation.gates.Gates` on SQLModel tables."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def open(self, gate: Gate) -> Gate:
        """Record a gate; opening the same id again gives the first record."""
        gate = changed(gate, created_at=gate.created_at or now())
        fresh = await insert_once(
            self._engine,
            GateRow,
            id=gate.id,
            tenant=gate.tenant,
            run=gate.run,
            record=encode(gate),
            digest=gate.digest,
            decided=False,
            created_at=gate.created_at,
        )
        if fresh:
            return gate
        return await self.get(gate.tenant, gate.id) or gate

    async def get(self, tenant: str, id: str) -> Gate | None:
        """The gate of this tenant, or None."""
        async with AsyncSession(self._engine) as session:
            row = await session.get(GateRow, id)
        return _gate(row) if row is not None and row.tenant == tenant else None

    async def waiting(self, tenant: str, run: str = "") -> Sequence[Gate]:
        """Undecided gates of a tenant, oldest first; of one run where `run` is given."""
        query = select(GateRow).where(col(GateRow.tenant) == tenant, col(GateRow.decided).is_(False))
        if run:
            query = query.where(col(GateRow.run) == run)
        async with AsyncSession(self._engine) as session:
            rows = (await session.scalars(query.order_by(col(GateRow.created_at)).limit(200))).all()
        return [_gate(row) for row in rows]

    async def claim(self, gate: Gate, decision: Decision) -> Claim:
        """Set the decision if none stands; exactly one claim of a gate is `Won`.

        The digest stands in the condition: a decision on another action than the recorded one finds no row.
        """
        statement = (
            update(GateRow)
            .where(
                col(GateRow.id) == gate.id,
                col(GateRow.tenant) == gate.tenant,
                col(GateRow.digest) == gate.digest,
                col(GateRow.decided).is_(False),
            )
            .values(decided=True, decision=encode(decision))
        )
        async with self._engine.begin() as connection:
            won = (await connection.execute(statement)).rowcount > 0
        standing = await self.get(gate.tenant, gate.id) or gate
        same_press = standing.decision is not None and standing.decision.activity == decision.activity
        return Won(standing) if won or same_press else Lost(standing)


def _gate(row: GateRow) -> Gate:
    gate = decode_as(Gate, row.record)
    return changed(gate, decision=decode_as(Decision, row.decision)) if row.decision else gate
