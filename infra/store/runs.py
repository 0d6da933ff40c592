"""Runs in the database."""

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlmodel import col

from conversation.card import Card
from conversation.codec import JsonObject, decode_as, encode
from conversation.principal import ConversationRef, Principal
from conversation.run import Run, RunState
from infra.store.tables import RunRow, now
from infra.store.upsert import insert_once

FINISHED = ("completed", "failed", "canceled")


class SqlRuns:
    """`conversation.run.Runs` on SQLModel tables."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def begin(self, run: Run) -> Run:
        """Record a run; beginning the same id again gives the first record with all that came since."""
        fresh = await insert_once(
            self._engine,
            RunRow,
            id=run.id,
            tenant=run.tenant,
            place_key=run.where.key,
            place=encode(run.where),
            person=run.asked_by.id,
            asked_by=encode(run.asked_by),
            text=run.text,
            flow=run.flow,
            state=run.state,
            memory=run.memory,
            stop_asked=False,
            created_at=run.created_at or now(),
            finished_at="",
            card_key=run.card_key,
        )
        if fresh:
            return run
        return await self.get(run.tenant, run.id) or run

    async def get(self, tenant: str, id: str) -> Run | None:
        """The run of this tenant, or None."""
        async with AsyncSession(self._engine) as session:
            row = await session.get(RunRow, id)
        return _run(row) if row is not None and row.tenant == tenant else None

    async def finish(self, id: str, state: RunState, card: Card, memory: JsonObject) -> None:
        """Record the state and the card that goes with it."""
        values: dict[str, Any] = {"state": state, "card": encode(card), "memory": memory}
        if state in FINISHED:
            values["finished_at"] = now()
        async with self._engine.begin() as connection:
            await connection.execute(update(RunRow).where(col(RunRow.id) == id).values(**values))

    async def memory(self, tenant: str, where: ConversationRef) -> JsonObject:
        """The memory of the last completed run in this place; empty for a new conversation."""
        query = (
            select(col(RunRow.memory))
            .where(col(RunRow.tenant) == tenant, col(RunRow.place_key) == where.key, col(RunRow.state) == "completed")
            .order_by(col(RunRow.finished_at).desc())
            .limit(1)
        )
        async with self._engine.connect() as connection:
            found = (await connection.execute(query)).scalar_one_or_none()
        return found or {}

    async def ask_to_stop(self, tenant: str, id: str) -> bool:
        """Mark a run as to be stopped; False when there is no such unfinished run."""
        statement = (
            update(RunRow)
            .where(col(RunRow.id) == id, col(RunRow.tenant) == tenant, col(RunRow.finished_at) == "")
            .values(stop_asked=True)
        )
        async with self._engine.begin() as connection:
            return (await connection.execute(statement)).rowcount > 0

    async def stop_asked(self, id: str) -> bool:
        """Whether somebody pressed Stop."""
        query = select(col(RunRow.stop_asked)).where(col(RunRow.id) == id)
        async with self._engine.connect() as connection:
            return bool((await connection.execute(query)).scalar_one_or_none())

    async def recent(self, tenant: str, person: str, limit: int = 10) -> Sequence[Run]:
        """The latest runs of a person, newest first."""
        query = (
            select(RunRow)
            .where(col(RunRow.tenant) == tenant, col(RunRow.person) == person)
            .order_by(col(RunRow.created_at).desc())
            .limit(limit)
        )
        async with AsyncSession(self._engine) as session:
            return [_run(row) for row in (await session.scalars(query)).all()]


def _run(row: RunRow) -> Run:
    return Run(
        id=row.id,
        tenant=row.tenant,
        where=decode_as(ConversationRef, row.place),
        asked_by=decode_as(Principal, row.asked_by),
        text=row.text,
        flow=row.flow,
        state=cast(RunState, row.state),
        card=decode_as(Card, row.card) if row.card else None,
        memory=row.memory,
        created_at=row.created_at,
        finished_at=row.finished_at,
        card_key=row.card_key,
    )
