"""When experts were last told of reviews, in the database."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col

from graphs.review.news import Kind
from infra.store.review_rows import ReviewToldRow
from infra.store.upsert import replace


class SqlTold:
    """`graphs.review.news.Told` on SQLModel tables."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def last(self, tenant: str, person: str, kind: Kind) -> str:
        """An ISO time in UTC; empty for never."""
        query = select(col(ReviewToldRow.at)).where(
            col(ReviewToldRow.tenant) == tenant, col(ReviewToldRow.person) == person, col(ReviewToldRow.kind) == kind
        )
        async with self._engine.connect() as connection:
            return (await connection.execute(query)).scalar_one_or_none() or ""

    async def set(self, tenant: str, person: str, kind: Kind, at: str) -> None:
        """They were told now."""
        await replace(self._engine, ReviewToldRow, tenant=tenant, person=person, kind=kind, at=at)
