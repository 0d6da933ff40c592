"""What experts said of keys and tags, in the database."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col

from infra.store.note_rows import CatalogNoteRow
from infra.store.tables import now
from infra.store.upsert import replace
from knowledge.enrichment import Note, Notes


class SqlNotes:
    """`knowledge.enrichment.CatalogNotes` on SQLModel tables."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def of(self, tenant: str) -> Notes:
        """Everything that was said; later words replace earlier ones."""
        query = (
            select(CatalogNoteRow.__table__)  # type: ignore[attr-defined]
            .where(col(CatalogNoteRow.tenant) == tenant)
            .order_by(col(CatalogNoteRow.said_at))
        )
        async with self._engine.connect() as connection:
            rows = (await connection.execute(query)).all()
        said = {Note(row.aspect, row.source, row.place, row.column, row.value): bool(row.confirmed) for row in rows}
        return Notes(
            frozenset(note for note, confirmed in said.items() if confirmed),
            frozenset(note for note, confirmed in said.items() if not confirmed),
        )

    async def say(self, tenant: str, note: Note, *, confirmed: bool, by: str) -> None:
        """Keep what an expert says of a fact."""
        await replace(
            self._engine,
            CatalogNoteRow,
            tenant=tenant,
            source=note.source,
            place=note.table,
            column=note.column,
            aspect=note.aspect,
            value=note.value,
            confirmed=confirmed,
            said_by=by,
            said_at=now(),
        )
