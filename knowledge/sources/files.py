"""Parquet, CSV and JSON files, read by DuckDB in this process; it sees these files and nothing else of the machine."""

import asyncio
import json
import math
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import pyarrow as pa
import sqlglot
from sqlglot import exp

from knowledge.asker import Asker
from knowledge.catalog.comments import split_unit
from knowledge.catalog.model import Column, Table
from knowledge.catalog.statistics import Probe, Rows, profiled
from knowledge.catalog.types import from_native
from knowledge.errors import KnowledgeError, Refused, SourceUnavailable, TooMuch, only_reading
from knowledge.sources.arrow import plain
from knowledge.sources.collect import as_table
from knowledge.sources.listing import FileTable, list_tables
from knowledge.sources.meter import SMALLER, Meter
from knowledge.sources.port import Estimate, Limits
from knowledge.sources.shape import rows_returned
from knowledge.sources.threads import interruptible, metered

LANES = 4
BATCH = 10_000
MEMORY = "1GB"
MEASURE_SECONDS = 60.0

T = TypeVar("T")


class FilesSource:
    """A file, or a folder in which each file and each folder of files is a table."""

    dialect = "duckdb"

    def __init__(self, name: str, path: Path, *, threads: int = 2) -> None:
        self.name = name
        self._path = path
        self._cores = threads
        self._threads = ThreadPoolExecutor(LANES, thread_name_prefix=f"files-{name}")
        self._lanes = asyncio.Semaphore(LANES)
        self._opening = asyncio.Lock()
        self._database: duckdb.DuckDBPyConnection | None = None
        self._rows: dict[str, int] = {}

    async def introspect(self) -> tuple[Table, ...]:
        """Tables as they lie in the folder now, with row counts, and comments from Parquet fields."""
        async with self._opening:
            self._database = None
        async with self._lane() as lane:
            listed = await self._call(lane, lambda: list_tables(self._path))
            return await self._call(lane, lambda: tuple(_describe(lane, self.name, table) for table in listed))

    async def profile(self, table: Table) -> Table:
        """Row count, statistics and values; see the port."""
        async with self._lane() as lane:

            async def ask(sql: str) -> Rows:
                async with asyncio.timeout(MEASURE_SECONDS):
                    return await self._call(lane, lambda: lane.execute(sql).fetchall())

            measured = await profiled(table, Probe(self.dialect, ask, _sample))
        self._rows[table.name.lower()] = measured.rows or 0
        return measured

    async def sample(self, table: Table, rows: int) -> pa.Table:
        """Rows scattered over the table; see the port."""
        limits = Limits(rows=2 * rows, seconds=MEASURE_SECONDS)
        return await as_table([batch async for batch in self.execute(f"SELECT * FROM {_sample(table, rows)}", limits)])  # noqa: S608

    async def estimate(self, sql: str, asker: Asker | None = None) -> Estimate:
        """All rows of the files that the query names; rows returned as DuckDB's planner expects."""
        async with self._lane() as lane:
            return await self._call(lane, lambda: _estimate(lane, sql, self._rows))

    async def execute(self, sql: str, limits: Limits, asker: Asker | None = None) -> AsyncIterator[pa.RecordBatch]:
        """Stream the rows in batches of ten thousand; see the port."""
        meter = Meter(limits)
        async with self._lane() as lane:
            reader = await self._timed(lane, meter, lambda: _start(lane, sql))
            empty = True
            while (batch := await self._timed(lane, meter, lambda: _next(reader))) is not None:
                empty = False
                yield meter.add(plain(batch))
            if empty:
                yield plain(pa.RecordBatch.from_pylist([], schema=reader.schema))

    async def close(self) -> None:
        """Forget the database and end the threads."""
        self._database = None
        self._threads.shutdown(wait=False, cancel_futures=True)

    @asynccontextmanager
    async def _lane(self) -> AsyncIterator[duckdb.DuckDBPyConnection]:
        """A connection of its own to the one database, which is opened at the first use."""
        async with self._lanes:
            async with self._opening:
                if self._database is None:
                    self._database = await asyncio.get_running_loop().run_in_executor(self._threads, self._open)
                lane = self._database.cursor()
            try:
                yield lane
            finally:
                lane.close()

    def _open(self) -> duckdb.DuckDBPyConnection:
        """A database in memory with a view for each table, then locked: no other file, no extension, no setting."""
        tables = list_tables(self._path)
        settings: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": MEMORY,
            "threads": self._cores,
            "temp_directory": "",
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
        }
        database = duckdb.connect(":memory:", config=settings)
        for table in tables:
            try:
                database.execute(_view(table))
            except duckdb.Error as error:
                raise self._unavailable(f"“{table.files[0].name}” could not be read, {_first_line(error)}") from error
        home = self._path.resolve()
        allowed, place = ("directories", f"{home}/") if home.is_dir() else ("paths", str(home))
        database.execute(f"SET allowed_{allowed} = [{_text(place)}]")
        database.execute("SET enable_external_access = false")
        database.execute("SET lock_configuration = true")
        return database

    async def _timed(self, lane: duckdb.DuckDBPyConnection, meter: Meter, work: Callable[[], T]) -> T:
        try:
            return await metered(meter, self._threads, work, lane.interrupt)
        except duckdb.Error as error:
            raise self._explain(error) from error

    async def _call(self, lane: duckdb.DuckDBPyConnection, work: Callable[[], T]) -> T:
        try:
            return await interruptible(self._threads, work, lane.interrupt)
        except duckdb.Error as error:
            raise self._explain(error) from error

    def _explain(self, error: duckdb.Error) -> KnowledgeError:
        match error:
            case duckdb.OutOfMemoryException():
                return TooMuch("The query needs more memory than it may have.", next_step=SMALLER)
            case duckdb.PermissionException():
                return only_reading()
            case duckdb.IOException():
                return self._unavailable(_first_line(error))
            case _:
                what = f"The database could not run the query: {_first_line(error)}."
                return Refused(what, next_step="Ask in other words.")

    def _unavailable(self, why: str) -> SourceUnavailable:
        return SourceUnavailable(
            f"The source “{self.name}” could not be read: {why}.",
            next_step="Check its files with `quillux source test`.",
        )


