"""Two sources of which nothing is real but their catalog, and an engine whose answers tell who asked."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence

import pyarrow as pa
import sqlglot

from knowledge.asker import Asker
from knowledge.cache.engine import CachedEngine
from knowledge.cache.memory import MemoryCache
from knowledge.cache.port import Cache, Sharing
from knowledge.catalog.model import Catalog, Column, DataType, Table
from knowledge.errors import SourceUnavailable
from knowledge.federation.port import Answer, Request
from knowledge.policy import Key, TableRules, key_of
from knowledge.receipt import Step
from knowledge.sources.port import Estimate, Limits, Source
from tests.fakes.sources import GivenSources

COLUMNS = tuple(Column(name, DataType.INTEGER) for name in ("id", "amount", "total"))
ORDERS, CUSTOMERS = Table("shop", "orders", COLUMNS), Table("shop", "customers", COLUMNS)
VISITS = Table("web", "visits", COLUMNS)
CATALOG = Catalog((ORDERS, CUSTOMERS, VISITS), {"shop": "postgres", "web": "duckdb"})
ADA = Asker("acme", "ada", ("member",), ("sales",))
BEN = Asker("acme", "ben", ("member",), ("sales",))
EVE = Asker("acme", "eve", ("member",), ("finance",))


class Clock:
    """Stands until it is set."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Telling:
    """`Engine` whose one row says who asked, and that can be held, failed and counted."""

    def __init__(self) -> None:
        self.runs = 0
        self.ended = 0
        self.raises: Exception | None = None
        self.missing: tuple[str, ...] = ()
        self.rows = 1
        self.let = asyncio.Event()
        self.let.set()

    async def catalog(self, asker: Asker) -> Catalog:
        return CATALOG

    async def estimate(self, request: Request) -> Estimate:
        return Estimate(1, 1)

    async def run(self, request: Request) -> Answer:
        self.runs += 1
        try:
            await self.let.wait()
            if self.raises is not None:
                raise self.raises
            asker = request.asker
            told = {"tenant": asker.tenant, "roles": sorted(asker.roles), "groups": sorted(asker.groups)}
            table = pa.Table.from_pylist([{**told, "person": asker.person, "run": self.runs}] * self.rows)
            return Answer(
                table,
                (Step(request.source, "SELECT", ("orders",), 1, note="keys shipped"),),
                ("p",),
                False,
                self.missing,
            )
        finally:
            self.ended += 1

    async def stream(self, request: Request) -> AsyncIterator[pa.RecordBatch]:
        for batch in (await self.run(request)).table.to_batches():
            yield batch


class Rules:
    """`Policy` that gives each person the rules that stand here, and everybody else all."""

    def __init__(self) -> None:
        self.version = "1"
        self.of: dict[str, TableRules] = {}

    async def rules(self, asker: Asker, tables: Sequence[Table]) -> Mapping[Key, TableRules]:
        return {key_of(table): self.of.get(asker.person, TableRules()) for table in tables}


class Place:
    """A source that nothing is asked of; `Moving` can tell whether it changed."""

    def __init__(self, name: str, dialect: str) -> None:
        self.name = name
        self.dialect = dialect

    async def introspect(self) -> tuple[Table, ...]:
        return ()

    async def profile(self, table: Table) -> Table:
        return table

    async def sample(self, table: Table, rows: int) -> pa.Table:
        return pa.table({})

    async def estimate(self, sql: str, asker: Asker | None = None) -> Estimate:
        return Estimate()

    async def execute(self, sql: str, limits: Limits, asker: Asker | None = None) -> AsyncIterator[pa.RecordBatch]:
        nothing: tuple[pa.RecordBatch, ...] = ()
        for batch in nothing:
            yield batch

    async def close(self) -> None:
        """Nothing is held."""


class Moving(Place):
    """Tells a position, or that it is away."""

    at = "1"
    away = False
    hangs = False

    async def position(self, table: Table) -> str:
        if self.hangs:
            await asyncio.Event().wait()
        if self.away:
            raise SourceUnavailable("It is away.")
        return self.at


class World:
    """Everything that a test of the cached engine touches."""

    def __init__(self, cache: Cache | None = None, *, shop: Source | None = None, entry_bytes: int = 1_000_000) -> None:
        self.inner = Telling()
        self.policy = Rules()
        self.clock = Clock()
        self.sharing = {"shop": Sharing(60), "web": Sharing(60)}
        self.sources = GivenSources(CATALOG, shop or Place("shop", "postgres"), Place("web", "duckdb"))
        self.cache = cache or MemoryCache(1_000_000, self.clock)
        self.engine = CachedEngine(
            self.inner,
            self.sources,
            self.policy,
            self.cache,
            lambda name: self.sharing[name],
            clock=self.clock,
            entry_bytes=entry_bytes,
        )

    async def ask(
        self, sql: str = "SELECT amount FROM orders", asker: Asker = ADA, source: str = "shop", **more: int
    ) -> Answer:
        """Run a query on behalf of somebody."""
        dialect = CATALOG.dialects.get(source, "duckdb")
        return await self.engine.run(Request(sqlglot.parse_one(sql, read=dialect), source, asker, Limits(**more)))
