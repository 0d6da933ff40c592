"""Verified queries for one command: read, checked and run with the rights of the expert who vouches for them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime

from conversation.errors import NotAllowed, PersonError
from conversation.review import ROLES
from graphs.review import items
from graphs.review.checking import Checking, version_of
from infra.cli.stored import stored
from infra.settings import Person, Settings, load
from infra.store.checks import SqlChecks
from infra.store.engine import migrate, open_engine
from infra.store.glossary import SqlGlossaries
from infra.store.reviews import SqlReviews
from infra.store.tables import now
from infra.store.verified import SqlVerified
from knowledge.asker import Asker
from knowledge.catalog.model import Catalog
from knowledge.errors import KnowledgeError
from knowledge.federation import DirectEngine, Request
from knowledge.glossary import Glossary
from knowledge.guard import read_sql, render
from knowledge.policy import OPEN, Policy
from knowledge.sources.port import Limits
from knowledge.verified import VerifiedQuery, approved, checked, outdated, unfit
from knowledge.verified.codec import Entry, from_yaml
from knowledge.verified.regress import Recorded

LIMITS = Limits(rows=1_000_000, seconds=30.0, bytes=256 * 1024 * 1024)


def settings() -> Settings:
    """The settings, with the demo's people and data where they were made and nothing else is configured."""
    configured = load()
    from infra import demo

    if (configured.sources and configured.people) or not demo.made(configured.data):
        return configured
    from infra.cli.run import with_demo

    return with_demo(configured)


@dataclass(frozen=True, slots=True)
class _Kept:
    verified: SqlVerified
    reviews: SqlReviews
    checks: SqlChecks
    glossary: SqlGlossaries


@asynccontextmanager
async def _stores(configured: Settings) -> AsyncIterator[_Kept]:
    configured.data.mkdir(parents=True, exist_ok=True)
    migrate(configured.database_url)
    engine = open_engine(configured.database_url)
    try:
        yield _Kept(SqlVerified(engine), SqlReviews(engine), SqlChecks(engine), SqlGlossaries(engine))
    finally:
        await engine.dispose()


async def listed() -> list[tuple[VerifiedQuery, tuple[str, ...]]]:
    """Every verified query, with what makes it stale."""
    configured = settings()
    async with _stores(configured) as kept:
        queries = await kept.verified.of(configured.tenant)
        glossary = await kept.glossary.of(configured.tenant)
    if not queries:
        return []
    async with stored(configured) as catalogs:
        whole = await catalogs.catalog(configured.tenant)
    return [(query, (*unfit(query, whole), *outdated(query, glossary))) for query in queries]


async def shown(id: str) -> VerifiedQuery:
    """One by its id. Raises PersonError where there is none."""
    configured = settings()
    async with _stores(configured) as kept:
        return _there(await kept.verified.get(configured.tenant, id), id)


async def removed(id: str, by: str) -> None:
    """Forget one. Raises NotAllowed for somebody who may not, PersonError where there is none."""
    configured = settings()
    expert(configured, by)
    async with _stores(configured) as kept:
        _there(await kept.verified.get(configured.tenant, id), id)
        await kept.verified.remove(configured.tenant, id)


async def imported(text: str, by: str) -> tuple[int, int]:
    """How many entries a file has, and how many of them were new or changed. Raises as `added`, and for a bad file."""
    entries = from_yaml(text)
    return len(entries), len(await added(entries, by))


