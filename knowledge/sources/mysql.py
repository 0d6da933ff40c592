"""A MySQL or MariaDB database: read-only sessions, rows taken from the wire as Arrow, stopped by KILL QUERY."""

import asyncio
from collections.abc import AsyncIterator

import pyarrow as pa
from pymysql.err import MySQLError

from knowledge.asker import Asker
from knowledge.catalog.model import Table
from knowledge.catalog.statistics import Probe, Rows, profiled
from knowledge.sources.behalf import behalf, filled_in, token_of
from knowledge.sources.collect import as_table
from knowledge.sources.lanes import Lanes
from knowledge.sources.meter import Meter
from knowledge.sources.mysql_address import Address
from knowledge.sources.mysql_errors import explained, unavailable
from knowledge.sources.mysql_plan import estimate_plan
from knowledge.sources.mysql_session import CONNECT_SECONDS, Session, refuse_all_but_reading
from knowledge.sources.mysql_tables import read_rows, read_tables
from knowledge.sources.opening import Opening
from knowledge.sources.port import Estimate, Limits

BATCH_ROWS = 20_000
BATCH_BYTES = 8 * 1024 * 1024
MEASURE_SECONDS = 30.0

_SEED = 7


class MysqlSource:
    """One database of a server."""

    dialect = "mysql"

    def __init__(self, opening: Opening) -> None:
        self.name = opening.name
        self._opening = opening
        self._lanes: Lanes[Session] = Lanes(
            f"mysql-{self.name}",
            self._connect,
            (MySQLError, OSError),
            lambda error, meter: explained(error, self.name, meter),
        )
        self._rows: dict[str, int] = {}
        self._rows_known = False

    async def introspect(self) -> tuple[Table, ...]:
        """Tables that the user may read, with keys and comments; see the port."""
        async with self._lanes.lane() as lane:
            return await read_tables(lambda sql: self._ask(lane, sql), self.name, maria=lane.maria)

    async def profile(self, table: Table) -> Table:
        """Row count, statistics and values; see the port."""
        async with self._lanes.lane() as lane:
            measured = await profiled(table, Probe(self.dialect, lambda sql: self._ask(lane, sql), _sample))
        if measured.rows is not None:
            self._rows[table.name.lower()] = measured.rows
        return measured

    async def sample(self, table: Table, rows: int) -> pa.Table:
        """Rows scattered over the table; see the port."""
        limits = Limits(rows=2 * rows, seconds=MEASURE_SECONDS)
        return await as_table([batch async for batch in self.execute(f"SELECT * FROM {_sample(table, rows)}", limits)])  # noqa: S608

    async def estimate(self, sql: str, asker: Asker | None = None) -> Estimate:
        """Rows by the server's own plan; a table that is scanned counts in full."""
        refuse_all_but_reading(sql)
        async with self._lanes.lane(asker, own=self._personal(asker)) as lane:
            if not self._rows_known:
                self._rows = await read_rows(lambda text: self._ask(lane, text)) | self._rows
                self._rows_known = True
            ((plan,),) = await self._ask(lane, f"EXPLAIN FORMAT=JSON {sql}")
        return estimate_plan(str(plan), sql, self._rows)

    async def execute(self, sql: str, limits: Limits, asker: Asker | None = None) -> AsyncIterator[pa.RecordBatch]:
        """Stream the rows as they come over the wire, up to twenty thousand at a time; see the port."""
        refuse_all_but_reading(sql)
        meter, lanes = Meter(limits), self._lanes
        async with lanes.lane(asker, own=self._personal(asker)) as lane:
            await lanes.timed(lane, meter, lambda: lane.start(sql, limits.seconds))
            while (batch := await lanes.timed(lane, meter, lambda: lane.batch(BATCH_ROWS, BATCH_BYTES))) is not None:
                yield meter.add(batch)

    async def close(self) -> None:
        """Close idle connections and end the threads."""
        await self._lanes.close()

    def _personal(self, asker: Asker | None) -> bool:
        """A session that was told who asks is that person's alone: what it was told can't be taken back for sure."""
        return asker is not None and self._opening.identity.kind != "none"

    async def _connect(self, asker: Asker | None) -> Session:
        told, token = behalf(self._opening.identity, asker), token_of(self._opening.identity, asker)
        address = Address.parse(await self._opening.resolved())
        if address is None:
            raise unavailable("its address could not be read", self.name)
        if token and asker:
            address = address.of(address.user or filled_in(self._opening.identity.role, asker), token)
        lane = Session(address)
        try:
            async with asyncio.timeout(2 * CONNECT_SECONDS):
                await self._lanes.run(lane, lambda: lane.connect(told))
        except BaseException as error:
            lane.close()
            if isinstance(error, TimeoutError):
                raise unavailable("it did not answer", self.name) from None
            raise
        return lane

    async def _ask(self, lane: Session, sql: str) -> Rows:
        async with asyncio.timeout(MEASURE_SECONDS):
            return await self._lanes.run(lane, lambda: lane.rows(sql))


def _sample(table: Table, rows: int) -> str:
    """Rows by chance but the same each time; the server has no cheaper way that is not only the first ones."""
    name = "`" + table.name.replace("`", "``") + "`"
    share = min(1.0, 1.1 * rows / max(table.rows or 1, 1))
    return f"(SELECT * FROM {name} WHERE rand({_SEED}) < {share:.8f} LIMIT {rows}) AS sampled"  # noqa: S608
