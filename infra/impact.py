"""Which questions a change of the data meets: those that were answered lately with what changed."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col

from infra.store.tables import RunRow
from knowledge.catalog.affected import EVERYWHERE, Affected, Reference, references
from knowledge.catalog.drift import Change

LATEST = 500
"""Answered questions that are looked at, the newest first."""


class AskedQuestions:
    """`knowledge.catalog.affected.Impact` over the runs of a tenant. `dialects` are those of its sources."""

    def __init__(self, engine: AsyncEngine, tenant: str, dialects: Mapping[str, str]) -> None:
        self._engine = engine
        self._tenant = tenant
        self._dialects = dialects

    async def of(self, changes: Sequence[Change]) -> Mapping[Change, Sequence[Affected]]:
        """For each change the questions whose SQL reads what changed, each text once."""
        asked = await self._asked() if changes else []
        found: dict[Change, Sequence[Affected]] = {}
        for change in changes:
            met = {question.text: question for question, reads in asked if reads.meets(change)}
            if met:
                found[change] = tuple(met.values())
        return found

    async def _asked(self) -> list[tuple[Affected, Reference]]:
        query = (
            select(col(RunRow.id), col(RunRow.text), col(RunRow.memory))
            .where(col(RunRow.tenant) == self._tenant, col(RunRow.state) == "completed")
            .order_by(col(RunRow.created_at).desc())
            .limit(LATEST)
        )
        async with self._engine.connect() as connection:
            rows = (await connection.execute(query)).all()
        read = [(Affected("question", id, text), self._reference(memory)) for id, text, memory in rows]
        return [(question, reference) for question, reference in read if reference is not None]

    def _reference(self, memory: Mapping[str, Any]) -> Reference | None:
        history = memory.get("history") or []
        last = history[-1] if isinstance(history, list) and history else None
        if not isinstance(last, dict) or not isinstance(last.get("sql"), str):
            return None
        source = str(last.get("source", ""))
        dialect = "duckdb" if source == EVERYWHERE else self._dialects.get(source, "")
        return references(last["sql"], source, dialect)
