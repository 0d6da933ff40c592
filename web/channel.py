"""The browser as a channel: cards are written to the store, from whichever process; the open page follows."""

import uuid
from typing import Final

from conversation.card import Card
from conversation.channel import MessageRef
from conversation.directory import Directory
from conversation.errors import ChannelRefused
from conversation.principal import ConversationRef, Sender
from web.port import CHANNEL, WebStore, WebThread

_THREADS: Final = uuid.UUID("6f1c1f0e-0c53-4f5e-9c0a-51d6b6a3c7d1")
_NOTICES: Final = "Requests and notices"


class WebChannel:
    """`conversation.channel.Channel` on a `WebStore`."""

    name = CHANNEL
    status_after = 0.15

    def __init__(self, store: WebStore, directory: Directory) -> None:
        self._store = store
        self._directory = directory

    async def send(self, where: ConversationRef, card: Card, *, key: str, only_for: str = "") -> MessageRef:
        """Post a card, once for each key. Raises ChannelRefused when the person deleted the conversation."""
        thread = await self._thread(where, only_for)
        message = await self._store.put(thread, key, card)
        return MessageRef(thread.where, message.id)

    async def update(self, message: MessageRef, card: Card) -> None:
        """Replace a card in place. Raises ChannelRefused when the message is gone."""
        if not await self._store.replace(message.id, card):
            raise ChannelRefused("The conversation was deleted, so its card was not updated.")

    async def find(self, where: ConversationRef, key: str) -> MessageRef | None:
        """The message posted under this key."""
        id = await self._store.posted(where.thread, key)
        return MessageRef(where, id) if id else None

    async def _thread(self, where: ConversationRef, only_for: str) -> WebThread:
        """The conversation of this place; for somebody else's eyes or no conversation at all, the one for notices."""
        reader = only_for or where.space
        if where.thread and reader == where.space:
            thread = await self._store.find_thread(where.thread)
            if thread is None or thread.owner.user != where.space or thread.owner.workspace != where.workspace:
                raise ChannelRefused("The conversation was deleted, so the card was not shown.")
            return thread
        sender = Sender(CHANNEL, where.workspace, reader)
        who = await self._directory.resolve(sender)
        notices = str(uuid.uuid5(_THREADS, f"{where.workspace}/{reader}"))
        return await self._store.open_thread(who.tenant, sender, notices, _NOTICES)
