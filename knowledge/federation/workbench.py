"""DuckDB in this process, where what several sources gave is joined: bounded memory, a spill folder, no other file."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import duckdb
import pyarrow as pa

from knowledge.errors import KnowledgeError, Refused, TooMuch
from knowledge.federation.plan import WORTH, Field
from knowledge.federation.types import BOOLEAN, EXACT, is_day, is_number
from knowledge.sources.arrow import plain
from knowledge.sources.meter import SMALLER, Meter
from knowledge.sources.threads import interruptible, metered

BATCH = 10_000
ROWS_AT_ONCE = 50_000

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Bounds:
    """What queries over several sources may take on their way to an answer.

    `rows` and `bytes` bound each fetch, `keys` how many values are shipped to reduce one that
    gives more than `worth` rows. `memory` and `spill` (as
    DuckDB writes sizes) are shared by the `at_once` queries that are joined at a time; `folder` is where they spill,
    a temporary one by default. Above `here` rows expected of all fetches, a configured engine joins instead.
    """

    rows: int = 50_000_000
    bytes: int = 8 * 1024**3
    keys: int = 10_000
    worth: int = WORTH
    here: int = 100_000_000
    memory: str = "1GB"
    spill: str = "8GB"
    folder: Path | None = None
    threads: int = 2
    at_once: int = 4


class Workbench:
    """One DuckDB for all queries; each has a desk of its own."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._threads = ThreadPoolExecutor(bounds.at_once, thread_name_prefix="join")
        self._places = asyncio.Semaphore(bounds.at_once)
        self._opening = asyncio.Lock()
        self._database: duckdb.DuckDBPyConnection | None = None
        self._own: Path | None = None

    @asynccontextmanager
    async def desk(self) -> AsyncIterator["Desk"]:
        """A connection whose tables are gone with it."""
        async with self._places:
            async with self._opening:
                if self._database is None:
                    self._database = await asyncio.get_running_loop().run_in_executor(self._threads, self._open)
                lane = self._database.cursor()
            try:
                yield Desk(lane, self._threads)
            finally:
                lane.close()

    def close(self) -> None:
        """Forget everything, and the spill folder if it is its own."""
        if self._database is not None:
            self._database.close()
            self._database = None
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._own is not None:
            shutil.rmtree(self._own, ignore_errors=True)

    def _open(self) -> duckdb.DuckDBPyConnection:
        folder = self._bounds.folder
        if folder is None:
            folder = self._own = Path(tempfile.mkdtemp(prefix="quillux-spill-"))
        settings: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": self._bounds.memory,
            "threads": self._bounds.threads,
            "temp_directory": str(folder),
            "max_temp_directory_size": self._bounds.spill,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "preserve_insertion_order": False,
        }
        database = duckdb.connect(":memory:", config=settings)
        database.execute("SET enable_external_access = false")
        database.execute("SET lock_configuration = true")
        return database


