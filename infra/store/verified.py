"""Verified queries in the database."""

from collections.abc import Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col

from infra.store.tables import VerifiedQueryRow, now
from infra.store.upsert import replace
from knowledge.verified.codec import from_json, to_json
from knowledge.verified.model import VerifiedQuery


class SqlVerified:
    """`knowledge.verified.model.VerifiedQueries` on SQLModel tables; what was read is kept until something changes."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._kept: dict[str, tuple[tuple[int, str], tuple[VerifiedQuery, ...]]] = {}

    async def of(self, tenant: str) -> Sequence[VerifiedQuery]:
        """All of a tenant, oldest first; the same object again for as long as none was added, changed or removed."""
        state = select(func.count(), func.max(col(VerifiedQueryRow.changed_at))).where(
            col(VerifiedQueryRow.tenant) == tenant
        )
        every = (
            select(col(VerifiedQueryRow.record))
            .where(col(VerifiedQueryRow.tenant) == tenant)
            .order_by(col(VerifiedQueryRow.changed_at), col(VerifiedQueryRow.id))
        )
        async with self._engine.connect() as connection:
            count, latest = (await connection.execute(state)).one()
            known = self._kept.get(tenant)
            if known is None or known[0] != (count, latest or ""):
                rows = (await connection.execute(every)).scalars().all()
                known = ((count, latest or ""), tuple(map(from_json, rows)))
                self._kept[tenant] = known
        return known[1]

    async def get(self, tenant: str, id: str) -> VerifiedQuery | None:
        """One by its id, or None."""
        query = select(col(VerifiedQueryRow.record)).where(
            col(VerifiedQueryRow.tenant) == tenant, col(VerifiedQueryRow.id) == id
        )
        async with self._engine.connect() as connection:
            found = (await connection.execute(query)).scalar_one_or_none()
        return from_json(found) if found else None

    async def put(self, query: VerifiedQuery) -> None:
        """Keep it, in place of one with the same id."""
        await replace(
            self._engine,
            VerifiedQueryRow,
            tenant=query.tenant,
            id=query.id,
            name=query.name,
            source=query.source,
            record=to_json(query),
            created_at=now(),
            changed_at=now(),
        )

    async def remove(self, tenant: str, id: str) -> bool:
        """Forget it; False when there is none."""
        statement = delete(VerifiedQueryRow).where(
            col(VerifiedQueryRow.tenant) == tenant, col(VerifiedQueryRow.id) == id
        )
        async with self._engine.begin() as connection:
            return (await connection.execute(statement)).rowcount > 0
