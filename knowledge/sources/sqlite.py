"""A SQLite file, opened read-only; queries run in threads and can be interrupted at any moment."""

import asyncio
import hashlib
import sqlite3
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pyarrow as pa

from knowledge.asker import Asker
from knowledge.catalog.model import DataType, Table
from knowledge.catalog.statistics import Probe, Rows, profiled
from knowledge.catalog.types import from_text
from knowledge.errors import KnowledgeError, Refused, SourceUnavailable, TooMuch, only_reading
from knowledge.sources.arrow import batch_of
from knowledge.sources.collect import as_table
from knowledge.sources.meter import SMALLER, Meter
from knowledge.sources.port import Estimate, Limits
from knowledge.sources.sqlite_plan import estimate_plan
from knowledge.sources.sqlite_tables import read_tables
from knowledge.sources.threads import interruptible, metered

LANES = 4
"""Queries that run at once on one file."""
REST_SECONDS = 5.0
"""Connections that nobody used for so long are closed."""
WINDOW = 2_000
LONGEST_VALUE = 16 * 1024 * 1024
MEASURE_SECONDS = 60.0

_SCATTER = 2_654_435_761
_READS = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
_FORBIDDEN = {"load_extension", "readfile", "writefile", "edit", "fts3_tokenizer"}

T = TypeVar("T")


class SqliteSource:
    """One SQLite file. The file is never written, and never made where it is missing."""

    dialect = "sqlite"

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self._path = path
        self._threads = ThreadPoolExecutor(LANES, thread_name_prefix=f"sqlite-{name}")
        self._lanes = asyncio.Semaphore(LANES)
        self._idle: list[sqlite3.Connection] = []
        self._resting: asyncio.TimerHandle | None = None
        self._rows: dict[str, int] = {}

    async def introspect(self) -> tuple[Table, ...]:
        """Tables with declared keys, row counts, and comments from the CREATE statements."""
        self._rest()  # the file may be another one under its old name
        async with self._plain() as lane:
            return await self._call(lane, lambda: read_tables(lane, self.name))

    async def profile(self, table: Table) -> Table:
        """Row count, statistics and values; see the port."""
        async with self._plain() as lane:

            async def ask(sql: str) -> Rows:
                async with asyncio.timeout(MEASURE_SECONDS):
                    return await self._call(lane, lambda: lane.execute(sql).fetchall())

            measured = _honest(await profiled(table, Probe(self.dialect, ask, _sample)))
        self._rows[table.name.lower()] = measured.rows or 0
        return measured

    async def sample(self, table: Table, rows: int) -> pa.Table:
        """Rows scattered over the table; see the port."""
        limits = Limits(rows=2 * rows, seconds=MEASURE_SECONDS)
        return await as_table([batch async for batch in self.execute(f"SELECT * FROM {_sample(table, rows)}", limits)])  # noqa: S608

    async def estimate(self, sql: str, asker: Asker | None = None) -> Estimate:
        """Rows by the query plan and the statistics of ANALYZE, where the file has them."""
        async with self._plain() as lane:
            return await self._call(lane, lambda: estimate_plan(lane, sql, self._rows))

    async def execute(self, sql: str, limits: Limits, asker: Asker | None = None) -> AsyncIterator[pa.RecordBatch]:
        """Stream the rows, two thousand at a time; see the port."""
        meter = Meter(limits)
        async with self._lane() as lane:
            cursor = await self._timed(lane, meter, lambda: lane.execute(sql))
            try:
                if cursor.description is None:
                    raise only_reading()
                names = [item[0] for item in cursor.description]
                schema: pa.Schema | None = None
                while True:
                    rows = await self._timed(lane, meter, lambda: _window(cursor, meter))
                    if not rows and schema is not None:
                        return
                    batch = meter.add(batch_of(names, rows, schema))
                    schema = batch.schema
                    yield batch
            finally:
                cursor.close()

    async def close(self) -> None:
        """Close idle connections and end the threads."""
        self._rest()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _lane(self) -> AbstractAsyncContextManager[sqlite3.Connection]:
        """A connection for questions, which may do nothing but read tables."""
        return self._held(_only_reads)

    def _plain(self) -> AbstractAsyncContextManager[sqlite3.Connection]:
        """A read-only connection for schema and plans: PRAGMA and EXPLAIN are denied to those that run questions."""
        return self._held(None)

    @asynccontextmanager
    async def _held(self, authorize: Callable[..., int] | None) -> AsyncIterator[sqlite3.Connection]:
        """Connections are held while there is work, for each reads the whole schema anew and keeps it in memory."""
        async with self._lanes:
            if self._resting is not None:
                self._resting.cancel()
            lane = self._idle.pop() if self._idle else await self._connected()
            lane.set_authorizer(authorize)
            try:
                yield lane
            finally:
                self._idle.append(lane)
                self._resting = asyncio.get_running_loop().call_later(REST_SECONDS, self._rest)

    def _rest(self) -> None:
        if self._resting is not None:
            self._resting.cancel()
        while self._idle:
            self._idle.pop().close()

    async def _connected(self) -> sqlite3.Connection:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._connect)

    async def _timed(self, lane: sqlite3.Connection, meter: Meter, work: Callable[[], T]) -> T:
        try:
            return await metered(meter, self._threads, work, lane.interrupt)
        except sqlite3.Error as error:
            raise self._explain(error) from error

    async def _call(self, lane: sqlite3.Connection, work: Callable[[], T]) -> T:
        try:
            return await interruptible(self._threads, work, lane.interrupt)
        except sqlite3.Error as error:
            raise self._explain(error) from error

    def _connect(self) -> sqlite3.Connection:
        if not self._path.is_file():
            raise self._unavailable("the file does not exist")
        try:
            address = f"{self._path.resolve().as_uri()}?mode=ro"
            lane = sqlite3.connect(address, uri=True, check_same_thread=False, isolation_level=None)
            lane.execute("PRAGMA query_only=1")
            lane.execute("PRAGMA cache_size=-32000")
            lane.execute("PRAGMA mmap_size=268435456")
            lane.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        except sqlite3.Error as error:
            raise self._unavailable(str(error)) from error
        lane.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_VALUE)
        lane.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        lane.text_factory = lambda raw: raw.decode("utf-8", "replace")
        lane.create_function("md5", 1, _md5, deterministic=True)
        return lane

    def _explain(self, error: sqlite3.Error) -> KnowledgeError:
        text = str(error)
        if "not authorized" in text or "prohibited" in text:
            return only_reading()
        if "too big" in text:
            return TooMuch("The query builds a single value that is too large.", next_step=SMALLER)
        if isinstance(error, sqlite3.OperationalError) and any(
            sign in text for sign in ("disk I/O", "unable to open", "database is locked", "malformed")
        ):
            return self._unavailable(text)
        return Refused(f"The database could not run the query: {text}.", next_step="Ask in other words.")

    def _unavailable(self, why: str) -> SourceUnavailable:
        return SourceUnavailable(
            f"The source “{self.name}” could not be read: {why}.",
            next_step="Check the path of its SQLite file with `quillux source test`.",
        )