async def added(entries: Sequence[Entry], by: str) -> list[tuple[VerifiedQuery, int]]:
    """Check and run all entries, then keep those that are not kept already; each with its rows now.

    Raises NotAllowed for somebody who may not, and what the guard and the sources raise; then nothing was kept.
    """
    configured = settings()
    who = expert(configured, by)
    asker = Asker(configured.tenant, who.id, who.roles, who.groups)
    async with stored(configured) as catalogs, _stores(configured) as kept:
        with closing(DirectEngine(catalogs, _rules(configured))) as engine:
            catalog = await engine.catalog(asker)
            known = {query.id: query for query in await kept.verified.of(configured.tenant)}
            glossary = await kept.glossary.of(configured.tenant)
            made = []
            for at, entry in enumerate(entries, 1):
                try:
                    query = _made(entry, catalog, who, configured, glossary)
                    if _same(known.get(query.id), query):
                        continue
                    tree = read_sql(query.sql, query.dialect)
                    answer = await engine.run(Request(tree, query.source, asker, LIMITS))
                except KnowledgeError as error:
                    raise _named(error, at, entry, len(entries)) from error
                made.append((query, answer.table.num_rows))
        for query, _ in made:
            await kept.verified.put(query)
    return made


def _made(entry: Entry, catalog: Catalog, who: Person, configured: Settings, glossary: Glossary) -> VerifiedQuery:
    source = entry.source or (next(iter(catalog.dialects)) if len(catalog.dialects) == 1 else "")
    return approved(
        entry.question,
        checked(entry.sql, source, catalog),
        catalog,
        tenant=configured.tenant,
        by=who.name or who.id,
        at=now(),
        day=datetime.now(UTC).date(),
        language=configured.answers.language,
        name=entry.name,
        scope=entry.scope,
        glossary=glossary,
    )


def _same(known: VerifiedQuery | None, query: VerifiedQuery) -> bool:
    """Whether a pair is kept already, so that who approved it and when stays."""
    if known is None:
        return False
    return (known.question, known.sql, known.source, known.name, known.scope, known.reads, known.terms) == (
        query.question,
        query.sql,
        query.source,
        query.name,
        query.scope,
        query.reads,
        query.terms,
    )


def _named(error: KnowledgeError, at: int, entry: Entry, total: int) -> KnowledgeError:
    """The error with the entry that it is of."""
    where = f"Entry {at} (“{entry.question[:80]}”): " if total > 1 else ""
    return type(error)(f"{where}{error.what}", unchanged="Nothing was kept.", next_step=error.next_step)


def expert(configured: Settings, by: str) -> Person:
    """The expert or admin of this id. Raises NotAllowed for anybody else."""
    person = next((one for one in configured.people if one.id == by), None)
    if person is None or not set(ROLES) & set(person.roles):
        able = [one.id for one in configured.people if set(ROLES) & set(one.roles)]
        raise NotAllowed(
            f"{by!r} is no expert or admin of the settings.",
            next_step=f"These are: {', '.join(able)}." if able else "Give somebody the role expert in [[people]].",
        )
    return person


def pretty(query: VerifiedQuery) -> str:
    """The query for people."""
    try:
        return render(read_sql(query.sql, query.dialect), query.dialect, pretty=True)
    except KnowledgeError:
        return query.sql


async def rechecked() -> tuple[int, list[tuple[VerifiedQuery, Recorded]], int]:
    """Run every verified query again and keep what it gave: how many, which are broken, how many were out of reach."""
    configured = settings()
    async with stored(configured) as catalogs, _stores(configured) as kept:
        with closing(DirectEngine(catalogs, _rules(configured))) as engine:
            queries = await kept.verified.of(configured.tenant)
            before = await kept.checks.of(configured.tenant)
            glossary = await kept.glossary.of(configured.tenant)
            found = await Checking(engine, now).all(configured.tenant, queries, before, glossary)
        done = [one for one in found if one is not None]
        await kept.checks.keep(configured.tenant, done)
        by_id = {query.id: query for query in queries}
        broken = [(by_id[one.id], one) for one in done if one.state != "sound"]
        for query, one in broken:
            await kept.reviews.report(items.broken(query, one.why, version_of(one)))
    return len(done), broken, len(found) - len(done)


def _there(query: VerifiedQuery | None, id: str) -> VerifiedQuery:
    if query is None:
        raise PersonError(f"There is no verified query {id!r}.", next_step="`quillux verified list` shows them.")
    return query


def _rules(configured: Settings) -> Policy:
    """The data policy of the settings."""
    if not configured.policy:
        return OPEN
    from infra.policy import policy

    return policy(configured)
