"""Feedback in the database."""

from sqlalchemy.ext.asyncio import AsyncEngine

from conversation.feedback import Thumb
from infra.store.tables import FeedbackRow, now
from infra.store.upsert import replace


class SqlFeedback:
    """`conversation.feedback.Feedback` on SQLModel tables."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def record(self, tenant: str, run: str, person: str, value: Thumb, reason: str) -> None:
        """Keep it; the latest word of a person on a run counts."""
        await replace(
            self._engine,
            FeedbackRow,
            tenant=tenant,
            run=run,
            person=person,
            value=value,
            reason=reason,
            created_at=now(),
        )
