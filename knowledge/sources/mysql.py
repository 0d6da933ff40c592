"""A MySQL or MariaDB database: read-only sessions, rows taken from the wire as Arrow, stopped by KILL QUERY."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TypeVar

import pyarrow as pa
from pymysql.err import MySQLError

from knowledge.asker import Asker
from knowledge.catalog.model import Table
from knowledge.catalog.statistics import Probe, Rows, profiled
from knowledge.sources.collect import as_table
from knowledge.sources.meter import Meter
from knowledge.sources.mysql_address import Address
from knowledge.sources.mysql_errors import explained, unavailable
from knowledge.sources.mysql_plan import estimate_plan
from knowledge.sources.mysql_session import CONNECT_SECONDS, Session, refuse_all_but_reading
from knowledge.sources.mysql_tables import read_tables
from knowledge.sources.opening import Opening
from knowledge.sources.port import Estimate, Limits
from knowledge.sources.threads import interruptible, metered

LANES = 4
BATCH_ROWS = 20_000
BATCH_BYTES = 8 * 1024 * 1024
MEASURE_SECONDS = 30.0

_SCATTER = 7

T = TypeVar("T")


class MysqlSource:
    """One database of a server. At most four connections are held, and opened when they are needed."""

    dialect = "mysql"

    def __init__(self, opening: Opening) -> None:
        self.name = opening.name
        self._opening = opening
        self._threads = ThreadPoolExecutor(LANES, thread_name_prefix=f"mysql-{self.name}")
        self._lanes = asyncio.Semaphore(LANES)
        self._idle: list[Session] = []
        self._rows: dict[str, int] = {}

    async def introspect(self) -> tuple[Table, ...]:
        """Tables that the user may read, with keys and comments; see the port."""
        async with self._lane() as lane:
            return await read_tables(lambda sql: self._ask(lane, sql), self.name, maria=lane.maria)

    async def profile(self, table: Table) -> Table:
        """Row count, statistics and values; see the port."""
        async with self._lane() as lane:
            measured = await profiled(table, Probe(self.dialect, lambda sql: self._ask(lane, sql), _sample))
        self._rows[table.name.lower()] = measured.rows or 0
        return measured

    async def sample(self, table: Table, rows: int) -> pa.Table:
        """Rows scattered over the table; see the port."""
        limits = Limits(rows=2 * rows, seconds=MEASURE_SECONDS)
        return await as_table([batch async for batch in self.execute(f"SELECT * FROM {_sample(table, rows)}", limits)])  # noqa: S608

    async def estimate(self, sql: str, asker: Asker | None = None) -> Estimate:
        """Rows by the server's own plan; a table that is scanned counts in full."""
        refuse_all_but_reading(sql)
        async with self._lane() as lane:
            ((plan,),) = await self._ask(lane, f"EXPLAIN FORMAT=JSON {sql}")
        return estimate_plan(str(plan), sql, self._rows)

    async def execute(self, sql: str, limits: Limits, asker: Asker | None = None) -> AsyncIterator[pa.RecordBatch]:
        """Stream the rows as they come over the wire, up to twenty thousand at a time; see the port."""
        meter = Meter(limits)
        async with self._lane() as lane:
            await self._timed(lane, meter, lambda: lane.start(sql, limits.seconds))
            while (batch := await self._timed(lane, meter, lambda: lane.batch(BATCH_ROWS, BATCH_BYTES))) is not None:
                yield meter.add(batch)

    async def close(self) -> None:
        """Close idle connections and end the threads."""
        while self._idle:
            self._idle.pop().close()
        self._threads.shutdown(wait=False, cancel_futures=True)

    @asynccontextmanager
    async def _lane(self) -> AsyncIterator[Session]:
        """A connection that answers; one whose answer was not read to its end is stopped and closed."""
        async with self._lanes:
            lane = await self._answering()
            try:
                yield lane
            finally:
                if lane.reusable:
                    self._idle.append(lane)
                else:
                    lane.stop()
                    lane.close()

    async def _answering(self) -> Session:
        while self._idle:
            lane = self._idle.pop()
            if await interruptible(self._threads, lane.alive, lane.stop):
                return lane
            lane.close()
        return await self._connect()

    async def _connect(self) -> Session:
        try:
            lane = Session(Address.parse(await self._opening.resolved()))
        except ValueError:  # it may repeat the address, and with it the password
            raise unavailable("its address could not be read", self.name) from None
        try:
            async with asyncio.timeout(2 * CONNECT_SECONDS):
                await interruptible(self._threads, lane.connect, lane.stop)
        except (MySQLError, OSError, RuntimeError) as error:
            lane.close()
            raise explained(error, self.name, None) from error
        return lane

    async def _ask(self, lane: Session, sql: str) -> Rows:
        try:
            async with asyncio.timeout(MEASURE_SECONDS):
                return await interruptible(self._threads, lambda: lane.rows(sql), lane.stop)
        except (MySQLError, OSError) as error:
            raise explained(error, self.name, None) from error

    async def _timed(self, lane: Session, meter: Meter, work: Callable[[], T]) -> T:
        try:
            return await metered(meter, self._threads, work, lane.stop)
        except (MySQLError, OSError) as error:
            raise explained(error, self.name, meter) from error


def _sample(table: Table, rows: int) -> str:
    """Rows by chance but the same each time; a number in the key is picked from without reading the others."""
    name = "`" + table.name.replace("`", "``") + "`"
    share = min(1.0, 1.1 * rows / max(table.rows or 1, 1))
    return f"(SELECT * FROM {name} WHERE rand({_SCATTER}) < {share:.8f} LIMIT {rows}) AS sampled"  # noqa: S608
