"""Conversations of the browser, in the database. Each row carries its tenant."""

import uuid
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import JSON, Column, RowMapping, Select, and_, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlmodel import Field, SQLModel, col

from conversation.card import Card
from conversation.codec import decode_as, encode
from conversation.errors import NotAllowed, OperatorError
from conversation.principal import Sender
from infra.store.tables import now
from infra.store.upsert import insert_once
from web.port import CHANNEL, WebMessage, WebThread

_CARDS: Final = uuid.UUID("0d3f4c9b-5d6a-4c53-8f0e-7f1d2f6b9e11")


class WebThreadRow(SQLModel, table=True):
    """One conversation of one person."""

    __tablename__ = "web_thread"

    id: str = Field(primary_key=True)
    tenant: str = Field(index=True)
    workspace: str
    person: str = Field(index=True)
    name: str
    created_at: str = Field(default_factory=now)
    updated_at: str = Field(default_factory=now, index=True)


class WebMessageRow(SQLModel, table=True):
    """What a person said, or (`card`) what was shown. `seq` is the number of the tenant's change that wrote it last."""

    __tablename__ = "web_message"

    id: str = Field(primary_key=True)
    tenant: str = Field(index=True)
    thread: str = Field(index=True)
    text: str = ""
    card: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    seq: int = Field(index=True)
    created_at: str = Field(default_factory=now, index=True)


class WebClockRow(SQLModel, table=True):
    """Numbers the changes of a tenant. A writer holds the row until it commits, so numbers appear in their order."""

    __tablename__ = "web_clock"

    tenant: str = Field(primary_key=True)
    seq: int = 0


