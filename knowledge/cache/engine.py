"""Gives an answer again to whoever has exactly the same rights, for as long as its data stands."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import cast

import pyarrow as pa
from sqlglot.errors import SqlglotError

from knowledge.asker import Asker
from knowledge.cache import reading
from knowledge.cache.entry import decode, encode
from knowledge.cache.flights import Flights
from knowledge.cache.memory import Recent
from knowledge.cache.port import Cache, Sharing
from knowledge.cache.reading import Reading
from knowledge.catalog.model import Catalog, Table
from knowledge.errors import KnowledgeError
from knowledge.federation.port import Answer, Engine, Request, Sources
from knowledge.policy import Policy
from knowledge.sources.changes import Changing
from knowledge.sources.port import Estimate, Limits

KNOWN = 10
"""Times as long an answer stands whose sources all say that nothing moved."""
PATIENCE = 2.0
"""Seconds in which all sources must say where their tables stand, or the query is run."""
IN_THREAD = 1_000_000
"""Bytes of an answer from which it is packed and unpacked in a thread."""


@dataclass(frozen=True, slots=True)
class Shared:
    """Where an answer is kept, for how long, and the policy under which it was made."""

    key: str
    seconds: float
    policy: str


class CachedEngine:
    """`Engine` around another.

    The key of an answer holds the query in its one form, the asker's tenant, roles and groups (and the person, where a
    source's database is told who asks), the policy's version and its very rules for the tables read, what the catalog
    says of these tables, and their position where the source tells one. `sharing` says of each source for how long
    answers stand and whether they are personal; `scope` keeps apart installations that share a cache. Equal requests
    at once run once; errors and partial answers are not kept. The gate stands above: an estimate is never cached.
    """

    def __init__(
        self,
        engine: Engine,
        sources: Sources,
        policy: Policy,
        cache: Cache,
        sharing: Callable[[str], Sharing] = lambda _source: Sharing(),
        *,
        scope: str = "",
        entry_bytes: int = 4 * 1024 * 1024,
        plans: int = 1_000,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._engine = engine
        self._sources = sources
        self._policy = policy
        self._cache = cache
        self._sharing = sharing
        self._scope = scope
        self._entry_bytes = entry_bytes
        self._clock = clock
        self._plans: Recent[tuple[str, str, str], Reading | None] = Recent(plans)
        self._catalogs: dict[str, Catalog] = {}
        self._flights: Flights[tuple[str, Limits, bool], Answer] = Flights()

    async def catalog(self, asker: Asker) -> Catalog:
        """See the port."""
        return await self._engine.catalog(asker)

    async def estimate(self, request: Request) -> Estimate:
        """See the port; never from the cache, so that a gate decides as it always does."""
        return await self._engine.estimate(request)

    async def run(self, request: Request) -> Answer:
        """All rows, from the cache where they are; `cached` and the notes of the steps say so."""
        shared = await self._shared(request)
        if shared is None:
            return await self._engine.run(request)
        flight = (shared.key, request.limits, request.partial)
        return await self._flights.join(flight, lambda: self._answer(request, shared))

    async def stream(self, request: Request) -> AsyncIterator[pa.RecordBatch]:
        """The rows from the cache where they are; those that come from the sources are not kept."""
        shared = await self._shared(request)
        found = await self._find(shared, request.limits) if shared else None
        if found is not None:
            for batch in found.table.to_batches() or found.table.schema.empty_table().to_batches():
                yield batch
            return
        rows = cast(AsyncGenerator[pa.RecordBatch, None], self._engine.stream(request))
        async with aclosing(rows) as batches:
            async for batch in batches:
                yield batch

    async def _answer(self, request: Request, shared: Shared) -> Answer:
        found = await self._find(shared, request.limits)
        if found is not None:
            return found
        at = self._clock()
        answer = await self._engine.run(request)
        if not answer.missing and self._policy.version == shared.policy:
            await self._keep(answer, shared, at)
        return answer

    async def _find(self, shared: Shared, limits: Limits) -> Answer | None:
        """A kept answer that is within the limits; one that is not must be refused by the engine, in its words."""
        value = await self._cache.get(shared.key)
        if value is None:
            return None
        large = len(value) > IN_THREAD
        found = await asyncio.to_thread(decode, value, self._clock()) if large else decode(value, self._clock())
        if found is None or found.table.num_rows > limits.rows or found.table.nbytes > limits.bytes:
            return None
        return found

    async def _keep(self, answer: Answer, shared: Shared, at: float) -> None:
        size = answer.table.nbytes
        if size > 10 * self._entry_bytes:
            return
        value = await asyncio.to_thread(encode, answer, at) if size > IN_THREAD else encode(answer, at)
        if len(value) <= self._entry_bytes:
            await self._cache.put(shared.key, value, shared.seconds)

    async def _shared(self, request: Request) -> Shared | None:
        """None for what is not shared: the engine answers it, or says why not."""
        asker = request.asker
        plan = await self._plan(request)
        if plan is None:
            return None
        sharing = [self._sharing(name) for name in sorted({table.source for table in plan.tables})]
        seconds = min((one.seconds for one in sharing), default=0)
        if seconds <= 0:
            return None
        version = self._policy.version
        rules = reading.ruled(await self._policy.rules(asker, plan.tables), plan.tables)
        try:
            async with asyncio.timeout(PATIENCE):
                positions = [await self._position(asker.tenant, table) for table in plan.tables]
        except (KnowledgeError, TimeoutError):
            return None
        if rules is None:
            return None
        rights = reading.rights(asker, person=any(one.personal for one in sharing))
        where = [self._scope, request.source]
        key = reading.key(where, plan.text, plan.described, rights, version, rules, positions)
        return Shared(key, seconds * KNOWN if all(positions) else seconds, version)

    async def _plan(self, request: Request) -> Reading | None:
        """How the query reads, kept for as long as the catalog is the same object."""
        catalog = await self._sources.catalog(request.asker.tenant)
        try:
            written = request.query.sql(reading.dialect_of(request.source, catalog), comments=False)
        except (SqlglotError, RecursionError, ValueError):
            return None
        place = (request.asker.tenant, request.source, written)
        if self._catalogs.get(request.asker.tenant) is not catalog:
            self._catalogs[request.asker.tenant] = catalog
            self._plans.clear()  # readings hold tables, and so would keep the catalog before
        return self._plans.get(place) or self._plans.put(place, reading.read(request.query, request.source, catalog))

    async def _position(self, tenant: str, table: Table) -> str:
        source = self._sources.source(tenant, table.source)
        return await source.position(table) if isinstance(source, Changing) else ""
