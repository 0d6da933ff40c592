"""A source made of a SQLAlchemy engine: threads, streaming to Arrow, limits, cancellation and errors are done here."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from math import ceil
from time import monotonic
from typing import Any, TypeVar, cast

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError

from knowledge.asker import Asker
from knowledge.catalog.model import Table
from knowledge.catalog.statistics import Probe, Rows, profiled
from knowledge.errors import KnowledgeError, Refused, SourceUnavailable
from knowledge.sources.collect import as_table
from knowledge.sources.meter import Meter
from knowledge.sources.opening import Opening
from knowledge.sources.port import Estimate, Limits
from knowledge.sources.sdk.expected import expected
from knowledge.sources.sdk.inspect import read_tables
from knowledge.sources.sdk.lane import Lane
from knowledge.sources.sdk.reading import read_query
from knowledge.sources.sdk.rows import batch_of
from knowledge.sources.sdk.speech import Speech
from knowledge.sources.sdk.words import words

LANES = 4
WINDOW = 5_000
CONNECT_SECONDS = 20.0
MEASURE_SECONDS = 30.0
FRESH_SECONDS = 5.0
"""For so long after its last use a connection is taken for alive without asking."""

_STREAMED = {"stream_results": True, "max_row_buffer": WINDOW, "no_parameters": True}
"""Without parameters a % in the text is a sign like any other."""

T = TypeVar("T")


class DatabaseSource:
    """`Source` over a SQLAlchemy engine; `engine` makes one from the address with its secrets filled in.

    Connections are made when they are needed, at most four, and each stays in a thread of its own. The option `schemas`
    of the opening names the schemas to look at, with commas; `*` is all of them.
    """

    def __init__(self, opening: Opening, engine: Callable[[str], sa.Engine], speech: Speech) -> None:
        if opening.identity.kind != "none":
            raise SourceUnavailable(
                f"The source “{opening.name}” can't tell its database who asks, but is set up to.",
                next_step="Remove its identity setting, or use a kind of source that can.",
            )
        self.name = opening.name
        self.dialect = speech.dialect
        self._opening = opening
        self._make = engine
        self._speech = speech
        self._lanes = asyncio.Semaphore(LANES)
        self._idle: list[Lane] = []
        self._engine: tuple[str, sa.Engine] | None = None
        self._rows: dict[str, int] = {}

    async def introspect(self) -> tuple[Table, ...]:
        """Tables and views with declared keys and comments; see the port."""
        schemas = [part.strip() for part in self._opening.options.get("schemas", "").split(",") if part.strip()]
        async with self._lane() as lane:
            system = self._speech.system
            return await self._told(
                lane.call(lambda: read_tables(lane.connection, self.name, schemas, system)), connecting=True
            )

    async def profile(self, table: Table) -> Table:
        """Row count, statistics and values; see the port."""

        async def ask(sql: str) -> Rows:
            limits = Limits(rows=200_000, seconds=MEASURE_SECONDS)
            batches = [batch async for batch in self.execute(sql, limits)]
            return [row for batch in batches for row in zip(*(part.to_pylist() for part in batch.columns), strict=True)]

        measured = await profiled(table, Probe(self.dialect, ask, self._sample))
        self._rows[table.name.lower()] = measured.rows or 0
        return measured

    async def sample(self, table: Table, rows: int) -> pa.Table:
        """About so many rows: scattered where the database can sample, otherwise the first ones."""
        limits = Limits(rows=2 * rows, seconds=MEASURE_SECONDS)
        return await as_table(
            [batch async for batch in self.execute(f"SELECT * FROM {self._sample(table, rows)}", limits)]  # noqa: S608
        )

    async def estimate(self, sql: str, asker: Asker | None = None) -> Estimate:
        """By the row counts that were measured; the database is not asked."""
        return expected(read_query(sql, self.dialect), self._rows)

    async def execute(self, sql: str, limits: Limits, asker: Asker | None = None) -> AsyncIterator[pa.RecordBatch]:
        """Stream the rows, five thousand at a time; see the port."""
        query = self._speech.mend(read_query(sql, self.dialect))
        text = query.sql(self.dialect, comments=False)
        meter = Meter(limits)
        async with self._lane() as lane:
            result = await self._told(lane.metered(meter, lambda: self._start(lane, text, limits)))
            names = [item[0] for item in result.cursor.description] if result.cursor is not None else []
            schema: pa.Schema | None = None
            while True:
                rows = await self._told(lane.metered(meter, lambda: result.fetchmany(WINDOW)))
                if not rows and schema is not None:
                    break
                batch = meter.add(batch_of(names, rows, schema))
                schema = batch.schema
                yield batch

    async def close(self) -> None:
        """Close idle connections and end their threads."""
        while self._idle:
            self._idle.pop().close()
        self._engine = None

    @asynccontextmanager
    async def _lane(self) -> AsyncIterator[Lane]:
        """A connection that nobody else uses; one whose question was stopped, or left unread, is closed after it."""
        async with self._lanes:
            lane = await self._answering() or await self._connected()
            done = False
            try:
                yield lane
                done = True
            except Refused:
                done = True
                raise
            finally:
                if done and await self._ended(lane):
                    self._idle.append(lane)
                else:
                    lane.close(unread=not done)

    async def _answering(self) -> Lane | None:
        """An idle connection; those that were lost meanwhile are closed."""
        while self._idle:
            lane = self._idle.pop()
            if monotonic() - lane.since < FRESH_SECONDS or await self._works(lane, _ping):
                return lane
            lane.close()
        return None

    async def _ended(self, lane: Lane) -> bool:
        lane.since = monotonic()
        return lane.usable and await self._works(lane, lambda connection: connection.rollback())

    async def _works(self, lane: Lane, work: Callable[[sa.Connection], object]) -> bool:
        try:
            await self._told(lane.call(lambda: work(lane.connection)))
        except KnowledgeError:
            return False
        return True

    async def _connected(self) -> Lane:
        address = await self._opening.resolved()
        lane = Lane(self._speech.cancel)
        try:
            await self._told(lane.open(lambda: self._connect(address), CONNECT_SECONDS), connecting=True)
        except BaseException:
            lane.close()
            raise
        return lane

    def _connect(self, address: str) -> sa.Connection:
        """Where a secret has changed since the last connection, so has the address, and the engine is made anew."""
        if self._engine is None or self._engine[0] != address:
            self._engine = (address, self._make(address))
        connection = self._engine[1].connect()
        for statement in self._speech.prepare:
            connection.exec_driver_sql(statement)
        connection.commit()
        return connection

    def _start(self, lane: Lane, sql: str, limits: Limits) -> sa.CursorResult[Any]:
        if self._speech.timeout:
            seconds, milliseconds = max(ceil(limits.seconds), 1), max(round(limits.seconds * 1000), 1)
            lane.connection.exec_driver_sql(self._speech.timeout.format(seconds=seconds, milliseconds=milliseconds))
        return lane.connection.exec_driver_sql(sql, execution_options=_STREAMED)

    def _sample(self, table: Table, rows: int) -> str:
        """About so many rows as SQL for FROM; a view can't be sampled."""
        name = Probe(self.dialect, _unasked, lambda *_: "").relation(table)
        percent = min(100.0, max(150.0 * rows / table.rows, 0.001)) if table.rows else 100.0
        if self._speech.sample and table.kind == "table" and percent < 100:
            name = self._speech.sample.format(table=name, percent=f"{percent:.3f}")
        return f"(SELECT * FROM {name} LIMIT {rows}) AS sampled"  # noqa: S608

    async def _told(self, work: Awaitable[T], *, connecting: bool = False) -> T:
        """The result; what the driver raises is told in our words, and cut, since it may hold the address."""
        try:
            return await self._translated(work, connecting=connecting)
        except KnowledgeError as error:
            raise error from None

    async def _translated(self, work: Awaitable[T], *, connecting: bool) -> T:
        try:
            return await work
        except KnowledgeError:
            raise
        except Exception as error:
            if isinstance(error, DBAPIError) and not connecting and not error.connection_invalidated:
                raise Refused(
                    f"The database could not run the query: {words(error.orig or error)}.",
                    next_step="Ask in other words.",
                ) from error
            raise SourceUnavailable(
                f"The source “{self.name}” could not be reached: {words(getattr(error, 'orig', None) or error)}.",
                next_step="Check its address and credentials with `quillux source test`.",
            ) from error


def _ping(connection: sa.Connection) -> object:
    return connection.dialect.do_ping(cast(DBAPIConnection, connection.connection.dbapi_connection))


async def _unasked(_sql: str) -> Rows:
    return ()