def _md5(text: str | None) -> str | None:
    """Hashes of masked columns, as other databases make them; questions can't call it."""
    return None if text is None else hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _only_reads(action: int, first: str | None, second: str | None, *_: object) -> int:
    if action not in _READS or (action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in _FORBIDDEN):
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_READ and (first or "").lower() in ("sqlite_master", "sqlite_schema"):
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def _window(cursor: sqlite3.Cursor, meter: Meter) -> list[tuple[object, ...]]:
    """The next rows, weighed one by one so that large values are noticed before memory is."""
    rows: list[tuple[object, ...]] = []
    size = 0
    for row in cursor:
        rows.append(row)
        size += sum(len(value) for value in row if isinstance(value, str | bytes))
        meter.weigh(size)
        if len(rows) >= WINDOW:
            break
    return rows


def _sample(table: Table, rows: int) -> str:
    """Rows scattered over the table by row id: a look-up each, not a scan; the same rows each time."""
    name = '"' + table.name.replace('"', '""') + '"'
    first, last = f"(SELECT min(rowid) FROM {name})", f"(SELECT max(rowid) FROM {name})"  # noqa: S608
    return (
        f"(SELECT * FROM {name} WHERE rowid IN (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "  # noqa: S608
        f"LIMIT {rows}) SELECT {first} + (i * {_SCATTER}) % ({last} - {first} + 1) FROM n))"
    )


def _honest(table: Table) -> Table:
    """SQLite keeps any value under any type: a date column whose ends are no ISO dates is what its values are."""
    columns = []
    for column in table.columns:
        ends = [end for end in (column.minimum, column.maximum) if end is not None]
        if column.type.temporal and ends and from_text(ends) is None:
            numeric = all(end.lstrip("-").isdigit() for end in ends)
            column = replace(column, type=DataType.INTEGER if numeric else DataType.TEXT)
        columns.append(column)
    return replace(table, columns=tuple(columns))
