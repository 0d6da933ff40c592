"""DuckDB in this process, locked: it reads what it is given, and nothing else of the machine."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TypeVar

import duckdb
import pyarrow as pa

from knowledge.errors import KnowledgeError, Refused, SourceUnavailable, TooMuch, only_reading
from knowledge.sources.arrow import plain
from knowledge.sources.meter import SMALLER, Meter
from knowledge.sources.sdk.words import words
from knowledge.sources.threads import interruptible, metered

LANES = 4
BATCH = 10_000
MEMORY = "1GB"
SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": MEMORY,
    "threads": 2,
    "temp_directory": "",
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
}

T = TypeVar("T")
Lane = duckdb.DuckDBPyConnection


def in_memory() -> Lane:
    """An empty database that can open no file and whose settings can't be changed."""
    return locked(duckdb.connect(":memory:", config=SETTINGS))


def locked(database: Lane) -> Lane:
    """The database, cut off from files, network, extensions and its own settings.

    A file that this process has open already is one database with it, and locked before.
    """
    if database.execute("SELECT current_setting('lock_configuration')").fetchone() != (True,):
        database.execute("SET enable_external_access = false")
        database.execute("SET lock_configuration = true")
    return database


class Duck:
    """Connections to one database, which `connect` opens at the first use; four work at once.

    Raises the errors of `knowledge.errors` in the name of the source.
    """

    def __init__(self, source: str, connect: Callable[[], Lane]) -> None:
        self._source = source
        self._connect = connect
        self._threads = ThreadPoolExecutor(LANES, thread_name_prefix=f"duck-{source}")
        self._lanes = asyncio.Semaphore(LANES)
        self._opening = asyncio.Lock()
        self._database: Lane | None = None

    @asynccontextmanager
    async def lane(self) -> AsyncIterator[Lane]:
        """A connection of its own to the database."""
        async with self._lanes:
            async with self._opening:
                if self._database is None:
                    self._database = await self._guarded(
                        interruptible(self._threads, self._connect, lambda: None), opening=True
                    )
                lane = self._database.cursor()
            try:
                yield lane
            finally:
                lane.close()

    async def call(self, lane: Lane, work: Callable[[], T], stop: Callable[[], None] = lambda: None) -> T:
        """The result of `work`; a cancelled task interrupts the lane and calls `stop`."""
        return await self._guarded(interruptible(self._threads, work, _both(lane.interrupt, stop)))

    async def stream(
        self, lane: Lane, sql: str, meter: Meter, stop: Callable[[], None] = lambda: None
    ) -> AsyncIterator[pa.RecordBatch]:
        """The rows of one query that only reads, within the meter's limits; the first batch has the schema."""
        interrupt = _both(lane.interrupt, stop)
        reader = await self._guarded(metered(meter, self._threads, lambda: _start(lane, sql), interrupt))
        empty = True
        while (
            batch := await self._guarded(metered(meter, self._threads, lambda: _next(reader), interrupt))
        ) is not None:
            empty = False
            yield meter.add(plain(batch))
        if empty:
            yield plain(pa.RecordBatch.from_pylist([], schema=reader.schema))

    def close(self) -> None:
        """Close the database and end the threads."""
        if self._database is not None:
            self._database.close()
            self._database = None
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _guarded(self, work: Awaitable[T], *, opening: bool = False) -> T:
        try:
            return await work
        except (duckdb.Error, OSError, pa.ArrowException) as error:
            raise self._explain(error, opening=opening) from error

    def _explain(self, error: Exception, *, opening: bool) -> KnowledgeError:
        """What comes while rows are read comes through Arrow, with DuckDB's error as its text."""
        match error:
            case _ if "Out of Memory Error" in str(error):
                return TooMuch("The query needs more memory than it may have.", next_step=SMALLER)
            case duckdb.OutOfMemoryException():
                return TooMuch("The query needs more memory than it may have.", next_step=SMALLER)
            case duckdb.PermissionException() if not opening:
                return only_reading()
            case duckdb.IOException() | duckdb.FatalException() | duckdb.ConnectionException():
                return unreadable(self._source, error)
            case _ if opening:
                return unreadable(self._source, error)
            case _:
                what = f"The database could not run the query: {words(error)}."
                return Refused(what, next_step="Ask in other words.")


def unreadable(source: str, error: BaseException) -> SourceUnavailable:
    """The error for a source that could not be read."""
    return SourceUnavailable(
        f"The source “{source}” could not be read: {words(error)}.",
        next_step="Check it with `quillux source test`.",
    )


def quoted(name: str) -> str:
    """A name as DuckDB quotes it."""
    return '"' + name.replace('"', '""') + '"'


def explained(lane: Lane, sql: str) -> None:
    """DuckDB plans the query and does not run it. Raises what running it would raise before the first row."""
    _check(lane, sql)
    lane.execute(f"EXPLAIN {sql}").fetchall()


def _start(lane: Lane, sql: str) -> pa.RecordBatchReader:
    _check(lane, sql)
    return lane.sql(sql).to_arrow_reader(BATCH)


def _check(lane: Lane, sql: str) -> None:
    statements = lane.extract_statements(sql)
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise only_reading()


def _next(reader: pa.RecordBatchReader) -> pa.RecordBatch | None:
    try:
        return reader.read_next_batch()
    except StopIteration:
        return None


def _both(first: Callable[[], None], second: Callable[[], None]) -> Callable[[], None]:
    def both() -> None:
        first()
        second()

    return both
