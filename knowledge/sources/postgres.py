"""A PostgreSQL database: read-only transactions, server-side cursors, and a time limit that the server keeps too."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pyarrow as pa
import sqlglot
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from knowledge.asker import Asker
from knowledge.catalog.model import Table
from knowledge.catalog.statistics import Probe, profiled
from knowledge.errors import KnowledgeError, NotAllowed, Refused, SourceUnavailable, only_reading
from knowledge.sources.collect import as_table
from knowledge.sources.meter import Meter
from knowledge.sources.port import Estimate, Limits
from knowledge.sources.postgres_rows import batch_of
from knowledge.sources.postgres_tables import read_tables
from knowledge.sources.shape import rows_returned

LANES = 4
BATCH = 5_000
CONNECT_SECONDS = 5
MEASURE_SECONDS = 30.0

Connection = psycopg.AsyncConnection[tuple[Any, ...]]


class PostgresSource:
    """One database, reached by an address. At most four connections are held, and opened when they are needed."""

    dialect = "postgres"

    def __init__(self, name: str, address: str) -> None:
        self.name = name
        self._address = address
        self._lanes = asyncio.Semaphore(LANES)
        self._idle: list[Connection] = []
        self._rows: dict[str, int] = {}

    async def introspect(self) -> tuple[Table, ...]:
        """Tables that the role may read, with keys and comments; see the port."""
        async with self._lane() as lane:

            async def ask(sql: str) -> Sequence[Sequence[object]]:
                async with asyncio.timeout(MEASURE_SECONDS):
                    return await self._fetch(lane, sql)

            return await read_tables(ask, self.name)

    async def profile(self, table: Table) -> Table:
        """Row count, statistics and values; see the port."""
        async with self._lane() as lane:

            async def ask(sql: str) -> Sequence[Sequence[object]]:
                async with asyncio.timeout(MEASURE_SECONDS):
                    return await self._fetch(lane, sql)

            measured = await profiled(table, Probe(self.dialect, ask, _sample))
        self._rows[table.name.lower()] = measured.rows or 0
        return measured

    async def sample(self, table: Table, rows: int) -> pa.Table:
        """Rows scattered over the table; see the port."""
        limits = Limits(rows=2 * rows, seconds=MEASURE_SECONDS)
        return await as_table([batch async for batch in self.execute(f"SELECT * FROM {_sample(table, rows)}", limits)])  # noqa: S608

    async def estimate(self, sql: str, asker: Asker | None = None) -> Estimate:
        """Rows by the server's own plan; a table that is scanned counts in full."""
        async with self._lane() as lane:
            ((plan,),) = await self._fetch(lane, f"EXPLAIN (FORMAT JSON) {sql}")
        root = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]
        query = sqlglot.parse_one(sql, read=self.dialect)
        return Estimate(_rows_read(root, self._rows), rows_returned(query, int(root.get("Plan Rows", 0))))

    async def execute(self, sql: str, limits: Limits, asker: Asker | None = None) -> AsyncIterator[pa.RecordBatch]:
        """Stream the rows through a cursor in the server, five thousand at a time; see the port."""
        meter = Meter(limits)
        async with self._lane() as lane:
            try:
                async with lane.transaction(force_rollback=True):
                    milliseconds = max(round(limits.seconds * 1000), 1)
                    await lane.execute(f"SET LOCAL statement_timeout = {milliseconds}")
                    async with lane.cursor("quillux") as cursor:
                        await self._metered(meter, cursor.execute(sql.encode()))
                        schema: pa.Schema | None = None
                        while True:
                            rows = await self._metered(meter, cursor.fetchmany(BATCH))
                            if not rows and schema is not None:
                                return
                            batch = meter.add(batch_of(cursor.description or [], rows, schema))
                            schema = batch.schema
                            yield batch
            except psycopg.Error as error:
                raise self._explain(error, meter) from error

    async def close(self) -> None:
        """Close idle connections."""
        while self._idle:
            await self._idle.pop().close()

    @asynccontextmanager
    async def _lane(self) -> AsyncIterator[Connection]:
        """A connection that answers; one that was lost while it was idle is replaced."""
        async with self._lanes:
            lane = await self._answering()
            try:
                yield lane
            finally:
                if lane.closed or lane.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
                    await lane.close()
                else:
                    self._idle.append(lane)

    async def _answering(self) -> Connection:
        while self._idle:
            lane = self._idle.pop()
            try:
                await lane.execute("SELECT 1")
                return lane
            except psycopg.Error:
                await lane.close()
        return await self._connect()

    async def _connect(self) -> Connection:
        try:
            given = conninfo_to_dict(self._address)
        except psycopg.Error:  # its message may repeat the address, and with it the password
            raise self._unavailable("its address could not be read") from None
        try:
            options = f"{given.get('options') or ''} -c default_transaction_read_only=on".strip()
            settings = {"connect_timeout": CONNECT_SECONDS, "application_name": "quillux", **given, "options": options}
            return await psycopg.AsyncConnection.connect(make_conninfo("", **settings), autocommit=True)
        except psycopg.Error as error:
            raise self._unavailable(_first_line(error)) from error

    async def _fetch(self, lane: Connection, sql: str) -> list[tuple[Any, ...]]:
        """All rows; the binary form makes the server refuse more than one statement."""
        try:
            async with lane.cursor(binary=True) as cursor:
                await cursor.execute(sql.encode())
                return await cursor.fetchall()
        except psycopg.Error as error:
            raise self._explain(error, None) from error

    async def _metered(self, meter: Meter, work: Any) -> Any:
        meter.start()
        try:
            async with asyncio.timeout(meter.remaining):
                return await work
        except TimeoutError:
            raise meter.late() from None
        finally:
            meter.stop()

    def _explain(self, error: psycopg.Error, meter: Meter | None) -> KnowledgeError:
        match error:
            case errors.QueryCanceled() if meter:
                return meter.late()
            case errors.InsufficientPrivilege():
                return NotAllowed(
                    f"The database does not let this connection read that: {_first_line(error)}.",
                    next_step="Ask whoever runs the database for the right to read it.",
                )
            case errors.ReadOnlySqlTransaction() | errors.ObjectNotInPrerequisiteState():
                return only_reading()
            case errors.OperatorIntervention() | psycopg.InterfaceError():
                return self._unavailable(_first_line(error))
            case psycopg.OperationalError():
                return self._unavailable(_first_line(error))
            case _:
                what = f"The database could not run the query: {_first_line(error)}."
                return Refused(what, next_step="Ask in other words.")

    def _unavailable(self, why: str) -> SourceUnavailable:
        return SourceUnavailable(
            f"The source “{self.name}” could not be reached: {why}.",
            next_step="Check its address, user and password with `quillux source test`.",
        )


def _rows_read(plan: dict[str, Any], rows: dict[str, int]) -> int:
    read = sum(_rows_read(child, rows) for child in plan.get("Plans", ()))
    expected = int(plan.get("Plan Rows", 0))
    kind = str(plan.get("Node Type", ""))
    if kind == "Seq Scan":
        return read + max(rows.get(str(plan.get("Relation Name", "")).lower(), 0), expected)
    return read + (expected if "Scan" in kind and "Subquery" not in kind else 0)


def _sample(table: Table, rows: int) -> str:
    """A share of the table's pages, by chance but the same each time."""
    relation = ".".join('"' + part.replace('"', '""') + '"' for part in (table.schema or "public", table.name))
    share = min(100.0, 100.0 * rows / max(table.rows or 1, 1) * 1.1)
    return f"(SELECT * FROM {relation} TABLESAMPLE SYSTEM ({share:.4f}) REPEATABLE (7) LIMIT {rows}) AS sampled"  # noqa: S608


def _first_line(error: Exception) -> str:
    message = error.diag.message_primary if isinstance(error, psycopg.Error) and error.diag else None
    text = message or str(error) or type(error).__name__
    return text.splitlines()[0][:300].rstrip(".")