class SqlWebStore:
    """`web.port.WebStore` on SQLModel tables."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def open_thread(self, tenant: str, owner: Sender, id: str, name: str) -> WebThread:
        """The conversation, made if it is new. Raises NotAllowed when the id is somebody else's."""
        at = now()
        await insert_once(
            self._engine,
            WebThreadRow,
            id=id,
            tenant=tenant,
            workspace=owner.workspace,
            person=owner.user,
            name=name,
            created_at=at,
            updated_at=at,
        )
        thread = await self.find_thread(id)
        mine = (tenant, owner.workspace, owner.user)
        if thread is None or (thread.tenant, thread.owner.workspace, thread.owner.user) != mine:
            raise NotAllowed("This conversation belongs to somebody else.", next_step="Start a new chat.")
        return thread

    async def find_thread(self, id: str) -> WebThread | None:
        """A conversation by its unguessable id."""
        found = await self._rows(select(WebThreadRow).where(col(WebThreadRow.id) == id))
        return _thread(found[0]) if found else None

    async def threads(
        self, tenant: str, owner: Sender, *, search: str = "", before: str = "", limit: int = 20
    ) -> Sequence[WebThread]:
        """A person's conversations, newest first."""
        row = WebThreadRow
        query = select(row).where(
            col(row.tenant) == tenant, col(row.workspace) == owner.workspace, col(row.person) == owner.user
        )
        if search:
            said = select(col(WebMessageRow.thread)).where(
                col(WebMessageRow.tenant) == tenant, col(WebMessageRow.text).icontains(search, autoescape=True)
            )
            query = query.where(or_(col(row.name).icontains(search, autoescape=True), col(row.id).in_(said)))
        last = await self.find_thread(before) if before else None
        if last is not None:
            older = and_(col(row.updated_at) == last.updated_at, col(row.id) < last.id)
            query = query.where(or_(col(row.updated_at) < last.updated_at, older))
        query = query.order_by(col(row.updated_at).desc(), col(row.id).desc()).limit(limit)
        return [_thread(found) for found in await self._rows(query)]

    async def rename_thread(self, tenant: str, id: str, name: str) -> None:
        """Give a conversation another name."""
        row = WebThreadRow
        async with self._engine.begin() as connection:
            await connection.execute(update(row).where(col(row.tenant) == tenant, col(row.id) == id).values(name=name))

    async def delete_thread(self, tenant: str, id: str) -> None:
        """Forget a conversation and all its messages."""
        thread, message = WebThreadRow, WebMessageRow
        async with self._engine.begin() as connection:
            await connection.execute(delete(thread).where(col(thread.tenant) == tenant, col(thread.id) == id))
            await connection.execute(delete(message).where(col(message.tenant) == tenant, col(message.thread) == id))

    async def say(self, thread: WebThread, id: str, text: str) -> bool:
        """Keep a person's words; False when a message of this id stands already."""
        return await self._insert(thread, id, text, None)

    async def put(self, thread: WebThread, key: str, card: Card) -> WebMessage:
        """Keep a card under its key: inserted the first time, replaced in place ever after."""
        id = _card_id(thread.id, key)
        if not await self._insert(thread, id, "", card):
            await self.replace(id, card)
        message = await self.message(thread.tenant, id)
        if message is None:
            raise OperatorError("The conversation was deleted while its card was written.")
        return message

    async def replace(self, id: str, card: Card) -> bool:
        """Replace a card by its message id; False when it is gone."""
        row = WebMessageRow
        async with self._engine.begin() as connection:
            tenant = (await connection.execute(select(col(row.tenant)).where(col(row.id) == id))).scalar_one_or_none()
        if tenant is None:
            return False
        async with self._engine.begin() as connection:
            seq = await _tick(connection, tenant)
            done = await connection.execute(update(row).where(col(row.id) == id).values(card=encode(card), seq=seq))
            return done.rowcount > 0

    async def message(self, tenant: str, id: str) -> WebMessage | None:
        """One message."""
        row = WebMessageRow
        found = await self._rows(select(row).where(col(row.tenant) == tenant, col(row.id) == id))
        return _message(found[0]) if found else None

    async def posted(self, thread: str, key: str) -> str:
        """The id of the message under this key, or empty."""
        row = WebMessageRow
        found = await self._rows(select(col(row.id)).where(col(row.id) == _card_id(thread, key)))
        return str(found[0]["id"]) if found else ""

    async def messages(self, tenant: str, thread: str, *, after: int = 0, limit: int = 400) -> Sequence[WebMessage]:
        """The newest messages of a conversation that changed after `after`, oldest first."""
        row = WebMessageRow
        query = (
            select(row)
            .where(col(row.tenant) == tenant, col(row.thread) == thread, col(row.seq) > after)
            .order_by(col(row.created_at).desc(), col(row.seq).desc())
            .limit(limit)
        )
        return [_message(found) for found in reversed(await self._rows(query))]

    async def changes(self, tenant: str, after: int, limit: int = 500) -> Sequence[WebMessage]:
        """Messages of a tenant that are new or changed since. Raises OperatorError when the database is away."""
        row = WebMessageRow
        query = select(row).where(col(row.tenant) == tenant, col(row.seq) > after)
        try:
            return [_message(found) for found in await self._rows(query.order_by(col(row.seq)).limit(limit))]
        except SQLAlchemyError as away:
            raise OperatorError(f"The conversations could not be read: {away}.") from away

    async def latest(self, tenant: str) -> int:
        """The `seq` of the tenant's last change."""
        found = await self._rows(select(col(WebClockRow.seq)).where(col(WebClockRow.tenant) == tenant))
        return int(found[0]["seq"]) if found else 0

    async def _insert(self, thread: WebThread, id: str, text: str, card: Card | None) -> bool:
        """Insert unless the id stands, and bring the conversation to the top of its owner's list."""
        at = now()
        async with self._engine.begin() as connection:
            seq = await _tick(connection, thread.tenant)
            made = await connection.execute(
                _insert(connection, WebMessageRow)
                .values(
                    id=id,
                    tenant=thread.tenant,
                    thread=thread.id,
                    text=text,
                    card=encode(card) if card else None,
                    seq=seq,
                    created_at=at,
                )
                .on_conflict_do_nothing()
                .returning(col(WebMessageRow.id))
            )
            fresh = made.first() is not None
            if fresh:
                await connection.execute(
                    update(WebThreadRow).where(col(WebThreadRow.id) == thread.id).values(updated_at=at)
                )
            return fresh

    async def _rows(self, query: Select[Any]) -> Sequence[RowMapping]:
        async with self._engine.connect() as connection:
            found: Sequence[RowMapping] = (await connection.execute(query)).mappings().all()
            return found


async def _tick(connection: AsyncConnection, tenant: str) -> int:
    """The next number of the tenant; first in its transaction, so that SQLite takes the lock for writing at once."""
    row = WebClockRow
    step = update(row).where(col(row.tenant) == tenant).values(seq=col(row.seq) + 1).returning(col(row.seq))
    seq = (await connection.execute(step)).scalar_one_or_none()
    if seq is None:
        made = _insert(connection, row).values(tenant=tenant, seq=0).on_conflict_do_nothing()
        await connection.execute(made)
        seq = (await connection.execute(step)).scalar_one()
    return int(seq)


def _insert(connection: AsyncConnection, table: type[SQLModel]) -> "sqlite.Insert | postgresql.Insert":
    return (postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert)(table)


def _card_id(thread: str, key: str) -> str:
    return str(uuid.uuid5(_CARDS, f"{thread}|{key}"))


def _thread(row: RowMapping) -> WebThread:
    owner = Sender(CHANNEL, row["workspace"], row["person"])
    return WebThread(row["id"], row["tenant"], owner, row["name"], row["created_at"], row["updated_at"])


def _message(row: RowMapping) -> WebMessage:
    card = decode_as(Card, row["card"]) if row["card"] else None
    return WebMessage(row["id"], row["tenant"], row["thread"], row["text"], card, row["seq"], row["created_at"])
