"""The glossary in the database: each version of a term is a row, and one counter tells of every change."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

from sqlalchemy import insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlmodel import col

from conversation.audit import Note
from conversation.codec import JsonObject
from conversation.gates.canonical import digest
from infra.store.audit import write
from infra.store.glossary_rows import GlossaryRow, TermRow
from infra.store.tables import now
from knowledge.glossary.changes import next_version
from knowledge.glossary.codec import content, from_json, stamp, to_json
from knowledge.glossary.model import EMPTY, Glossary, Term


class SqlGlossaries:
    """`knowledge.glossary.Glossaries` on SQLModel tables; what was read is kept until the counter moves."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._kept: dict[str, tuple[int, Glossary]] = {}

    async def of(self, tenant: str) -> Glossary:
        """Every term as it stands, by id; the same object again for as long as nothing changed in any process."""
        counter = select(col(GlossaryRow.changes)).where(col(GlossaryRow.tenant) == tenant)
        async with self._engine.connect() as connection:
            changes = (await connection.execute(counter)).scalar_one_or_none()
            if changes is None:
                return EMPTY
            known = self._kept.get(tenant)
            if known is None or known[0] != changes:
                # Terms may be newer than the counter that was read: then the next call reads them once more.
                known = (changes, await _standing(connection, tenant))
                self._kept[tenant] = known
        return known[1]

    async def put(self, tenant: str, term: Term, *, by: str, note: str = "", base: int | None = None) -> Term:
        """Write the next version of a term and give it. Raises Conflict where another one than `base` stands."""
        (made,) = await self.put_all(tenant, [(term, base)], by=by, note=note)
        return made

    async def put_all(
        self, tenant: str, changes: Sequence[tuple[Term, int | None]], *, by: str, note: str = ""
    ) -> tuple[Term, ...]:
        """Write the next version of several terms, each from its base; all of them, or with a Conflict none."""
        made = []
        async with self._engine.begin() as connection:
            for term, base in changes:
                change = await _count(connection, tenant)
                latest = await _latest(connection, tenant, term.id)
                made.append(next_version(latest, term, by=by, at=now(), note=note, base=base))
                await _write(connection, tenant, made[-1], change)
            await write(connection, tenant, *map(_said, made))
        return tuple(made)

    async def history(self, tenant: str, id: str = "", limit: int = 1_000) -> Sequence[Term]:
        """The versions of a term, the latest first; without `id` those of every term, the latest change first."""
        query = select(col(TermRow.record)).where(col(TermRow.tenant) == tenant)
        query = query.where(col(TermRow.id) == id) if id else query
        async with self._engine.connect() as connection:
            rows = await connection.execute(query.order_by(col(TermRow.change).desc()).limit(limit))
            return tuple(map(from_json, rows.scalars()))

    async def remove(self, tenant: str, id: str, *, by: str, note: str = "") -> bool:
        """Take a term away; its history stays. False where there is none."""
        async with self._engine.begin() as connection:
            change = await _count(connection, tenant)
            latest = await _latest(connection, tenant, id)
            if latest is None or latest.removed:
                return False
            gone = replace(next_version(latest, latest, by=by, at=now(), note=note), removed=True)
            await _write(connection, tenant, gone, change)
            await write(connection, tenant, _said(gone))
        return True


def _said(term: Term) -> Note:
    """The entry of the audit log, written with the version itself: by whatever way it came, it is never missing."""
    what = "term.removed" if term.removed else "term.written"
    detail: JsonObject = {
        "version": term.version,
        "status": term.status,
        "note": term.note,
        "content": digest(cast(JsonObject, content(term))),
    }
    return Note(term.changed_at, term.changed_by, what, f"term:{term.id}", detail)


async def _count(connection: AsyncConnection, tenant: str) -> int:
    """Count a change. It is the first statement of a transaction, so that writers of a tenant come one by one."""
    one = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = one(GlossaryRow).values(tenant=tenant, changes=1)
    counted = statement.on_conflict_do_update(index_elements=["tenant"], set_={"changes": GlossaryRow.changes + 1})
    return int((await connection.execute(counted.returning(col(GlossaryRow.changes)))).scalar_one())


async def _standing(connection: AsyncConnection, tenant: str) -> Glossary:
    query = select(col(TermRow.record)).where(col(TermRow.tenant) == tenant, col(TermRow.latest))
    rows = (await connection.execute(query.order_by(col(TermRow.id)))).scalars()
    terms = tuple(term for term in map(from_json, rows) if not term.removed)
    return Glossary(terms, stamp(terms))


async def _latest(connection: AsyncConnection, tenant: str, id: str) -> Term | None:
    query = select(col(TermRow.record)).where(*_versions(tenant, id), col(TermRow.latest))
    found = (await connection.execute(query)).scalar_one_or_none()
    return from_json(found) if found else None


async def _write(connection: AsyncConnection, tenant: str, term: Term, change: int) -> None:
    await connection.execute(update(TermRow).where(*_versions(tenant, term.id)).values(latest=False))
    row = {"tenant": tenant, "id": term.id, "version": term.version, "change": change, "latest": True}
    await connection.execute(insert(TermRow).values(**row, record=to_json(term), changed_at=term.changed_at))


def _versions(tenant: str, id: str) -> list[Any]:
    return [col(TermRow.tenant) == tenant, col(TermRow.id) == id]
