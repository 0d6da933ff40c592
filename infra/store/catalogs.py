"""Catalogs in the database: what scans measured, snapshots of what they found, and which one is the present."""

import asyncio
import uuid
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlmodel import SQLModel, col

from infra.store.tables import CatalogEntryRow, CatalogRow, CatalogSnapshotRow, CatalogTableRow, now
from infra.store.upsert import insert_once, upsert
from knowledge.catalog.codec import pack, unpack
from knowledge.catalog.ledger import Entry, Place
from knowledge.catalog.model import Table

KEPT = 50
"""Snapshots of one source that are kept."""
CHUNK = 500
"""Rows of one statement."""


@dataclass(frozen=True, slots=True)
class Head:
    """The present of one source; `links` are its keys into other sources."""

    source: str
    address_digest: str
    version: str
    snapshot: str
    scanned_at: str
    links: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What one scan found: its tables' digests, and what changed since the snapshot before."""

    id: str
    source: str
    version: str
    dialect: str
    taken_at: str
    digests: tuple[str, ...]
    changes: tuple[Mapping[str, Any], ...] = ()


class SqlLedger:
    """`knowledge.catalog.ledger.Ledger` of one source."""

    def __init__(self, engine: AsyncEngine, tenant: str, source: str) -> None:
        self._engine = engine
        self._key = {"tenant": tenant, "source": source}

    async def entries(self) -> Mapping[Place, Entry]:
        """All of them."""
        query = select(CatalogEntryRow).where(*_of(CatalogEntryRow, self._key))
        async with AsyncSession(self._engine) as session:
            found = (await session.scalars(query)).all()
        return {(row.schema_name, row.table_name): _entry(row) for row in found}

    async def keep(self, entries: Sequence[Entry]) -> None:
        """Add, or replace what stood at the same place."""
        rows = [
            {
                **self._key,
                "schema_name": entry.place[0],
                "table_name": entry.place[1],
                **{name: value for name, value in _fields(entry).items() if name != "place"},
            }
            for entry in entries
        ]
        await upsert(self._engine, CatalogEntryRow, rows)

    async def finish(self, places: Iterable[Place]) -> None:
        """Close all entries, and drop those of tables that are gone."""
        there = set(places)
        gone = [place for place in await self.entries() if place not in there]
        async with self._engine.begin() as connection:
            closing = update(CatalogEntryRow).where(*_of(CatalogEntryRow, self._key)).values(open=False)
            await connection.execute(closing)
            for schema, name in gone:
                dropping = delete(CatalogEntryRow).where(
                    *_of(CatalogEntryRow, self._key | {"schema_name": schema, "table_name": name})
                )
                await connection.execute(dropping)


