"""A DuckDB database file, opened read-only; its views can read nothing outside of it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import duckdb
import pyarrow as pa

from knowledge.asker import Asker
from knowledge.catalog.model import Table
from knowledge.catalog.statistics import Probe, Rows, profiled
from knowledge.errors import SourceUnavailable
from knowledge.sources.collect import as_table
from knowledge.sources.duckdb_tables import read_tables
from knowledge.sources.meter import Meter
from knowledge.sources.port import Estimate, Limits
from knowledge.sources.sdk.duck import SETTINGS, Duck, Lane, explained, locked, quoted
from knowledge.sources.sdk.expected import expected
from knowledge.sources.sdk.pushdown import parsed

MEASURE_SECONDS = 60.0


class DuckDBSource:
    """One file. While it is open no other process can write to it, which is DuckDB's own rule."""

    dialect = "duckdb"

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self._path = path
        self._duck = Duck(name, self._connect)
        self._rows: dict[str, int] = {}

    async def introspect(self) -> tuple[Table, ...]:
        """Tables and views of all schemas, with keys, comments and row counts; `main` is the default schema."""
        async with self._duck.lane() as lane:
            tables = await self._duck.call(lane, lambda: read_tables(lane, self.name))
        self._rows |= {table.name.lower(): table.rows for table in tables if table.rows is not None}
        return tables

    async def profile(self, table: Table) -> Table:
        """Row count, statistics and values; see the port."""
        async with self._duck.lane() as lane:

            async def ask(sql: str) -> Rows:
                async with asyncio.timeout(MEASURE_SECONDS):
                    return await self._duck.call(lane, lambda: lane.execute(sql).fetchall())

            measured = await profiled(table, Probe(self.dialect, ask, _sample))
        self._rows[table.name.lower()] = measured.rows or 0
        return measured

    async def sample(self, table: Table, rows: int) -> pa.Table:
        """Rows scattered over the table, the same ones each time."""
        limits = Limits(rows=2 * rows, seconds=MEASURE_SECONDS)
        return await as_table([batch async for batch in self.execute(f"SELECT * FROM {_sample(table, rows)}", limits)])  # noqa: S608

    async def estimate(self, sql: str, asker: Asker | None = None) -> Estimate:
        """By row counts; the query is checked by DuckDB and not run."""
        async with self._duck.lane() as lane:
            await self._duck.call(lane, lambda: explained(lane, sql))
        return expected(parsed(sql), self._rows)

    async def execute(self, sql: str, limits: Limits, asker: Asker | None = None) -> AsyncIterator[pa.RecordBatch]:
        """Stream the rows in batches of ten thousand; see the port."""
        async with self._duck.lane() as lane:
            async for batch in self._duck.stream(lane, sql, Meter(limits)):
                yield batch

    async def position(self, table: Table) -> str:
        """The file's size and time of writing: a table has moved at most when the file has."""
        try:
            found = self._path.stat()
        except OSError as error:
            raise self._missing() from error
        return f"{found.st_size}-{found.st_mtime_ns}"

    async def close(self) -> None:
        """Close the file and end the threads."""
        self._duck.close()

    def _connect(self) -> Lane:
        if not self._path.is_file():
            raise self._missing()
        settings = {name: value for name, value in SETTINGS.items() if name != "temp_directory"}
        return locked(duckdb.connect(str(self._path.resolve()), read_only=True, config=settings))

    def _missing(self) -> SourceUnavailable:
        return SourceUnavailable(
            f"The source “{self.name}” could not be read: the file does not exist.",
            next_step="Check the path of its DuckDB file with `quillux source test`.",
        )


def _sample(table: Table, rows: int) -> str:
    name = ".".join(quoted(part) for part in (table.schema, table.name) if part)
    return f"(SELECT * FROM {name} USING SAMPLE reservoir({rows} ROWS) REPEATABLE (7))"  # noqa: S608
