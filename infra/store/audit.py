"""The audit log in the database: one chain a tenant, written in the transaction of what it speaks of."""

from collections.abc import Sequence
from dataclasses import fields

from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlmodel import col

from conversation.audit import Broken, Entry, Head, Note, Verified, damage
from conversation.codec import JsonObject
from infra.store.gate_rows import AuditHeadRow, AuditRow

BATCH = 1_000


async def write(connection: AsyncConnection, tenant: str, *notes: Note) -> list[Entry]:
    """Write entries at the end of the log, as a part of the caller's transaction.

    The head is locked first, so that writers at once take their places one after the other, without holes.
    """
    if not notes:
        return []
    head = await _locked(connection, tenant)
    entries: list[Entry] = []
    for note in notes:
        entries.append(note.entry(tenant, head))
        head = Head(entries[-1].seq, entries[-1].digest)
    await connection.execute(insert(AuditRow), [_values(entry) for entry in entries])
    moved = update(AuditHeadRow).where(col(AuditHeadRow.tenant) == tenant)
    await connection.execute(moved.values(seq=head.seq, digest=head.digest))
    return entries


async def _locked(connection: AsyncConnection, tenant: str) -> Head:
    """The head, locked until the transaction ends: by an update that changes nothing, which both databases know."""
    lock = (
        update(AuditHeadRow)
        .where(col(AuditHeadRow.tenant) == tenant)
        .values(seq=AuditHeadRow.seq)
        .returning(col(AuditHeadRow.seq), col(AuditHeadRow.digest))
    )
    found = (await connection.execute(lock)).first()
    if found is None:
        make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        await connection.execute(make(AuditHeadRow).values(tenant=tenant, seq=0, digest="").on_conflict_do_nothing())
        found = (await connection.execute(lock)).one()
    return Head(found[0], found[1])


class SqlAudit:
    """`conversation.audit.Audit` on SQLModel tables."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def append(
        self,
        tenant: str,
        *,
        at: str,
        actor: str,
        channel: str,
        what: str,
        subject: str,
        detail: JsonObject,
        acting_for: str = "",
    ) -> Entry:
        """Write an entry at the end."""
        async with self._engine.begin() as connection:
            note = Note(at, actor, what, subject, detail, channel, acting_for)
            return (await write(connection, tenant, note))[0]

    async def entries(self, tenant: str, *, subject: str = "", after: int = 0, limit: int = 200) -> Sequence[Entry]:
        """Entries past `after` in their order; only those of `subject` where it is given."""
        query = select(*_COLUMNS).where(col(AuditRow.tenant) == tenant, col(AuditRow.seq) > after)
        if subject:
            query = query.where(col(AuditRow.subject) == subject)
        async with self._engine.connect() as connection:
            rows = (await connection.execute(query.order_by(col(AuditRow.seq)).limit(limit))).all()
        return [Entry(*row) for row in rows]

    async def head(self, tenant: str) -> Head:
        """The end of the log, as it is kept apart from the entries."""
        query = select(col(AuditHeadRow.seq), col(AuditHeadRow.digest)).where(col(AuditHeadRow.tenant) == tenant)
        async with self._engine.connect() as connection:
            found = (await connection.execute(query)).first()
        return Head(*found) if found else Head()

    async def verify(self, tenant: str) -> Verified | Broken:
        """Read the whole log and compare it with its digests and its head; entries may be written meanwhile."""
        last = Head()
        while True:
            for entry in await self.entries(tenant, after=last.seq, limit=BATCH):
                if broken := await self._damage(entry, last):
                    return broken
                last = Head(entry.seq, entry.digest)
            head = await self.head(tenant)
            if head == last:
                return await self._whole(tenant, head)
            if not await self.entries(tenant, after=last.seq, limit=1):
                return _apart(last, head)

    async def _whole(self, tenant: str, head: Head) -> Verified | Broken:
        """Nothing stands before the first entry either."""
        query = select(func.count()).where(col(AuditRow.tenant) == tenant, col(AuditRow.seq) < 1)
        async with self._engine.connect() as connection:
            before = (await connection.execute(query)).scalar_one()
        return Broken(0, "inserted", "There are entries before the first one.") if before else Verified(head)

    async def _damage(self, entry: Entry, before: Head) -> Broken | None:
        broken = damage(before, entry)
        if broken is None or broken.damage != "changed":
            return broken
        if (origin := await self._origin(entry)) in (None, broken.seq):
            return broken
        words = f"Entry {broken.seq} is not what was written there: it is entry {origin}."
        return Broken(broken.seq, "reordered", words)

    async def _origin(self, entry: Entry) -> int | None:
        """Where an entry was written that stands in another place, by the entry that it follows; None if changed."""
        query = select(col(AuditRow.seq)).where(
            col(AuditRow.tenant) == entry.tenant, col(AuditRow.digest) == entry.previous
        )
        async with self._engine.connect() as connection:
            after = (await connection.execute(query)).scalars().all() if entry.previous else [0]
        # The one before may be gone, or have changed its place too.
        places = {entry.seq - 1, entry.seq + 1, *(found + 1 for found in after)}
        return next((place for place in sorted(places) if entry.sum(place) == entry.digest), None)


_FIELDS = tuple(field.name for field in fields(Entry))
_COLUMNS = tuple(col(getattr(AuditRow, name)) for name in _FIELDS)


def _apart(last: Head, head: Head) -> Broken:
    """The entries end elsewhere than the head says."""
    if last.seq < head.seq:
        words = f"The log was cut off: it ends at entry {last.seq}, and {head.seq} were written."
        return Broken(last.seq + 1, "cut off", words)
    if last.seq > head.seq:
        return Broken(head.seq + 1, "inserted", f"Entry {head.seq + 1} was not written by us: the log ended before it.")
    return Broken(last.seq, "changed", f"Entry {last.seq} is not the one with which the log ended.")


def _values(entry: Entry) -> dict[str, object]:
    return {name: getattr(entry, name) for name in _FIELDS}