class SqlSnapshots:
    """Snapshots and heads of one tenant's sources."""

    def __init__(self, engine: AsyncEngine, tenant: str) -> None:
        self._engine = engine
        self._tenant = tenant

    async def heads(self) -> dict[str, Head]:
        """The present of every source that was scanned, by name; small enough to be asked often."""
        query = select(CatalogRow).where(col(CatalogRow.tenant) == self._tenant)
        async with AsyncSession(self._engine) as session:
            return {row.source: _head(row) for row in (await session.scalars(query)).all()}

    async def point(self, head: Head) -> None:
        """Make this the present of its source."""
        await upsert(self._engine, CatalogRow, [{"tenant": self._tenant, **asdict(head)}])

    async def keep(
        self, source: str, dialect: str, version: str, tables: Sequence[Table], changes: Sequence[Mapping[str, Any]]
    ) -> str:
        """Keep what a scan found, and forget the oldest beyond `KEPT`; gives the new snapshot's id."""
        id = uuid.uuid4().hex[:12]
        stored = await self._stored(source)
        fresh = {table.digest: table for table in tables if table.digest not in stored}
        todo = list(fresh.items())
        for start in range(0, len(todo), CHUNK):
            rows = [
                {"tenant": self._tenant, "source": source, "digest": digest, "body": pack(table)}
                for digest, table in todo[start : start + CHUNK]
            ]
            await upsert(self._engine, CatalogTableRow, rows)
        await insert_once(
            self._engine,
            CatalogSnapshotRow,
            id=id,
            tenant=self._tenant,
            source=source,
            version=version,
            dialect=dialect,
            digests=zlib.compress("\n".join(table.digest for table in tables).encode()),
            changes=[dict(change) for change in changes],
            taken_at=now(),
        )
        await self._prune(source)
        return id

    async def of(self, source: str) -> list[Snapshot]:
        """Snapshots of a source, newest first."""
        query = (
            select(CatalogSnapshotRow)
            .where(*_of(CatalogSnapshotRow, {"tenant": self._tenant, "source": source}))
            .order_by(col(CatalogSnapshotRow.taken_at).desc())
        )
        async with AsyncSession(self._engine) as session:
            return [_snapshot(row) for row in (await session.scalars(query)).all()]

    async def get(self, source: str, id: str) -> Snapshot | None:
        """One snapshot of a source, or None."""
        async with AsyncSession(self._engine) as session:
            row = await session.get(CatalogSnapshotRow, id)
        return _snapshot(row) if row and (row.tenant, row.source) == (self._tenant, source) else None

    async def tables(self, snapshot: Snapshot, known: Mapping[str, Table] | None = None) -> tuple[Table, ...]:
        """The tables of a snapshot; those of `known` (by digest) are taken as they are."""
        found = dict(known or {})
        missing = [digest for digest in snapshot.digests if digest not in found]
        async with self._engine.connect() as connection:
            for start in range(0, len(missing), CHUNK):
                query = select(col(CatalogTableRow.digest), col(CatalogTableRow.body)).where(
                    *_of(CatalogTableRow, {"tenant": self._tenant, "source": snapshot.source}),
                    col(CatalogTableRow.digest).in_(missing[start : start + CHUNK]),
                )
                rows = [(digest, body) for digest, body in (await connection.execute(query)).all()]
                found |= await asyncio.to_thread(_unpacked, rows)
        return tuple(found[digest] for digest in snapshot.digests if digest in found)

    async def _stored(self, source: str) -> set[str]:
        query = select(col(CatalogTableRow.digest)).where(
            *_of(CatalogTableRow, {"tenant": self._tenant, "source": source})
        )
        async with self._engine.connect() as connection:
            return set((await connection.execute(query)).scalars())

    async def _prune(self, source: str) -> None:
        """Forget the oldest snapshots, and the tables that no snapshot has any more."""
        kept = await self.of(source)
        old = kept[KEPT:]
        if not old:
            return
        needed = {digest for snapshot in kept[:KEPT] for digest in snapshot.digests}
        loose = [digest for digest in await self._stored(source) if digest not in needed]
        async with self._engine.begin() as connection:
            ids = [snapshot.id for snapshot in old]
            await connection.execute(delete(CatalogSnapshotRow).where(col(CatalogSnapshotRow.id).in_(ids)))
            for start in range(0, len(loose), CHUNK):
                await connection.execute(
                    delete(CatalogTableRow).where(
                        *_of(CatalogTableRow, {"tenant": self._tenant, "source": source}),
                        col(CatalogTableRow.digest).in_(loose[start : start + CHUNK]),
                    )
                )


def _unpacked(rows: Sequence[tuple[str, bytes]]) -> dict[str, Table]:
    return {digest: unpack(body, digest) for digest, body in rows}


def _of(table: type[SQLModel], values: Mapping[str, object]) -> list[Any]:
    return [getattr(table, name) == value for name, value in values.items()]


def _fields(entry: Entry) -> dict[str, Any]:
    names = ("structure", "position", "body", "measured_at", "rows", "open")
    return {name: getattr(entry, name) for name in names}


def _entry(row: CatalogEntryRow) -> Entry:
    place = (row.schema_name, row.table_name)
    return Entry(place, row.structure, row.position, row.body, row.measured_at, row.rows, row.open)


def _head(row: CatalogRow) -> Head:
    return Head(row.source, row.address_digest, row.version, row.snapshot, row.scanned_at, row.links)


def _snapshot(row: CatalogSnapshotRow) -> Snapshot:
    digests = tuple(zlib.decompress(row.digests).decode().split())
    return Snapshot(row.id, row.source, row.version, row.dialect, row.taken_at, digests, tuple(row.changes))
