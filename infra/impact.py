"""Whom a change meets: terms, verified queries, and the questions that were answered lately."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col

from infra.store.glossary import SqlGlossaries
from infra.store.tables import RunRow
from infra.store.verified import SqlVerified
from knowledge.catalog.affected import EVERYWHERE, Affected
from knowledge.catalog.drift import Change
from knowledge.glossary.lineage import Lineage
from knowledge.glossary.uses import Use, use_of

LATEST = 500
"""Answered questions that are looked at, the newest first."""


class Impacts:
    """`knowledge.catalog.affected.Impact` over all that a tenant keeps. `dialects` are those of its sources."""

    def __init__(self, engine: AsyncEngine, tenant: str, dialects: Mapping[str, str]) -> None:
        self._engine = engine
        self._tenant = tenant
        self._dialects = dialects

    async def of(self, changes: Sequence[Change]) -> Mapping[Change, Sequence[Affected]]:
        """For each change whom it meets: terms first, questions last, each text once."""
        if not changes:
            return {}
        lineage = await self.lineage()
        return {change: met for change in changes if (met := lineage.met(change))}

    async def lineage(self) -> Lineage:
        """The ties between the glossary as it stands, the data, and those who ask."""
        glossary = await SqlGlossaries(self._engine).of(self._tenant)
        return Lineage(glossary, await self.uses(), self._dialects)

    async def uses(self) -> tuple[Use, ...]:
        """Verified queries, then the questions that were answered lately, the newest first."""
        verified = await SqlVerified(self._engine).of(self._tenant)
        return (*map(use_of, verified), *await self._asked())

    async def _asked(self) -> list[Use]:
        query = (
            select(col(RunRow.id), col(RunRow.text), col(RunRow.memory), col(RunRow.created_at))
            .where(col(RunRow.tenant) == self._tenant, col(RunRow.state) == "completed")
            .order_by(col(RunRow.created_at).desc())
            .limit(LATEST)
        )
        async with self._engine.connect() as connection:
            rows = (await connection.execute(query)).all()
        read = (self._use(id, text, memory, at) for id, text, memory, at in rows)
        return [use for use in read if use is not None]

    def _use(self, id: str, text: str, memory: Mapping[str, Any], at: str) -> Use | None:
        history = memory.get("history") or []
        last = history[-1] if isinstance(history, list) and history else None
        if not isinstance(last, dict) or not isinstance(last.get("sql"), str):
            return None
        source = str(last.get("source", ""))
        dialect = "duckdb" if source == EVERYWHERE else self._dialects.get(source, "")
        terms = tuple(str(term) for term in last.get("terms") or ())
        return Use("question", id, text, last["sql"], source, dialect, terms, at=at)
