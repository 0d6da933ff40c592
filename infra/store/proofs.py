"""Fresh sign-ins in the database: given by the server that saw them, spent once, checked by the worker."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.sql import ColumnElement
from sqlmodel import col

from conversation.gates import Gate
from conversation.gates.ceremony import FRESH_SECONDS, Proof
from conversation.principal import Principal
from infra.store.proof_rows import ProofRow
from infra.store.upsert import insert_once

KEPT_DAYS = 30


class SqlProofs:
    """`conversation.gates.ceremony.Proofs` on a SQLModel table."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def give(self, proof: Proof) -> None:
        """Keep a fresh sign-in; those that are long over are forgotten."""
        old = (datetime.fromisoformat(proof.at) - timedelta(days=KEPT_DAYS)).isoformat()
        async with self._engine.begin() as connection:
            await connection.execute(delete(ProofRow).where(col(ProofRow.at) < old))
        await insert_once(
            self._engine,
            ProofRow,
            tenant=proof.tenant,
            id=proof.id,
            person=proof.person,
            gate=proof.gate,
            digest=proof.digest,
            at=proof.at,
            activity="",
        )

    async def standing(self, who: Principal, gate: Gate, at: str) -> bool:
        """Whether this person has one for the action as it is now, that is not spent and still fresh."""
        return bool(await self._find(who, gate, at))

    async def spend(self, who: Principal, gate: Gate, activity: str, at: str) -> bool:
        """Bind a standing one to the activity that decides; the condition on `activity` lets one of two spend it."""
        id = await self._find(who, gate, at)
        statement = (
            update(ProofRow)
            .where(col(ProofRow.tenant) == who.tenant, col(ProofRow.id) == id, col(ProofRow.activity) == "")
            .values(activity=activity)
        )
        async with self._engine.begin() as connection:
            return (await connection.execute(statement)).rowcount > 0

    async def covers(self, who: Principal, gate: Gate, activity: str) -> bool:
        """Whether one was spent on this activity, for this person and this very action."""
        query = select(col(ProofRow.id)).where(*self._of(who, gate), col(ProofRow.activity) == activity)
        async with self._engine.connect() as connection:
            return bool(activity) and (await connection.execute(query)).first() is not None

    async def _find(self, who: Principal, gate: Gate, at: str) -> str:
        since = (datetime.fromisoformat(at) - timedelta(seconds=FRESH_SECONDS)).isoformat(timespec="microseconds")
        fresh = (col(ProofRow.activity) == "", col(ProofRow.at) > since, col(ProofRow.at) <= at)
        query = select(col(ProofRow.id)).where(*self._of(who, gate), *fresh).order_by(col(ProofRow.at).desc())
        async with self._engine.connect() as connection:
            return (await connection.execute(query)).scalars().first() or ""

    def _of(self, who: Principal, gate: Gate) -> tuple[ColumnElement[bool], ...]:
        return (
            col(ProofRow.tenant) == who.tenant,
            col(ProofRow.person) == who.id,
            col(ProofRow.gate) == gate.id,
            col(ProofRow.digest) == gate.digest,
        )
