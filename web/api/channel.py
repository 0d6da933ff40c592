"""The API as a channel: its cards are fetched, not pushed, so posting one has nothing to do."""

from conversation.card import Card
from conversation.channel import MessageRef
from conversation.principal import ConversationRef
from web.api.identity import CHANNEL


class ApiChannel:
    """A channel without a screen: the card in the stored run is the truth, and every client reads that.

    `status_after` is 0: a client that watches a run sees at once that work began.
    """

    name = CHANNEL
    status_after = 0.0

    async def send(self, where: ConversationRef, card: Card, *, key: str, only_for: str = "") -> MessageRef:  # noqa: ARG002
        """Name the post by its key; nothing is sent."""
        return MessageRef(where, key)

    async def update(self, message: MessageRef, card: Card) -> None:
        """Nothing stands anywhere that could be replaced."""

    async def find(self, where: ConversationRef, key: str) -> MessageRef | None:
        """Every post is found, since making it again would do nothing."""
        return MessageRef(where, key)
