"""The latest checks of verified queries in the database."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col

from infra.store.review_rows import VerifiedCheckRow
from infra.store.upsert import upsert
from knowledge.verified.regress import Recorded


class SqlChecks:
    """`knowledge.verified.regress.Checks` on SQLModel tables."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def of(self, tenant: str) -> dict[str, Recorded]:
        """The latest of each, by the id of the query."""
        query = select(col(VerifiedCheckRow.record)).where(col(VerifiedCheckRow.tenant) == tenant)
        async with self._engine.connect() as connection:
            records = (await connection.execute(query)).scalars().all()
        found = [Recorded(**{**record, "columns": tuple(record["columns"])}) for record in records]
        return {one.id: one for one in found}

    async def keep(self, tenant: str, recorded: Sequence[Recorded]) -> None:
        """Keep these in place of earlier ones."""
        rows = [
            {"tenant": tenant, "id": one.id, "at": one.at, "state": one.state, "record": asdict(one)}
            for one in recorded
        ]
        await upsert(self._engine, VerifiedCheckRow, rows)
