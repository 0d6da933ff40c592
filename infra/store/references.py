"""How Teams conversations are reached, in the database."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col

from bots.teams.references import TeamsReference
from conversation.codec import decode_as, encode
from conversation.principal import ConversationRef
from infra.store.tables import TeamsReferenceRow, now
from infra.store.upsert import replace


class SqlReferences:
    """`bots.teams.references.References` on SQLModel tables; one row per Entra tenant and conversation."""

    def __init__(self, engine: AsyncEngine, tenant: str) -> None:
        self._engine = engine
        self._tenant = tenant

    async def keep(self, reference: TeamsReference) -> None:
        """Remember how a conversation is reached; unchanged ones are not written again."""
        if await self.find(reference.where) == reference:
            return
        await replace(
            self._engine,
            TeamsReferenceRow,
            tenant=self._tenant,
            place_key=_key(reference.where),
            person=reference.person and f"{reference.where.workspace}/{reference.person}",
            reference=encode(reference),
            met_at=now(),
        )

    async def find(self, where: ConversationRef) -> TeamsReference | None:
        """The reference of this workspace and space; the thread does not matter."""
        return await self._one(col(TeamsReferenceRow.place_key) == _key(where))

    async def personal(self, workspace: str, person: str) -> TeamsReference | None:
        """The personal conversation with this person."""
        return await self._one(col(TeamsReferenceRow.person) == f"{workspace}/{person}")

    async def _one(self, condition: object) -> TeamsReference | None:
        query = (
            select(col(TeamsReferenceRow.reference))
            .where(col(TeamsReferenceRow.tenant) == self._tenant, condition)  # type: ignore[arg-type]
            .order_by(col(TeamsReferenceRow.met_at).desc())
            .limit(1)
        )
        async with self._engine.connect() as connection:
            found = (await connection.execute(query)).scalar_one_or_none()
        return decode_as(TeamsReference, found) if found else None


def _key(where: ConversationRef) -> str:
    return ConversationRef(where.channel, where.workspace, where.space).key
