"""Verified queries run again: a broken one becomes an item, once. Terms that the data no longer holds, too."""

from dataclasses import dataclass

from conversation.review import ReviewItem
from graphs.review import items
from graphs.review.checking import BOT, ROLES, Checking, version_of
from graphs.review.complaints import opened
from graphs.review.effect import PastQuestions
from graphs.review.routing import owners_of, terms_of
from graphs.review.shelf import Shelf
from knowledge.asker import Asker
from knowledge.catalog.model import Catalog
from knowledge.glossary import Glossary
from knowledge.glossary.checking import check_all
from knowledge.verified import VerifiedQuery, fingerprint
from knowledge.verified.regress import Checks, Recorded


@dataclass(frozen=True, slots=True)
class Report:
    """What one round found: how many were checked, which are broken, and how many could not be looked at."""

    checked: int
    broken: tuple[tuple[VerifiedQuery, Recorded], ...]
    unreachable: int = 0
    terms: int = 0


@dataclass(frozen=True, slots=True)
class Regression:
    """Checks all verified queries and terms of a tenant. `past` tells how many people a broken one hurts."""

    shelf: Shelf
    checks: Checks
    past: PastQuestions | None = None

    async def round(self, tenant: str) -> Report:
        """Run each once, keep what it gave, and open items for what is broken. A source that is away breaks nothing."""
        catalog = await self.shelf.desk.engine.catalog(Asker(tenant, BOT, ROLES))
        queries = await self.shelf.verified.of(tenant)
        before = await self.checks.of(tenant)
        glossary = await self.shelf.glossary(tenant)
        found = await Checking(self.shelf.desk.engine, self.shelf.now).all(tenant, queries, before, glossary)
        kept = [one for one in found if one is not None]
        await self.checks.keep(tenant, kept)
        by_id = {query.id: query for query in queries}
        broken = tuple((by_id[one.id], one) for one in kept if one.state != "sound")
        people = await self._people(tenant) if broken else {}
        for query, recorded in broken:
            await self._open(_item(query, recorded, glossary, catalog, people.get(self._key(query.question), 1)))
        terms = await self._terms(tenant, glossary, catalog)
        return Report(len(kept), broken, len(found) - len(kept), terms)

    async def _terms(self, tenant: str, glossary: Glossary, catalog: Catalog) -> int:
        """Items for approved terms that the catalog contradicts; how many."""
        wrong: dict[str, list[str]] = {}
        for problem in check_all(glossary, catalog):
            if problem.severity == "error" and problem.field in ("metric", "places"):
                wrong.setdefault(problem.term, []).append(problem.what)
        past = await self.past.of(tenant) if self.past and wrong else ()
        for id, problems in wrong.items():
            term = glossary.get(id)
            if term is None or term.status != "approved":
                continue
            people = sum(one.people for one in past if term in terms_of(one.question, Glossary((term,))))
            await self._open(items.drifted(tenant, term, problems, people=people))
        return len(wrong)

    async def _people(self, tenant: str) -> dict[str, int]:
        """How many people asked each question."""
        counted: dict[str, int] = {}
        for one in await self.past.of(tenant) if self.past else ():
            key = self._key(one.question)
            counted[key] = counted.get(key, 0) + one.people
        return counted

    def _key(self, question: str) -> str:
        return fingerprint(question, self.shelf.desk.language)

    async def _open(self, item: ReviewItem) -> None:
        item = await self.shelf.reviews.report(item)
        if item.status == "open":
            await opened(self.shelf.trail, item, item.asked_by)


def _item(query: VerifiedQuery, recorded: Recorded, glossary: Glossary, catalog: Catalog, people: int) -> ReviewItem:
    owners = owners_of(query.question, query.sql, glossary, catalog)
    return items.broken(query, recorded.why, version_of(recorded), routed_to=owners, people=people)
