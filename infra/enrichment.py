"""What Quillux proposes by itself, from catalog, history and documents: sent to the experts as review items."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col

from conversation.codec import JsonObject
from conversation.principal import Principal
from conversation.review import ReviewItem, Reviews
from infra.catalogs import StoredCatalogs
from infra.models.breaker import Breaker
from infra.models.chat import chat_model
from infra.models.complete import ChatCompletion
from infra.settings import Settings
from infra.store.tables import RunRow
from infra.stores import Stores
from knowledge.catalog.model import Catalog
from knowledge.enrichment import Asked, Known, Passage, Proposal, propose
from knowledge.enrichment.assisted import Wording
from knowledge.glossary import Glossaries
from knowledge.glossary.codec import content
from knowledge.verified import VerifiedQueries

KIND = "proposal"
VERSION = "1"
"""Of the rules by which proposals are made: what was decided does not come back until it changes."""
LATEST = 2_000
"""Answered questions that are looked at, the newest first."""
EVERYWHERE = "*"

Passages = Callable[[], Awaitable[Sequence[Passage]]]
"""Pieces of documents that everybody may read."""


async def no_passages() -> Sequence[Passage]:
    """Where no documents are configured."""
    return ()


@dataclass(frozen=True, slots=True)
class Enrichment:
    """Makes proposals for one tenant; `wording` asks a chat model, where there is one."""

    engine: AsyncEngine
    tenant: str
    catalog: Callable[[str], Awaitable[Catalog]]
    glossaries: Glossaries
    verified: VerifiedQueries
    reviews: Reviews
    passages: Passages = no_passages
    wording: Wording | None = None

    async def proposals(self) -> tuple[Proposal, ...]:
        """Everything that could be proposed and was not decided before, the surest first."""
        catalog, glossary = await self.catalog(self.tenant), await self.glossaries.of(self.tenant)
        settled = await self._settled()
        known = Known(catalog, glossary, await self._asked(catalog), await self.passages(), settled)
        found = propose(known)
        if self.wording is None:
            return found
        worded = {one.term.id: one for one in await self.wording.proposals(catalog, glossary) if one.term}
        return tuple(worded.get(one.term.id, one) if one.term and one.aspect == "description" else one for one in found)

    async def send(self, proposals: Sequence[Proposal]) -> int:
        """Open a review item for each; how many are open after it. One that waits already is not opened again."""
        opened = [await self.reviews.report(item_of(one, self.tenant)) for one in proposals]
        return sum(item.status == "open" for item in opened)

    async def _settled(self) -> frozenset[str]:
        decided = [
            item for status in ("approved", "rejected") for item in await self.reviews.all(self.tenant, status, 10_000)
        ]
        return frozenset(item.fingerprint for item in decided if item.kind == KIND)

    async def _asked(self, catalog: Catalog) -> tuple[Asked, ...]:
        """Questions with their SQL: answered ones by how many people asked them, and the verified ones."""
        query = (
            select(col(RunRow.person), col(RunRow.memory))
            .where(col(RunRow.tenant) == self.tenant, col(RunRow.state) == "completed")
            .order_by(col(RunRow.created_at).desc())
            .limit(LATEST)
        )
        async with self.engine.connect() as connection:
            rows = (await connection.execute(query)).all()
        people: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        for person, memory in rows:
            if last := _last(memory):
                people[last].add(person)
        asked = [
            Asked(question, sql, source, _dialect(catalog, source), len(who))
            for (question, sql, source), who in people.items()
        ]
        trusted = [
            Asked(pair.question, pair.sql, pair.source, pair.dialect, trusted=True)
            for pair in await self.verified.of(self.tenant)
        ]
        return (*asked, *trusted)


def enrichment(
    settings: Settings, stores: Stores, catalogs: StoredCatalogs, passages: Passages = no_passages
) -> Enrichment:
    """As the settings say; a chat model words descriptions where one is configured."""
    model = settings.model
    wording = Wording(Breaker(ChatCompletion(chat_model(model)), model.seconds)) if model.name else None
    return Enrichment(
        stores.engine,
        settings.tenant,
        catalogs.catalog,
        stores.glossary,
        stores.verified,
        stores.reviews,
        passages,
        wording,
    )


def item_of(proposal: Proposal, tenant: str) -> ReviewItem:
    """The review item of a proposal: `parameters` hold `term` (by its codec) with its `base` version, or `note`."""
    said: JsonObject = {
        "aspect": proposal.aspect,
        "confidence": round(proposal.confidence, 2),
        "evidence": [{"kind": proof.kind, "text": proof.text} for proof in proposal.evidence],
    }
    if proposal.term is not None:
        said["term"] = content(proposal.term)
        said["base"] = proposal.term.version
    if proposal.note is not None:
        said["note"] = asdict(proposal.note)
    return ReviewItem(
        id="",
        tenant=tenant,
        kind=KIND,
        fingerprint=proposal.fingerprint,
        source="",
        question=proposal.title,
        sql="",
        run="",
        asked_by=Principal("quillux", tenant, "Quillux"),
        version=VERSION,
        parameters=said,
    )


def _last(memory: Mapping[str, Any]) -> tuple[str, str, str] | None:
    history = memory.get("history")
    last = history[-1] if isinstance(history, list) and history else None
    if not isinstance(last, dict):
        return None
    said = tuple(last.get(name) for name in ("question", "sql", "source"))
    return said if all(isinstance(one, str) for one in said) else None  # type: ignore[return-value]


def _dialect(catalog: Catalog, source: str) -> str:
    return "duckdb" if source == EVERYWHERE else catalog.dialects.get(source, "")
