"""The questions that people asked, to be read again when a word changes its meaning."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col

from graphs.review.effect import QUESTIONS, Past
from infra.store.tables import RunRow
from knowledge.verified import fingerprint

LATEST = 5_000
"""Runs that are looked through for distinct questions, the newest first."""


class AskedBefore:
    """`graphs.review.effect.PastQuestions` over the runs of a tenant."""

    def __init__(self, engine: AsyncEngine, language: str = "en") -> None:
        self._engine = engine
        self._language = language

    async def of(self, tenant: str, limit: int = QUESTIONS) -> tuple[Past, ...]:
        """The latest distinct questions, each with how many people asked it; also those that got no answer."""
        query = (
            select(col(RunRow.id), col(RunRow.person), col(RunRow.memory))
            .where(col(RunRow.tenant) == tenant, col(RunRow.flow) == "nlq", col(RunRow.state) == "completed")
            .order_by(col(RunRow.created_at).desc())
            .limit(LATEST)
        )
        people: dict[str, set[str]] = {}
        found: dict[str, Past] = {}
        async with self._engine.connect() as connection:
            for id, person, memory in (await connection.execute(query)).all():
                past = _past(id, memory)
                if past is None:
                    continue
                key = "|".join(self._key(text) for text in (*_before(past), past.question)) + str(past.choices)
                if key in found or len(found) < limit:
                    found.setdefault(key, past)
                    people.setdefault(key, set()).add(person)
        return tuple(Past(past.question, len(people[key]), past.history, past.choices) for key, past in found.items())

    async def answered(self, tenant: str, since: str) -> dict[str, int]:
        """`graphs.review.news.Answered`: questions that were answered, by day, from a day on."""
        day = func.substr(col(RunRow.created_at), 1, 10)
        query = (
            select(day, func.count())
            .where(col(RunRow.tenant) == tenant, col(RunRow.flow) == "nlq", col(RunRow.state) == "completed")
            .where(col(RunRow.created_at) >= since)
            .group_by(day)
        )
        async with self._engine.connect() as connection:
            return {str(at): int(count) for at, count in (await connection.execute(query)).all()}

    def _key(self, text: str) -> str:
        return fingerprint(text, self._language)


def _before(past: Past) -> list[str]:
    """The question before, which a follow-up leans on."""
    return [str(one.get("question", "")) for one in past.history[-1:]]


def _past(id: str, memory: Mapping[str, Any]) -> Past | None:
    """The question of a run, where its memory tells of it."""
    history = [one for one in memory.get("history") or () if isinstance(one, dict) and "sql" in one]
    declined = memory.get("declined")
    if isinstance(declined, dict) and declined.get("run") == id:
        return Past(str(declined.get("question", "")), 1, tuple(history))
    if not history or history[-1].get("run") != id:
        return None
    last = history[-1]
    return Past(str(last.get("question", "")), 1, tuple(history[:-1]), dict(last.get("choices") or {}))
