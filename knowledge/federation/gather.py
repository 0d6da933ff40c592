"""Runs a plan: fetches that do not wait for one another at once, then the join of what came."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from time import monotonic, perf_counter
from typing import cast

import pyarrow as pa

from knowledge.errors import SourceUnavailable, TooMuch
from knowledge.federation.keys import Shipped, with_keys
from knowledge.federation.plan import Fetch, Plan
from knowledge.federation.port import Request, Sources
from knowledge.federation.together import together
from knowledge.federation.typed import typed
from knowledge.federation.workbench import Bounds, Desk, Workbench
from knowledge.guard import render
from knowledge.receipt import Step
from knowledge.sources.arrow import unique
from knowledge.sources.meter import Meter
from knowledge.sources.port import Limits

HERE = "joined here"


class Gathering:
    """One run of one plan. `steps` and `missing` grow as it goes."""

    def __init__(self, plan: Plan, request: Request, sources: Sources, workbench: Workbench, bounds: Bounds) -> None:
        self.missing: list[str] = []
        self._steps: dict[str, Step] = {}
        self._plan = plan
        self._request = request
        self._sources = sources
        self._workbench = workbench
        self._bounds = bounds
        self._done = {fetch.name: asyncio.Event() for fetch in plan.fetches}
        self._until = monotonic() + request.limits.seconds

    @property
    def steps(self) -> list[Step]:
        """What was done so far, as the plan orders it: what ends first differs from run to run."""
        names = (*(fetch.name for fetch in self._plan.fetches), HERE)
        return [self._steps[name] for name in names if name in self._steps]

    async def batches(self) -> AsyncGenerator[pa.RecordBatch, None]:
        """The rows of the answer, in the request's limits."""
        if self._plan.direct:
            async with aclosing(self._direct(self._plan.fetches[0])) as rows:
                async for batch in rows:
                    yield batch
            return
        async with self._workbench.desk() as desk:
            await self._fetch_all(desk)
            async with aclosing(self._joined(desk)) as rows:
                async for batch in rows:
                    yield batch

    async def _direct(self, fetch: Fetch) -> AsyncGenerator[pa.RecordBatch, None]:
        began, rows, size = perf_counter(), 0, 0
        async with aclosing(self._rows(fetch, fetch.sql(), self._request.limits)) as batches:
            async for batch in batches:
                rows, size = rows + batch.num_rows, size + batch.nbytes
                yield typed(batch, fetch.fields).rename_columns(unique(self._plan.names))
        self._steps[fetch.name] = _step(fetch, fetch.sql(pretty=True), rows, size, began, "the whole query")

    async def _fetch_all(self, desk: Desk) -> None:
        try:
            async with asyncio.timeout(self._remaining):
                await together([self._fetch(fetch, desk) for fetch in self._plan.fetches])
        except TimeoutError:
            raise Meter(self._request.limits).late() from None

    async def _fetch(self, fetch: Fetch, desk: Desk) -> None:
        for reduction in fetch.reductions:
            await self._done[reduction.giver].wait()
        shipped = await with_keys(fetch, desk, self._bounds.keys)
        limits = Limits(self._bounds.rows, self._remaining, self._bounds.bytes)
        began, seen = perf_counter(), _Seen(limits)
        try:
            rows = await desk.take(fetch.name, fetch.fields, seen.counted(self._rows(fetch, shipped.sql, limits)))
            self._steps[fetch.name] = _step(fetch, shipped.pretty, rows, seen.bytes, began, shipped.note)
        except SourceUnavailable as error:
            await self._without(fetch, desk, shipped, error)
        except TooMuch as error:
            if self._remaining <= 0.001 or "seconds" in error.what:
                raise Meter(self._request.limits).late() from error
            raise TooMuch(
                f"What the source “{fetch.source}” has to give for this is too much: {error.what}",
                next_step="Ask for a smaller part of the data, for instance with a filter or a shorter time.",
            ) from error
        self._done[fetch.name].set()

    async def _without(self, fetch: Fetch, desk: Desk, shipped: Shipped, error: SourceUnavailable) -> None:
        """Goes on without an optional part, where the person asked for that."""
        error.source = error.source or fetch.source
        missing = dict.fromkeys((*self.missing, fetch.source))
        all_of_them = len(missing) == len({fetch.source for fetch in self._plan.fetches})
        if not (self._request.partial and fetch.optional) or all_of_them:
            raise error
        self.missing = list(missing)
        await desk.forget(fetch.name, fetch.fields)
        note = "could not be reached; left out"
        self._steps[fetch.name] = _step(fetch, shipped.pretty, 0, 0, perf_counter(), note)

    async def _joined(self, desk: Desk) -> AsyncGenerator[pa.RecordBatch, None]:
        limits = self._request.limits
        meter = Meter(Limits(limits.rows, self._remaining, limits.bytes))
        began, rows, size = perf_counter(), 0, 0
        async with aclosing(desk.stream(render(self._plan.tree, "duckdb"), meter)) as batches:
            async for batch in batches:
                rows, size = rows + batch.num_rows, size + batch.nbytes
                yield batch.rename_columns(unique(self._plan.names))
        spent = (perf_counter() - began) * 1000
        sql = render(self._plan.tree, "duckdb", pretty=True)
        self._steps[HERE] = Step("duckdb", sql, (), rows, spent, HERE, bytes=size, note="")

    def _rows(self, fetch: Fetch, sql: str, limits: Limits) -> AsyncGenerator[pa.RecordBatch, None]:
        source = self._sources.source(self._request.asker.tenant, fetch.source)
        return cast(AsyncGenerator[pa.RecordBatch, None], source.execute(sql, limits, self._request.asker))

    @property
    def _remaining(self) -> float:
        return max(self._until - monotonic(), 0.001)


class _Seen:
    """Counts the bytes that pass, and keeps to the limits even where a source does not."""

    def __init__(self, limits: Limits) -> None:
        self.bytes = 0
        self._meter = Meter(limits)

    async def counted(self, batches: AsyncGenerator[pa.RecordBatch, None]) -> AsyncGenerator[pa.RecordBatch, None]:
        """The same batches."""
        async with aclosing(batches) as rows:
            async for batch in rows:
                self.bytes += batch.nbytes
                yield self._meter.add(batch)


def _step(fetch: Fetch, sql: str, rows: int, size: int, began: float, note: str) -> Step:
    spent = (perf_counter() - began) * 1000
    return Step(fetch.source, sql, fetch.tables, rows, spent, "", fetch.rows, size, note)
