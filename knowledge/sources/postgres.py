"""A PostgreSQL database: read-only transactions, COPY to Arrow by ADBC, a time limit that the server keeps too."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import adbc_driver_manager as adbc
import psycopg
import pyarrow as pa
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from knowledge.asker import Asker
from knowledge.catalog.model import Table
from knowledge.catalog.statistics import Probe, Rows, profiled
from knowledge.sources.behalf import behalf, filled_in, token_of
from knowledge.sources.collect import as_table
from knowledge.sources.lanes import Lanes
from knowledge.sources.meter import Meter
from knowledge.sources.opening import Opening
from knowledge.sources.port import Estimate, Limits
from knowledge.sources.postgres_errors import explained, unavailable
from knowledge.sources.postgres_plan import estimate_plan
from knowledge.sources.postgres_session import Session, refuse_all_but_reading
from knowledge.sources.postgres_statistics import kept_rows, with_kept_statistics
from knowledge.sources.postgres_tables import read_tables

CONNECT_SECONDS = 5
MEASURE_SECONDS = 30.0

_LINE: dict[str, str | int] = {
    "connect_timeout": CONNECT_SECONDS,
    "application_name": "quillux",
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
    "tcp_user_timeout": 10_000,
}
"""A line that was cut is noticed within ten seconds, though nobody hangs up."""


class PostgresSource:
    """One database, reached by an address. At most four connections are held, and opened when they are needed."""

    dialect = "postgres"

    def __init__(self, opening: Opening) -> None:
        self.name = opening.name
        self._opening = opening
        self._lanes: Lanes[Session] = Lanes(
            f"postgres-{self.name}",
            self._connect,
            (adbc.Error, OSError),
            lambda error, meter: explained(error, self.name, meter),
        )
        self._rows: dict[str, int] = {}
        self._rows_known = False

    async def introspect(self) -> tuple[Table, ...]:
        """Tables that the role may read, with keys and comments; see the port."""
        async with self._reading() as lane:
            return await read_tables(lambda sql: self._ask(lane, sql), self.name)

    async def profile(self, table: Table) -> Table:
        """Row count, statistics and values, those that the server keeps where it takes too long; see the port."""
        async with self._reading() as lane:
            measured = await profiled(table, Probe(self.dialect, lambda sql: self._ask(lane, sql), _sample))
        if all(column.distinct is None for column in measured.columns):
            async with self._reading() as lane:
                measured = await with_kept_statistics(measured, lambda sql: self._ask(lane, sql))
        if measured.rows is not None:
            self._rows[f"{table.schema or 'public'}.{table.name}".lower()] = measured.rows
        return measured

    async def sample(self, table: Table, rows: int) -> pa.Table:
        """Rows scattered over the table; see the port."""
        limits = Limits(rows=2 * rows, seconds=MEASURE_SECONDS)
        return await as_table([batch async for batch in self.execute(f"SELECT * FROM {_sample(table, rows)}", limits)])  # noqa: S608

    async def estimate(self, sql: str, asker: Asker | None = None) -> Estimate:
        """Rows by the server's own plan; a table that is scanned counts in full."""
        one = refuse_all_but_reading(sql)
        async with self._reading(asker) as lane:
            if not self._rows_known:
                self._rows = await kept_rows(lambda text: self._ask(lane, text)) | self._rows
                self._rows_known = True
            ((plan,),) = await self._ask(lane, f"EXPLAIN (VERBOSE, FORMAT JSON) {one}", copy=False)
        return estimate_plan(plan, sql, self._rows)

    async def execute(self, sql: str, limits: Limits, asker: Asker | None = None) -> AsyncIterator[pa.RecordBatch]:
        """Stream the rows as the server copies them out, some four megabytes at a time; see the port."""
        one = refuse_all_but_reading(sql)
        meter, lanes = Meter(limits), self._lanes
        async with self._reading(asker, limits.seconds) as lane:
            await lanes.timed(lane, meter, lambda: lane.start(one))
            while (batch := await lanes.timed(lane, meter, lane.batch)) is not None:
                yield meter.add(batch)

    async def close(self) -> None:
        """Close idle connections and end the threads."""
        await self._lanes.close()

    @asynccontextmanager
    async def _reading(self, asker: Asker | None = None, seconds: float = MEASURE_SECONDS) -> AsyncIterator[Session]:
        """A read-only transaction on the asker's behalf; one that does not end well ends with its connection."""
        told = behalf(self._opening.identity, asker)
        async with self._lanes.lane(asker, own=bool(token_of(self._opening.identity, asker))) as lane:
            await self._lanes.run(lane, lambda: lane.begin(seconds, told))
            yield lane
            if not lane.stopped:
                await self._lanes.run(lane, lane.finish)

    async def _connect(self, asker: Asker | None) -> Session:
        identity = self._opening.identity
        token = token_of(identity, asker)
        given = _parts(await self._opening.resolved())
        if given is None:
            raise unavailable("its address could not be read", self.name)
        if token and asker:
            given |= {"user": given.get("user") or filled_in(identity.role, asker), "password": token}
        options = f"{given.get('options') or ''} -c default_transaction_read_only=on".strip()
        lane = Session(
            make_conninfo("", **{**_LINE, **{key: str(value) for key, value in given.items()}, "options": options})
        )
        try:
            async with asyncio.timeout(2 * CONNECT_SECONDS):
                await self._lanes.run(lane, lane.connect)
        except BaseException as error:
            lane.close()
            if isinstance(error, TimeoutError):
                raise unavailable("it did not answer", self.name) from None
            raise
        return lane

    async def _ask(self, lane: Session, sql: str, *, copy: bool = True) -> Rows:
        async with asyncio.timeout(MEASURE_SECONDS):
            return await self._lanes.run(lane, lambda: lane.rows(sql, copy=copy))


def _parts(address: str) -> dict[str, Any] | None:
    """The parts of an address; None for one that cannot be read, as what is said of it may repeat the password."""
    try:
        return dict(conninfo_to_dict(address))
    except psycopg.Error:
        return None


def _sample(table: Table, rows: int) -> str:
    """A share of the table's pages, by chance but the same each time."""
    relation = ".".join('"' + part.replace('"', '""') + '"' for part in (table.schema or "public", table.name))
    share = min(100.0, 100.0 * rows / max(table.rows or 1, 1) * 1.1)
    if table.kind == "view":
        return f"(SELECT * FROM {relation} LIMIT {rows}) AS sampled"  # noqa: S608
    return f"(SELECT * FROM {relation} TABLESAMPLE SYSTEM ({share:.4f}) REPEATABLE (7) LIMIT {rows}) AS sampled"  # noqa: S608
