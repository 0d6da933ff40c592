"""Results in the database, as Parquet: any replica can page through an answer that another one gave."""

import asyncio
import secrets
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlmodel import col

from infra.store.tables import ResultRow, now
from infra.store.upsert import insert_once


class SqlResults:
    """`knowledge.results.Results` on SQLModel tables."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def put(self, tenant: str, table: pa.Table) -> str:
        """Keep a result; the reference is unguessable and valid for this tenant only."""
        id = secrets.token_urlsafe(18)
        small = table.num_rows < 5_000
        parquet = _to_parquet(table) if small else await asyncio.to_thread(_to_parquet, table)
        await insert_once(
            self._engine, ResultRow, id=id, tenant=tenant, rows=table.num_rows, parquet=parquet, created_at=now()
        )
        return id

    async def get(self, tenant: str, id: str) -> pa.Table | None:
        """The result, or None when it is unknown, another tenant's, or past its retention."""
        async with AsyncSession(self._engine) as session:
            row = await session.get(ResultRow, id)
        if row is None or row.tenant != tenant:
            return None
        return await asyncio.to_thread(_from_parquet, row.parquet)

    async def forget(self, days: int) -> int:
        """Delete results older than `days`; gives their number."""
        oldest = (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="microseconds")
        async with self._engine.begin() as connection:
            return (await connection.execute(delete(ResultRow).where(col(ResultRow.created_at) < oldest))).rowcount


def _to_parquet(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    return bytes(sink.getvalue().to_pybytes())


def _from_parquet(data: bytes) -> pa.Table:
    return pq.read_table(pa.BufferReader(data))