def _start(lane: duckdb.DuckDBPyConnection, sql: str) -> pa.RecordBatchReader:
    statements = lane.extract_statements(sql)
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise only_reading()
    return lane.sql(sql).to_arrow_reader(BATCH)


def _next(reader: pa.RecordBatchReader) -> pa.RecordBatch | None:
    try:
        return reader.read_next_batch()
    except StopIteration:
        return None


def _view(table: FileTable) -> str:
    files = ", ".join(_text(str(file)) for file in table.files)
    hive = "true" if table.partitioned else "false"
    options = f", hive_partitioning = {hive}" + ("" if table.reader == "read_json" else ", union_by_name = true")
    return f"CREATE VIEW {_name(table.name)} AS SELECT * FROM {table.reader}([{files}]{options})"  # noqa: S608


def _describe(lane: duckdb.DuckDBPyConnection, source: str, table: FileTable) -> Table:
    comments = _comments(table)
    columns = []
    for name, native, *_ in lane.execute(f"DESCRIBE {_name(table.name)}").fetchall():
        text, unit = split_unit(comments.get(name, ""))
        columns.append(Column(name, from_native(native), native, comment=text, unit=unit))
    (rows,) = lane.execute(f"SELECT count(*) FROM {_name(table.name)}").fetchone() or (0,)  # noqa: S608
    return Table(source, table.name, tuple(columns), rows=int(rows))


def _comments(table: FileTable) -> dict[str, str]:
    """Comments in the metadata of Parquet fields, where Arrow and Spark keep them."""
    if table.reader != "read_parquet":
        return {}
    import pyarrow.parquet as pq

    found = {}
    for field in pq.read_schema(table.files[0]):
        raw = (field.metadata or {}).get(b"comment", b"")
        if raw:
            found[field.name] = raw.decode("utf-8", "replace")
    return found


def _estimate(lane: duckdb.DuckDBPyConnection, sql: str, rows: dict[str, int]) -> Estimate:
    query = sqlglot.parse_one(sql, read="duckdb")
    read = sum(rows.get(table.name.lower(), 0) for table in query.find_all(exp.Table))
    ((_, plan),) = lane.execute(f"EXPLAIN (FORMAT JSON) {sql}").fetchall()
    return Estimate(read if rows else None, rows_returned(query, _cardinality(json.loads(plan)[0]) or read))


def _cardinality(node: dict[str, Any]) -> int:
    """Rows that the planner expects of a step; where it does not say, what follows from the steps below."""
    said = str(node.get("extra_info", {}).get("Estimated Cardinality", "0"))
    if said.isdigit() and int(said):
        return int(said)
    below = [_cardinality(child) for child in node.get("children", [])]
    return math.prod(below) if below and "CROSS" in str(node.get("name")) else max(below, default=0)


def _sample(table: Table, rows: int) -> str:
    return f"(SELECT * FROM {_name(table.name)} USING SAMPLE reservoir({rows} ROWS) REPEATABLE (7))"  # noqa: S608


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:300].rstrip(".") if str(error) else type(error).__name__
