"""Which cards were posted, in the database."""

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col

from conversation.channel import MessageRef
from conversation.codec import decode_as, encode
from conversation.principal import ConversationRef
from infra.store.tables import PostRow, now
from infra.store.upsert import insert_once


class SqlPosts:
    """`conversation.channel.Posts` on SQLModel tables."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def reserve(self, tenant: str, key: str, topic: str = "") -> bool:
        """Note that a post is about to be made; False when it was noted before."""
        return await insert_once(
            self._engine, PostRow, tenant=tenant, key=key, topic=topic, place_key="", created_at=now()
        )

    async def join(self, tenant: str, key: str, topic: str) -> None:
        """Move the post of this key to another topic."""
        statement = update(PostRow).where(col(PostRow.tenant) == tenant, col(PostRow.key) == key).values(topic=topic)
        async with self._engine.begin() as connection:
            await connection.execute(statement)

    async def find(self, tenant: str, key: str) -> MessageRef | None:
        """The message that was posted under this key."""
        query = select(col(PostRow.message)).where(col(PostRow.tenant) == tenant, col(PostRow.key) == key)
        async with self._engine.connect() as connection:
            message = (await connection.execute(query)).scalar_one_or_none()
        return decode_as(MessageRef, message) if message else None

    async def keep(self, tenant: str, key: str, message: MessageRef) -> None:
        """Remember the message of a reserved key."""
        statement = (
            update(PostRow)
            .where(col(PostRow.tenant) == tenant, col(PostRow.key) == key)
            .values(message=encode(message), place_key=message.where.key)
        )
        async with self._engine.begin() as connection:
            await connection.execute(statement)

    async def about(self, tenant: str, topic: str) -> Sequence[MessageRef]:
        """Every copy of a card."""
        query = select(col(PostRow.message)).where(col(PostRow.tenant) == tenant, col(PostRow.topic) == topic)
        async with self._engine.connect() as connection:
            found = (await connection.execute(query)).scalars().all()
        return [decode_as(MessageRef, message) for message in found if message]

    async def known(self, where: ConversationRef) -> bool:
        """Whether a card was ever posted in this place."""
        query = select(col(PostRow.key)).where(col(PostRow.place_key) == where.key).limit(1)
        async with self._engine.connect() as connection:
            return (await connection.execute(query)).first() is not None
