"""Which cards were posted, kept in memory."""

from collections.abc import Sequence

from conversation.channel import MessageRef
from conversation.principal import ConversationRef


class MemoryPosts:
    """The twin of the stored posts."""

    def __init__(self) -> None:
        self._topics: dict[tuple[str, str], str] = {}
        self._messages: dict[tuple[str, str], MessageRef] = {}

    async def reserve(self, tenant: str, key: str, topic: str = "") -> bool:
        """Note that a post is about to be made; False when it was noted before."""
        if (tenant, key) in self._topics:
            return False
        self._topics[tenant, key] = topic
        return True

    async def join(self, tenant: str, key: str, topic: str) -> None:
        """Move the post of this key to another topic."""
        self._topics[tenant, key] = topic

    async def find(self, tenant: str, key: str) -> MessageRef | None:
        """The message that was posted under this key."""
        return self._messages.get((tenant, key))

    async def keep(self, tenant: str, key: str, message: MessageRef) -> None:
        """Remember the message of a reserved key; a later one replaces it."""
        self._messages[tenant, key] = message

    async def about(self, tenant: str, topic: str) -> Sequence[MessageRef]:
        """Every copy of a card."""
        keys = [key for key, about in self._topics.items() if key[0] == tenant and topic and about == topic]
        return [self._messages[key] for key in keys if key in self._messages]

    async def known(self, where: ConversationRef) -> bool:
        """Whether a card was ever posted in this place."""
        return any(message.where.key == where.key for message in self._messages.values())
