"""A source made of a reader: DuckDB asks the questions, the reader gives the rows they need."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeVar

import pyarrow as pa

from knowledge.asker import Asker
from knowledge.catalog.comments import split_unit
from knowledge.catalog.model import Column, Table
from knowledge.catalog.statistics import EXACT_ROWS, Probe, Rows, profiled
from knowledge.catalog.types import from_native
from knowledge.errors import KnowledgeError, Refused, SourceUnavailable
from knowledge.sources.meter import Meter
from knowledge.sources.port import Estimate, Limits
from knowledge.sources.sdk.duck import Duck, Lane, explained, in_memory, quoted, unreadable
from knowledge.sources.sdk.expected import expected
from knowledge.sources.sdk.leave import leaving
from knowledge.sources.sdk.pushdown import Wanted, parsed, wanted
from knowledge.sources.sdk.reader import Reader
from knowledge.sources.sdk.scan import Scan

MEASURE_SECONDS = 60.0

_SAMPLE = "sample of rows"

T = TypeVar("T")


class TabularSource:
    """`Source` over a `Reader`. Nothing is read before it is asked for, and no more than the question needs."""

    dialect = "duckdb"

    def __init__(self, name: str, reader: Reader) -> None:
        self.name = name
        self._reader = reader
        self._duck = Duck(name, in_memory)
        self._tables: Mapping[str, pa.Schema] | None = None
        self._rows: dict[str, int] = {}

    async def introspect(self) -> tuple[Table, ...]:
        """The reader's tables as they are now; see the port."""
        self._tables = None
        tables = await self._known()
        async with self._duck.lane() as lane:
            return await self._duck.call(
                lane, lambda: tuple(_describe(lane, self.name, name, schema) for name, schema in tables.items())
            )

    async def profile(self, table: Table) -> Table:
        """Row count, statistics and values: of all rows, or of the first hundred thousand of a larger table."""
        schema = (await self._known()).get(table.name)
        if schema is None:
            return table
        first = await self._first(table.name, schema)
        async with self._duck.lane() as lane:
            whole = first.num_rows <= EXACT_ROWS
            scan = Scan(self._reader, table.name, schema, Wanted(tuple(schema.names)))
            lane.register(table.name, first if whole else scan)
            lane.register(_SAMPLE, first)

            async def ask(sql: str) -> Rows:
                async with asyncio.timeout(MEASURE_SECONDS):
                    return await self._duck.call(lane, lambda: lane.execute(sql).fetchall(), scan.stop)

            known = replace(table, rows=first.num_rows) if whole else table
            measured = await profiled(known, Probe(self.dialect, ask, lambda _table, _rows: quoted(_SAMPLE)))
        self._rows[table.name.lower()] = measured.rows or first.num_rows
        return measured

    async def sample(self, table: Table, rows: int) -> pa.Table:
        """Rows evenly spread over the first hundred thousand."""
        schema = (await self._known()).get(table.name)
        if schema is None:
            raise Refused(f"There is no table “{table.name}” in the source “{self.name}” any more.")
        first = await self._first(table.name, schema)
        step = max(first.num_rows / max(rows, 1), 1)
        places = [round(number * step) for number in range(rows)]
        return first.take([place for place in places if place < first.num_rows])

    async def estimate(self, sql: str, asker: Asker | None = None) -> Estimate:
        """By the row counts that were measured; the query is checked by DuckDB, and nothing is read."""
        tables = await self._known()
        async with self._duck.lane() as lane:
            with self._scans(lane, sql, tables):
                await self._duck.call(lane, lambda: explained(lane, sql))
        return expected(parsed(sql), self._rows)

    async def execute(self, sql: str, limits: Limits, asker: Asker | None = None) -> AsyncIterator[pa.RecordBatch]:
        """Stream the rows; see the port."""
        tables = await self._known()
        meter = Meter(limits)
        async with self._duck.lane() as lane:
            with self._scans(lane, sql, tables) as scans:

                def stop() -> None:
                    for scan in scans:
                        scan.stop()

                async for batch in self._duck.stream(lane, sql, meter, stop):
                    yield batch

    async def position(self, table: Table) -> str:
        """Where the table stands, if the reader can tell (`position(table)`); see `Changing`."""
        told = getattr(self._reader, "position", None)
        return "" if told is None else str(await self._read(lambda: told(table.name)))

    async def close(self) -> None:
        """Forget everything and end the threads."""
        self._duck.close()

    @contextmanager
    def _scans(self, lane: Lane, sql: str, tables: Mapping[str, pa.Schema]) -> Iterator[list[Scan]]:
        """The tables that a query reads, known to the lane while it runs; what a reader raised is said as its own."""
        query = parsed(sql)
        scans = [
            Scan(self._reader, name, schema, needed)
            for name, schema in tables.items()
            if (needed := wanted(query, name, schema)) is not None
        ]
        try:
            for scan in scans:
                lane.register(scan.table, scan)
            yield scans
        except Refused as error:
            raise self._reason(scans) or error from error
        finally:
            for scan in scans:
                scan.stop()

    def _reason(self, scans: Sequence[Scan]) -> KnowledgeError | None:
        failure = next((scan.failure for scan in scans if scan.failure is not None), None)
        if failure is None or isinstance(failure, KnowledgeError):
            return failure
        return unreadable(self.name, failure)

    async def _known(self) -> Mapping[str, pa.Schema]:
        if self._tables is None:
            tables = await self._read(self._reader.tables)
            if len({name.lower() for name in tables}) < len(tables):
                raise SourceUnavailable(f"Two tables of the source “{self.name}” differ only in upper and lower case.")
            self._tables = tables
        return self._tables

    async def _first(self, table: str, schema: pa.Schema) -> pa.Table:
        """The rows that statistics are made of: all of a small table, one more than enough of a larger one."""
        scan = Scan(self._reader, table, schema, Wanted(tuple(schema.names)))
        try:
            async with asyncio.timeout(MEASURE_SECONDS):
                return await self._read(lambda: scan.first(EXACT_ROWS + 1))
        finally:
            scan.stop()

    async def _read(self, work: Callable[[], T]) -> T:
        try:
            return await leaving(work)
        except KnowledgeError:
            raise
        except Exception as error:
            raise unreadable(self.name, error) from error


def _describe(lane: Lane, source: str, name: str, schema: pa.Schema) -> Table:
    lane.register(name, schema.empty_table())
    natives = {column: native for column, native, *_ in lane.execute(f"DESCRIBE {quoted(name)}").fetchall()}
    lane.unregister(name)
    columns = []
    for field in schema:
        comment, unit = split_unit(_said(field.metadata, b"comment"))
        native = natives[field.name]
        columns.append(Column(field.name, from_native(native), native, field.nullable, comment=comment, unit=unit))
    key = tuple(part.strip() for part in _said(schema.metadata, b"primary_key").split(",") if part.strip())
    return Table(source, name, tuple(columns), primary_key=key, comment=_said(schema.metadata, b"comment"))


def _said(metadata: Mapping[bytes, bytes] | None, key: bytes) -> str:
    return (metadata or {}).get(key, b"").decode("utf-8", "replace")
