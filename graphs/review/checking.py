"""Verified queries run again: what each gives now, and whether that is what it gave."""

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import sqlglot
from sqlglot import exp

from knowledge.asker import Asker
from knowledge.catalog.model import Catalog
from knowledge.errors import KnowledgeError, SourceUnavailable
from knowledge.federation import Engine, Request
from knowledge.glossary import EMPTY, Glossary
from knowledge.guard import read_sql
from knowledge.sources.port import Limits
from knowledge.table_view import scalars
from knowledge.verified import Reading, VerifiedQuery, outdated, unfit
from knowledge.verified.regress import Recorded, compared, fingerprint_of

LIMITS = Limits(rows=100_000, seconds=30.0, bytes=64 * 1024 * 1024)
BOT = "quillux"
ROLES = ("member", "expert", "admin")
AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Checking:
    """Runs verified queries again, with the rights of an expert; `now` gives ISO times in UTC."""

    engine: Engine
    now: Callable[[], str]

    async def all(
        self, tenant: str, queries: Sequence[VerifiedQuery], before: Mapping[str, Recorded], glossary: Glossary = EMPTY
    ) -> list[Recorded | None]:
        """What each gives now, seen from the check before; None for one whose source could not be reached."""
        who = Asker(tenant, BOT, ROLES)
        catalog = await self.engine.catalog(who)
        return await _Round(self.engine, self.now, catalog, who, glossary).all(queries, before)


@dataclass(frozen=True, slots=True)
class _Round:
    """One round; how each table stands is asked once."""

    engine: Engine
    now: Callable[[], str]
    catalog: Catalog
    who: Asker
    glossary: Glossary
    _stands: dict[tuple[str, str, str], "asyncio.Task[str]"] = field(default_factory=dict)

    async def all(self, queries: Sequence[VerifiedQuery], before: Mapping[str, Recorded]) -> list[Recorded | None]:
        lanes = asyncio.Semaphore(AT_ONCE)

        async def one(query: VerifiedQuery) -> Recorded | None:
            async with lanes:
                return await self._checked(query, before.get(query.id))

        return list(await asyncio.gather(*(one(query) for query in queries)))

    async def _checked(self, query: VerifiedQuery, before: Recorded | None) -> Recorded | None:
        """What it gives now; None where the source could not be reached."""
        at, made = self.now(), _digest(query)
        if stale := unfit(query, self.catalog):
            return Recorded(query.id, made, at, "stale", why=f"The data changed: {'; '.join(stale[:5])}.")
        if changed := outdated(query, self.glossary):
            return Recorded(query.id, made, at, "stale", why=f"Its words changed: {'; '.join(changed[:5])}.")
        try:
            data = await self._data(query.reads)
            tree = read_sql(query.sql, query.dialect)
            answer = await self.engine.run(Request(tree, query.source, self.who, LIMITS))
        except SourceUnavailable:
            return None
        except KnowledgeError as error:
            return Recorded(query.id, made, at, "error", why=error.what)
        table = answer.table
        rows = await asyncio.to_thread(lambda: fingerprint_of(scalars(table, 0, table.num_rows), tree))
        data = "" if answer.cached else data
        now = Recorded(query.id, made, at, "sound", tuple(table.column_names), table.num_rows, rows, data)
        return compared(before, now)

    async def _data(self, reads: Sequence[Reading]) -> str:
        """How the tables stand: how many rows they have, and the newest of what grows with them.

        Empty where that is not known for now, because it was remembered rather than looked at.
        """
        places = sorted({(read.source, read.schema, read.table) for read in reads})
        for place in places:
            if place not in self._stands:
                self._stands[place] = asyncio.create_task(self._stand(*place))
        stands = [await self._stands[place] for place in places]
        return "|".join(stands) if all(stands) else ""

    async def _stand(self, source: str, schema: str, name: str) -> str:
        table = self.catalog.by_key.get((source.lower(), schema.lower(), name.lower()))
        dialect = self.catalog.dialects.get(source, "")
        wanted: list[exp.Expr] = [exp.Count(this=exp.Star())]
        if table is not None and table.watermark:
            wanted.append(exp.Max(this=exp.column(table.watermark, quoted=True)))
        query = exp.select(*wanted).from_(exp.table_(name, db=schema or None, quoted=True))
        tree = sqlglot.parse_one(query.sql(dialect=dialect), dialect=dialect)
        answer = await self.engine.run(Request(tree, source, self.who, LIMITS))
        return "" if answer.cached else f"{source}.{schema}.{name}:{list(scalars(answer.table, 0, 1))}"


def _digest(query: VerifiedQuery) -> str:
    return hashlib.sha256(f"{query.source}\n{query.sql}\n{query.approved_at}".encode()).hexdigest()[:32]


def version_of(recorded: Recorded) -> str:
    """Equal for the same fault of the same query, so that it is reviewed once."""
    return f"{recorded.query}|{recorded.state}|{recorded.why}"