class Desk:
    """What one query has fetched, and the join of it. Calls follow one another; each can be cancelled."""

    def __init__(self, lane: duckdb.DuckDBPyConnection, threads: ThreadPoolExecutor) -> None:
        self._lane = lane
        self._threads = threads
        self._one = asyncio.Lock()

    async def take(self, name: str, fields: Sequence[Field], batches: AsyncGenerator[pa.RecordBatch, None]) -> int:
        """Keep the rows of a fetch as a table; how many there were. No batch at all gives an empty table."""
        pile = _Pile(name, fields)
        async for batch in batches:
            if pile.full or not pile.fits(batch):
                await self._do(pile.store)
            pile.add(batch)
        await self._do(pile.store)
        return pile.rows

    async def forget(self, name: str, fields: Sequence[Field]) -> None:
        """An empty table in the place of what came of a fetch."""

        def emptied(lane: duckdb.DuckDBPyConnection) -> None:
            lane.execute(f"DROP TABLE IF EXISTS {_quoted(name)}")
            _Pile(name, fields).store(lane)

        await self._do(emptied)

    async def keys(self, name: str, column: str, most: int) -> list[object] | None:
        """The distinct values of a column without null; None when there are more than so many."""
        key, table = _quoted(column), _quoted(name)
        sql = f"SELECT DISTINCT {key} FROM {table} WHERE {key} IS NOT NULL LIMIT {most + 1}"  # noqa: S608
        rows = await self._do(lambda lane: lane.execute(sql).fetchall())
        return None if len(rows) > most else [row[0] for row in rows]

    async def ends(self, name: str, column: str) -> tuple[object, object]:
        """The least and the greatest value of a column."""
        sql = f"SELECT min({_quoted(column)}), max({_quoted(column)}) FROM {_quoted(name)}"  # noqa: S608
        low, high = (await self._do(lambda lane: lane.execute(sql).fetchall()))[0]
        return low, high

    async def stream(self, sql: str, meter: Meter) -> AsyncGenerator[pa.RecordBatch, None]:
        """The rows of a query over the tables kept; at least one batch."""
        async with self._one:
            reader = await self._timed(meter, lambda: self._lane.sql(sql).to_arrow_reader(BATCH))
            empty = True
            while (batch := await self._timed(meter, lambda: next(reader, None))) is not None:
                empty = False
                yield meter.add(plain(batch))
            if empty:
                yield plain(pa.RecordBatch.from_pylist([], schema=reader.schema))

    async def _do(self, work: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
        async with self._one:
            try:
                return await interruptible(self._threads, lambda: work(self._lane), self._lane.interrupt)
            except (duckdb.Error, OSError) as error:
                raise explained(error) from error

    async def _timed(self, meter: Meter, work: Callable[[], T]) -> T:
        try:
            return await metered(meter, self._threads, work, self._lane.interrupt)
        except (duckdb.Error, OSError) as error:
            raise explained(error) from error


class _Pile:
    """Batches of one fetch on their way into a table, many at a time."""

    def __init__(self, name: str, fields: Sequence[Field]) -> None:
        self.rows = 0
        self._name = name
        self._fields = fields
        self._batches: list[pa.RecordBatch] = []
        self._waiting = 0
        self._made: list[str] = []

    @property
    def full(self) -> bool:
        """True when it is time to store what waits."""
        return self._waiting >= ROWS_AT_ONCE

    def fits(self, batch: pa.RecordBatch) -> bool:
        """False for a batch of other types than those that wait."""
        return not self._batches or bool(self._batches[0].schema.equals(batch.schema))

    def add(self, batch: pa.RecordBatch) -> None:
        """Let one more batch wait."""
        self._batches.append(batch)
        self._waiting += batch.num_rows
        self.rows += batch.num_rows

    def store(self, lane: duckdb.DuckDBPyConnection) -> None:
        """Put what waits into the table, which is made at the first time."""
        if not self._batches:
            if not self._made:
                lane.execute(f"CREATE TEMP TABLE {_quoted(self._name)} ({self._empty()})")
                self._made = [field.type for field in self._fields]
            return
        schema = self._batches[0].schema
        types = [_cast(field, kind) for field, kind in zip(self._fields, schema.types, strict=True)]
        lane.register("incoming", pa.RecordBatchReader.from_batches(_numbered(schema), self._renamed()))
        try:
            select = self._select(types)
            if not self._made:
                lane.execute(f"CREATE TEMP TABLE {_quoted(self._name)} AS {select}")
            else:
                self._widen(lane, types)
                lane.execute(f"INSERT INTO {_quoted(self._name)} {select}")
        finally:
            lane.unregister("incoming")
        self._made = types
        self._batches, self._waiting = [], 0

    def _renamed(self) -> list[pa.RecordBatch]:
        return [batch.rename_columns(_numbered(batch.schema).names) for batch in self._batches]

    def _select(self, types: Sequence[str]) -> str:
        columns = ", ".join(
            (f"CAST(c{at} AS {kind})" if kind else f"c{at}") + f" AS {_quoted(field.name)}"
            for at, (field, kind) in enumerate(zip(self._fields, types, strict=True))
        )
        return f"SELECT {columns} FROM incoming"  # noqa: S608

    def _widen(self, lane: duckdb.DuckDBPyConnection, types: Sequence[str]) -> None:
        """A source without types of its own may find out late what a column holds."""
        for field, old, new in zip(self._fields, self._made, types, strict=True):
            if old != new:
                wide = new if new and old in ("", "BIGINT", "INTEGER", "NULL") else "VARCHAR"
                lane.execute(f"ALTER TABLE {_quoted(self._name)} ALTER {_quoted(field.name)} SET DATA TYPE {wide}")

    def _empty(self) -> str:
        known = ((field.name, field.type if field.type not in ("", EXACT) else "VARCHAR") for field in self._fields)
        return ", ".join(f"{_quoted(name)} {kind}" for name, kind in known)


def explained(error: Exception) -> KnowledgeError:
    """A fault of DuckDB, or of the disk under it, in words."""
    text = str(error).splitlines()[0][:300].rstrip(".") if str(error) else type(error).__name__
    full = any(sign in str(error) for sign in ("No space left", "max_temp_directory_size", "failed to offload"))
    if full or isinstance(error, duckdb.OutOfMemoryException | OSError):
        place = "disk space" if full else "memory"
        return TooMuch(
            f"Joining what the sources gave needs more {place} than it may have, so the query was stopped.",
            next_step=SMALLER,
        )
    return Refused(f"What the sources gave could not be joined: {text}.", next_step="Ask in other words.")


def _cast(field: Field, kind: pa.DataType) -> str:
    """The type to cast to; a text where a number was promised stays a text, as its source keeps it."""
    promised = field.type if field.type != EXACT else ""
    if pa.types.is_null(kind):
        return promised or "VARCHAR"
    if not promised or (pa.types.is_string(kind) and is_number(promised)):
        return _plain_type(kind)
    if promised == BOOLEAN and not (pa.types.is_boolean(kind) or pa.types.is_integer(kind)):
        return _plain_type(kind)
    if is_day(promised) and pa.types.is_integer(kind):
        return _plain_type(kind)
    return promised


def _plain_type(kind: pa.DataType) -> str:
    if pa.types.is_integer(kind) and kind != pa.uint64():
        return "BIGINT"
    if pa.types.is_floating(kind):
        return "DOUBLE"
    return "VARCHAR" if pa.types.is_string(kind) else ""


def _numbered(schema: pa.Schema) -> pa.Schema:
    return pa.schema([pa.field(f"c{at}", kind) for at, kind in enumerate(schema.types)])


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
