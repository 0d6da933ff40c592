"""The port to a chat service, and the one way in which a card reaches people."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from conversation.card import Card
from conversation.codec import portable
from conversation.errors import ChannelRefused
from conversation.principal import ConversationRef

log = logging.getLogger(__name__)


@portable
@dataclass(frozen=True, slots=True)
class MessageRef:
    """A message that we sent: where it is and the channel's id of it."""

    where: ConversationRef
    id: str


class Channel(Protocol):
    """A chat service. What it cannot show is degraded inside `send` and `update`, never dropped.

    `status_after`: seconds of work after which people are told that work is under way; 0 tells them at once, which a
    service that cannot look up its own messages needs: its answer is then always an update, and so never posted twice.
    """

    name: str
    status_after: float

    async def send(self, where: ConversationRef, card: Card, *, key: str, only_for: str = "") -> MessageRef:
        """Post a card. `key` names this post and is kept with it where the service can keep such a thing.

        `only_for` is the channel's user id of the only person who may see it (an ephemeral message where the service
        has them, otherwise a personal message). Raises ChannelRefused.
        """

    async def update(self, message: MessageRef, card: Card) -> None:
        """Replace a card in place. Raises ChannelRefused when the message is gone."""

    async def find(self, where: ConversationRef, key: str) -> MessageRef | None:
        """The message posted under this key, looked up at the service; None where it cannot be looked up.

        Asked only after a crash that may have come between a post and its record.
        """


class Posts(Protocol):
    """Which cards were posted, so that each is posted once and then updated in place."""

    async def reserve(self, tenant: str, key: str, topic: str = "") -> bool:
        """Note that a post is about to be made; False when it was noted before. `topic` groups copies (a gate's id)."""

    async def join(self, tenant: str, key: str, topic: str) -> None:
        """Move the post of this key to another topic."""

    async def find(self, tenant: str, key: str) -> MessageRef | None:
        """The message that was posted under this key."""

    async def keep(self, tenant: str, key: str, message: MessageRef) -> None:
        """Remember the message of a reserved key."""

    async def about(self, tenant: str, topic: str) -> Sequence[MessageRef]:
        """Every copy of a card."""

    async def known(self, where: ConversationRef) -> bool:
        """Whether a card was ever posted in this place, so that words there are meant for us."""


class Delivery:
    """Shows a card under a key: sent the first time, updated ever after."""

    def __init__(self, channels: Mapping[str, Channel], posts: Posts) -> None:
        self._channels = channels
        self._posts = posts

    def status_after(self, where: ConversationRef) -> float:
        """Seconds after which this channel tells people that work is under way."""
        return self._channel(where).status_after

    async def show(
        self, tenant: str, where: ConversationRef, card: Card, *, key: str, topic: str = "", only_for: str = ""
    ) -> MessageRef:
        """Post or update. A message that is gone (deleted by somebody) is posted anew."""
        channel = self._channel(where)
        message = await self._standing(channel, tenant, where, key, topic)
        if message is not None:
            try:
                await channel.update(message, card)
                return message
            except ChannelRefused as gone:
                log.warning("card posted anew", extra={"key": key, "why": str(gone)})
        message = await channel.send(where, card, key=key, only_for=only_for)
        await self._posts.keep(tenant, key, message)
        return message

    async def converge(
        self,
        tenant: str,
        topic: str,
        card: Card | Callable[[ConversationRef], Card],
        only: ConversationRef | None = None,
    ) -> None:
        """Update every copy of a card; one that cannot be reached is logged and does not hold up the others.

        `card` may differ by the place in which a copy stands; with `only`, no other place is touched.
        """
        for message in await self._posts.about(tenant, topic):
            if only is not None and message.where.key != only.key:
                continue
            try:
                await self._channel(message.where).update(
                    message, card if isinstance(card, Card) else card(message.where)
                )
            except ChannelRefused as unreachable:
                log.warning("copy not updated", extra={"topic": topic, "why": str(unreachable)})

    async def join(self, tenant: str, key: str, topic: str) -> None:
        """Count a card that stands already among the copies of `topic`."""
        await self._posts.join(tenant, key, topic)

    async def shown_in(self, tenant: str, topic: str, where: ConversationRef) -> bool:
        """Whether a copy of `topic` stands in this place."""
        return any(message.where.key == where.key for message in await self._posts.about(tenant, topic))

    async def _standing(
        self, channel: Channel, tenant: str, where: ConversationRef, key: str, topic: str
    ) -> MessageRef | None:
        if await self._posts.reserve(tenant, key, topic):
            return None
        message = await self._posts.find(tenant, key)
        if message is None:
            message = await channel.find(where, key)
            if message is not None:
                await self._posts.keep(tenant, key, message)
        return message

    def _channel(self, where: ConversationRef) -> Channel:
        channel = self._channels.get(where.channel)
        if channel is None:
            raise ChannelRefused(f"The channel {where.channel!r} is not configured, so the card could not be shown.")
        return channel
