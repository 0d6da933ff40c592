"""The port to a chat service, and the one way in which a card reaches people."""

import logging
from collections.abc import Mapping, Sequence
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
    """A chat service. What it cannot show is degraded inside `send` and `update`, never dropped."""

    name: str

    async def send(self, where: ConversationRef, card: Card, *, key: str, only_for: str = "") -> MessageRef:
        """Post a card. `key` names this post: a channel that can look its messages up posts each key once.

        `only_for` is the channel's user id of the only person who may see it (an ephemeral message where the service
        has them, otherwise a personal message). Raises ChannelRefused.
        """

    async def update(self, message: MessageRef, card: Card) -> None:
        """Replace a card in place. Raises ChannelRefused when the message is gone."""


class Posts(Protocol):
    """Which cards were posted, so that each is posted once and then updated in place."""

    async def find(self, key: str) -> MessageRef | None:
        """The message that was posted under this key."""

    async def keep(self, key: str, message: MessageRef, topic: str = "") -> None:
        """Remember a message; `topic` groups copies of one card (a gate's id)."""

    async def about(self, topic: str) -> Sequence[tuple[str, MessageRef]]:
        """Key and message of every copy of a card."""


class Delivery:
    """Shows a card under a key: sent the first time, updated ever after."""

    def __init__(self, channels: Mapping[str, Channel], posts: Posts) -> None:
        self._channels = channels
        self._posts = posts

    async def show(
        self, where: ConversationRef, card: Card, *, key: str, topic: str = "", only_for: str = ""
    ) -> MessageRef:
        """Post or update. A message that is gone (deleted by somebody) is posted anew."""
        channel = self._channels.get(where.channel)
        if channel is None:
            raise ChannelRefused(f"The channel {where.channel!r} is not configured, so the card could not be shown.")
        known = await self._posts.find(key)
        if known is not None:
            try:
                await channel.update(known, card)
                return known
            except ChannelRefused as gone:
                log.warning("card posted anew", extra={"key": key, "why": str(gone)})
        message = await channel.send(where, card, key=key, only_for=only_for)
        await self._posts.keep(key, message, topic)
        return message

    async def converge(self, topic: str, card: Card) -> None:
        """Update every copy of a card; one that cannot be reached is logged and does not hold up the others."""
        for key, message in await self._posts.about(topic):
            try:
                await self._channels[message.where.channel].update(message, card)
            except (ChannelRefused, KeyError) as unreachable:
                log.warning("copy not updated", extra={"key": key, "why": str(unreachable)})
