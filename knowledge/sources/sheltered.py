"""Any source behind a breaker, with no more queries at once than it can take, within its own limits."""

import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing, contextmanager
from typing import TypeVar, cast

import pyarrow as pa

from knowledge.asker import Asker
from knowledge.catalog.model import Table
from knowledge.errors import KnowledgeError
from knowledge.sources.breaker import Bounds, Breaker, Bulkhead
from knowledge.sources.changes import Changing
from knowledge.sources.port import Estimate, Limits, Source

T = TypeVar("T")
Clean = Callable[[str], str]
"""Takes secrets out of a text."""


def sheltered(
    source: Source,
    bounds: Bounds = Bounds(),  # noqa: B008 - frozen
    *,
    most: Limits | None = None,
    clean: Clean = str,
    clock: Callable[[], float] = time.monotonic,
) -> Source:
    """The source behind a breaker. `most` are its own limits for people's queries, `clean` goes over its errors."""
    kind = ShelteredChanging if isinstance(source, Changing) else Sheltered
    return kind(source, Breaker(source.name, bounds, clock), Bulkhead(source.name, bounds), most, clean)


class Sheltered:
    """`Source` around another."""

    def __init__(self, source: Source, breaker: Breaker, bulkhead: Bulkhead, most: Limits | None, clean: Clean) -> None:
        self.name = source.name
        self.dialect = source.dialect
        self._source = source
        self._breaker = breaker
        self._bulkhead = bulkhead
        self._most = most
        self._clean = clean

    async def introspect(self) -> tuple[Table, ...]:
        """See the port."""
        return await self._reach(self._source.introspect)

    async def profile(self, table: Table) -> Table:
        """See the port."""
        return await self._reach(lambda: self._source.profile(table))

    async def sample(self, table: Table, rows: int) -> pa.Table:
        """See the port."""
        return await self._reach(lambda: self._source.sample(table, rows))

    async def estimate(self, sql: str, asker: Asker | None = None) -> Estimate:
        """See the port."""
        return await self._reach(lambda: self._source.estimate(sql, asker))

    async def execute(self, sql: str, limits: Limits, asker: Asker | None = None) -> AsyncIterator[pa.RecordBatch]:
        """See the port; a person's query is held to the source's own limits too."""
        if asker is not None and self._most is not None:
            limits = least(limits, self._most)
        rows = cast(AsyncGenerator[pa.RecordBatch, None], self._source.execute(sql, limits, asker))
        with self._cleaning():
            self._breaker.admit()
            async with self._bulkhead.place(), aclosing(rows) as batches:
                async with self._breaker.attempt():
                    batch = await anext(batches, None)
                while batch is not None:
                    yield batch
                    async with self._breaker.watch():
                        batch = await anext(batches, None)

    async def close(self) -> None:
        """See the port."""
        await self._source.close()

    async def _reach(self, work: Callable[[], Awaitable[T]]) -> T:
        with self._cleaning():
            self._breaker.admit()
            async with self._bulkhead.place(), self._breaker.attempt():
                return await work()

    @contextmanager
    def _cleaning(self) -> Iterator[None]:
        """Errors leave with no secret in their words."""
        try:
            yield
        except KnowledgeError as error:
            error.what, error.next_step = self._clean(error.what), self._clean(error.next_step)
            error.args = tuple(self._clean(str(part)) for part in error.args)
            raise


class ShelteredChanging(Sheltered):
    """The same, around a source that can tell whether a table moved."""

    async def position(self, table: Table) -> str:
        """See `knowledge.sources.changes`."""
        return await self._reach(lambda: cast(Changing, self._source).position(table))


def least(one: Limits, other: Limits) -> Limits:
    """The lower limit of each kind."""
    return Limits(min(one.rows, other.rows), min(one.seconds, other.seconds), min(one.bytes, other.bytes))
