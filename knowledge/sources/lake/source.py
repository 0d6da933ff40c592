"""A source over any place that holds tables as files: DuckDB runs the SQL in this process."""

import asyncio
import json
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

import duckdb
import pyarrow as pa
import sqlglot

from knowledge.asker import Asker
from knowledge.catalog.comments import split_unit
from knowledge.catalog.model import Column, Table
from knowledge.catalog.statistics import Probe, Rows, profiled
from knowledge.catalog.types import from_native
from knowledge.errors import KnowledgeError
from knowledge.sources.arrow import plain
from knowledge.sources.collect import as_table
from knowledge.sources.lake.duck import Duck, Room, quoted, start, tables_read
from knowledge.sources.lake.place import About, LakeTable, Place
from knowledge.sources.lake.words import READING, explained, unreadable
from knowledge.sources.meter import Meter
from knowledge.sources.port import Estimate, Limits
from knowledge.sources.sdk.expected import expected
from knowledge.sources.sdk.pushdown import parsed
from knowledge.sources.shape import rows_returned
from knowledge.sources.threads import interruptible, metered

if TYPE_CHECKING:
    from knowledge.sources.lake.scanned import Scanned

LANES = 4
MEASURE_SECONDS = 60.0
LOOK_AGAIN = 5.0
"""Seconds after which a question looks again for tables and files that came or went."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Lane:
    """A connection of its own to the database as it was when the question came."""

    duck: Duck
    connection: duckdb.DuckDBPyConnection
    scans: "list[Scanned]" = field(default_factory=list)

    def show(self, named: Iterable[str]) -> None:
        """Make the named tables known to the connection."""
        self.scans.extend(self.duck.prepare(self.connection, named))

    def start(self, sql: str) -> pa.RecordBatchReader:
        """Begin a query that reads."""
        self.show(tables_read(sql, self.duck.tables))
        return start(self.connection, sql)

    def interrupt(self) -> None:
        """End what runs, even while it waits for a place that does not answer."""
        self.connection.interrupt()
        for scan in self.scans:
            scan.stop()

    def close(self) -> None:
        """Let go of everything."""
        for scan in self.scans:
            scan.stop()
        self.connection.close()

    def explain(self, source: str, error: Exception) -> KnowledgeError:
        """What went wrong: what a scan raised comes before what DuckDB makes of it."""
        failure = next((scan.failure for scan in self.scans if isinstance(scan.failure, Exception)), None)
        return explained(source, failure or error, self.duck.spill)


class LakeSource:
    """Tables of a place. `connect` resolves the secrets of the place and gives it; it is called again at each look."""

    dialect = "duckdb"

    def __init__(self, name: str, connect: Callable[[], Awaitable[Place]], room: Room | None = None) -> None:
        self.name = name
        self._connect = connect
        self._room = room or Room()
        self._threads = ThreadPoolExecutor(LANES, thread_name_prefix=f"lake-{name}")
        self._lanes = asyncio.Semaphore(LANES)
        self._opening = asyncio.Lock()
        self._duck: Duck | None = None
        self._stood: tuple[tuple[str, str], ...] = ()
        self._looked = 0.0
        self._rows: dict[str, int] = {}

    async def introspect(self) -> tuple[Table, ...]:
        """Tables as they lie there now, with row counts, comments and freshness; a broken one has no columns."""
        async with self._opening:
            self._duck = None
        async with self._lane() as lane:
            found = [
                await self._call(lane, partial(self._describe, lane, table)) for table in lane.duck.tables.values()
            ]
        self._all_broken(found, lane.duck)
        return tuple(found)

    async def profile(self, table: Table) -> Table:
        """Row count, statistics and values; see the port."""
        async with self._lane() as lane:

            async def ask(sql: str) -> Rows:
                async with asyncio.timeout(MEASURE_SECONDS):
                    return await self._call(lane, lambda: lane.connection.execute(sql).fetchall())

            if table.name.lower() in lane.duck.broken:
                return table
            await self._call(lane, lambda: lane.show([table.name]))
            measured = await profiled(table, Probe(self.dialect, ask, _sample))
        self._rows[table.name.lower()] = measured.rows or 0
        return measured

    async def sample(self, table: Table, rows: int) -> pa.Table:
        """Rows scattered over the table; see the port."""
        limits = Limits(rows=2 * rows, seconds=MEASURE_SECONDS)
        return await as_table([batch async for batch in self.execute(f"SELECT * FROM {_sample(table, rows)}", limits)])  # noqa: S608

    async def position(self, table: Table) -> str:
        """Where the table stands; see `knowledge.sources.changes`."""
        async with self._lane() as lane:
            found = lane.duck.tables.get(table.name.lower())
            return await self._call(lane, found.position) if found else ""

    async def estimate(self, sql: str, asker: Asker | None = None) -> Estimate:
        """All rows of the files that the query names; rows returned as DuckDB's planner expects."""
        async with self._lane() as lane:
            return await self._call(lane, lambda: _estimate(lane, sql, self._rows))

    async def execute(self, sql: str, limits: Limits, asker: Asker | None = None) -> AsyncIterator[pa.RecordBatch]:
        """Stream the rows in batches of ten thousand; see the port.

        Raises SourceUnavailable when a file was replaced or shortened meanwhile: its rows would be of two states.
        """
        meter = Meter(limits)
        async with self._lane() as lane:
            reader = await self._timed(lane, meter, lambda: lane.start(sql))
            empty = True
            while (batch := await self._timed(lane, meter, lambda: _next(reader))) is not None:
                empty = False
                yield meter.add(plain(batch))
            await self._timed(lane, meter, lambda: lane.duck.check(sql))
            if empty:
                yield plain(pa.RecordBatch.from_pylist([], schema=reader.schema))

    async def close(self) -> None:
        """Forget the database, remove its temporary files and end the threads."""
        if self._duck is not None:
            self._duck.close()
        self._duck = None
        self._threads.shutdown(wait=False, cancel_futures=True)

    @asynccontextmanager
    async def _lane(self) -> AsyncIterator[Lane]:
        async with self._lanes:
            async with self._opening:
                duck = await self._current()
                connection = duck.cursor()
            lane = Lane(duck, connection)
            try:
                yield lane
            finally:
                lane.close()

    async def _current(self) -> Duck:
        """The database, made anew when its tables are no longer the same; running questions keep theirs."""
        if self._duck is None or monotonic() - self._looked > LOOK_AGAIN:
            place = await self._connect()
            self._duck = await asyncio.get_running_loop().run_in_executor(self._threads, self._open, place, self._duck)
            self._looked = monotonic()
        return self._duck

    def _open(self, place: Place, before: Duck | None) -> Duck:
        try:
            tables = place.tables()
            stood = tuple((table.name, table.state()) for table in tables)
            if before is not None and stood == self._stood:
                return before
            duck = Duck(self.name, tables, place.paths(), self._room)
        except READING as error:
            raise unreadable(self.name, "", error) from error
        self._stood = stood
        return duck

    def _describe(self, lane: Lane, table: LakeTable) -> Table:
        key = table.name.lower()
        try:
            lane.show([key])
            about = table.about()
            found = lane.connection.execute(f"DESCRIBE {quoted(table.name)}").fetchall()
            columns = tuple(_column(str(name), str(native), about) for name, native, *_ in found)
            rows = about.rows if about.rows is not None else _count(lane.connection, table.name)
        except KnowledgeError as error:
            lane.duck.broken[key] = error
        except READING as error:
            lane.duck.broken[key] = lane.explain(self.name, error)
        if key in lane.duck.broken:
            return Table(self.name, table.name, (), comment=lane.duck.broken[key].what)
        return Table(self.name, table.name, columns, rows=rows, comment=about.note, fresh_at=about.fresh_at)

    def _all_broken(self, found: list[Table], duck: Duck) -> None:
        """One broken file leaves the others readable; where nothing is left the source itself is."""
        if found and not any(table.columns for table in found):
            first = next(iter(duck.broken.values()), None)
            raise unreadable(self.name, "", first or ValueError("no table has columns"))

    async def _timed(self, lane: Lane, meter: Meter, work: Callable[[], T]) -> T:
        try:
            return await metered(meter, self._threads, work, lane.interrupt)
        except READING as error:
            raise lane.explain(self.name, error) from error

    async def _call(self, lane: Lane, work: Callable[[], T]) -> T:
        try:
            return await interruptible(self._threads, work, lane.interrupt)
        except READING as error:
            raise lane.explain(self.name, error) from error


