"""Checks a request, writes the asker's policies into it, and runs it where its tables are."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from time import perf_counter
from typing import cast

import pyarrow as pa
from sqlglot import exp

from knowledge.asker import Asker
from knowledge.catalog.model import Catalog, Table
from knowledge.federation.expected import estimated
from knowledge.federation.gather import Gathering
from knowledge.federation.plan import Plan, plan
from knowledge.federation.port import EVERYWHERE, Answer, Request, Sources
from knowledge.federation.remote.gather import RemoteGathering
from knowledge.federation.remote.port import JoinEngine
from knowledge.federation.remote.written import faithful, whole
from knowledge.federation.workbench import Bounds, Workbench
from knowledge.groups import most_groups
from knowledge.guard import guard, render, tables_of
from knowledge.policy import OPEN, Policy, apply, coarse, discretion, key_of, visible, with_tables_beneath
from knowledge.receipt import Step
from knowledge.sources.collect import as_table, with_booleans
from knowledge.sources.meter import Meter
from knowledge.sources.port import Estimate, Limits


@dataclass(frozen=True, slots=True)
class Checked:
    """A query that may run as it is: guarded, limited, with policies written in. `tables` are those it reads."""

    query: exp.Query
    tables: tuple[Table, ...]
    policies: tuple[str, ...]


class DirectEngine:
    """`Engine` over the sources of all tenants, without a cache.

    A query of one source runs there; one over several (`EVERYWHERE`) is split, fetched within `bounds`, and joined
    here, or in the engine `joins` when it is too much for here.
    """

    def __init__(
        self,
        sources: Sources,
        policy: Policy = OPEN,
        bounds: Bounds | None = None,
        joins: JoinEngine | None = None,
    ) -> None:
        self._sources = sources
        self._policy = policy
        self._bounds = bounds or Bounds()
        self._workbench = Workbench(self._bounds)
        self._joins = joins

    async def catalog(self, asker: Asker) -> Catalog:
        """What this person may ask about; the same object for as long as catalog and rules stay the same."""
        whole = await self._sources.catalog(asker.tenant)
        return visible(whole, await self._policy.rules(asker, whole.tables))

    async def estimate(self, request: Request) -> Estimate:
        """What the source expects; a grouped query returns no more rows than it can have groups."""
        checked = await self._check(request)
        with discretion(checked.policies):
            expected = await self._estimate(checked, request)
        return coarse(expected) if checked.policies else expected

    async def _estimate(self, checked: Checked, request: Request) -> Estimate:
        if request.source == EVERYWHERE:
            return await estimated(await self._plan(checked, request), request, checked.tables, self._sources)
        source = self._sources.source(request.asker.tenant, request.source)
        expected = await source.estimate(render(checked.query, source.dialect), request.asker)
        groups = most_groups(request.query, checked.tables)
        if groups is None or expected.rows_returned is None:
            return expected
        return Estimate(expected.rows_read, min(expected.rows_returned, groups))

    async def run(self, request: Request) -> Answer:
        """All rows as one table; see the port."""
        checked = await self._check(request)
        with discretion(checked.policies):
            return await self._run(checked, request)

    async def _run(self, checked: Checked, request: Request) -> Answer:
        if request.source == EVERYWHERE:
            return await self._run_everywhere(checked, request)
        began = perf_counter()
        async with aclosing(self._stream(checked, request)) as stream:
            batches = [batch async for batch in stream]
        table = with_booleans(await as_table(batches), request.query, checked.tables)
        step = Step(
            request.source,
            render(checked.query, self._dialect(request), pretty=True),
            tuple(table.name for table in checked.tables),
            table.num_rows,
            (perf_counter() - began) * 1000,
            bytes=table.nbytes,
        )
        return Answer(table, (step,), checked.policies)

    async def stream(self, request: Request) -> AsyncIterator[pa.RecordBatch]:
        """The rows as they come; see the port."""
        checked = await self._check(request)
        if request.source == EVERYWHERE:
            rows = (await self._gathering(checked, request)).batches()
        else:
            rows = self._stream(checked, request)
        with discretion(checked.policies):
            async with aclosing(rows) as batches:
                async for batch in batches:
                    yield batch

    def close(self) -> None:
        """Give back memory and disk that joins used."""
        self._workbench.close()

    async def _run_everywhere(self, checked: Checked, request: Request) -> Answer:
        gathering = await self._gathering(checked, request)
        async with aclosing(gathering.batches()) as stream:
            batches = [batch async for batch in stream]
        return Answer(
            await as_table(batches), tuple(gathering.steps), checked.policies, missing=tuple(gathering.missing)
        )

    async def _plan(self, checked: Checked, request: Request) -> Plan:
        catalog = await self._sources.catalog(request.asker.tenant)
        return plan(checked.query, catalog, catalog.dialects, worth=self._bounds.worth)

    async def _gathering(self, checked: Checked, request: Request) -> Gathering | RemoteGathering:
        found = await self._plan(checked, request)
        if self._joins is not None and (sql := await self._sql_elsewhere(checked, request, found, self._joins)):
            most = Limits(self._bounds.rows, request.limits.seconds, self._bounds.bytes)
            return RemoteGathering(sql, found, request, self._sources, self._joins, most)
        return Gathering(found, request, self._sources, self._workbench, self._bounds)

    async def _sql_elsewhere(self, checked: Checked, request: Request, found: Plan, joins: JoinEngine) -> str | None:
        """The query for the configured engine; None when it stays here."""
        if found.direct or sum(fetch.rows or 0 for fetch in found.fetches) <= self._bounds.here:
            return None
        if joins.takes_files:
            return faithful(found.tree.copy(), joins.dialect)
        return whole(checked.query, await self._sources.catalog(request.asker.tenant), joins)

    async def _check(self, request: Request) -> Checked:
        """Everything that can be refused before a source is touched."""
        catalog = await self._sources.catalog(request.asker.tenant)
        query = guard(request.query, catalog=catalog, source=request.source, rows=request.limits.rows)
        tables = {key_of(table): table for table in tables_of(query, catalog, request.source)}
        rules = await self._policy.rules(request.asker, with_tables_beneath(tables, catalog))
        applied = tuple(dict.fromkeys(name for key in tables if key in rules for name in rules[key].names))
        return Checked(apply(query, tables, rules, self._dialect(request)), tuple(tables.values()), applied)

    async def _stream(self, checked: Checked, request: Request) -> AsyncGenerator[pa.RecordBatch, None]:
        source = self._sources.source(request.asker.tenant, request.source)
        meter = Meter(request.limits)
        sql = render(checked.query, source.dialect)
        rows = cast(AsyncGenerator[pa.RecordBatch, None], source.execute(sql, request.limits, request.asker))
        async with aclosing(rows) as batches:
            async for batch in batches:
                yield meter.add(batch)

    def _dialect(self, request: Request) -> str:
        if request.source == EVERYWHERE:
            return "duckdb"
        return self._sources.source(request.asker.tenant, request.source).dialect