def _next(reader: pa.RecordBatchReader) -> pa.RecordBatch | None:
    try:
        return reader.read_next_batch()
    except StopIteration:
        return None


def _column(name: str, native: str, about: About) -> Column:
    comment, unit = split_unit(about.comments.get(name, ""))
    return Column(name, from_native(native), native, comment=comment, unit=unit)


def _count(connection: duckdb.DuckDBPyConnection, name: str) -> int:
    ((rows,),) = connection.execute(f"SELECT count(*) FROM {quoted(name)}").fetchall()  # noqa: S608
    return int(rows)


def _estimate(lane: Lane, sql: str, rows: dict[str, int]) -> Estimate:
    names = tables_read(sql, lane.duck.tables)
    lane.show(names)
    read = sum(rows.get(name.lower(), 0) for name in names)
    ((_, plan),) = lane.connection.execute(f"EXPLAIN (FORMAT JSON) {sql}").fetchall()
    query = sqlglot.parse_one(sql, read="duckdb")
    if lane.scans:  # the planner does not know how many rows Arrow gives
        return expected(parsed(sql), rows)
    return Estimate(read if rows else None, rows_returned(query, _cardinality(json.loads(plan)[0]) or read))


def _cardinality(node: dict[str, Any]) -> int:
    """Rows that the planner expects of a step; where it does not say, what follows from the steps below."""
    said = str(node.get("extra_info", {}).get("Estimated Cardinality", "0"))
    if said.isdigit() and int(said):
        return int(said)
    below = [_cardinality(child) for child in node.get("children", [])]
    return math.prod(below) if below and "CROSS" in str(node.get("name")) else max(below, default=0)


def _sample(table: Table, rows: int) -> str:
    return f"(SELECT * FROM {quoted(table.name)} USING SAMPLE reservoir({rows} ROWS) REPEATABLE (7))"  # noqa: S608
