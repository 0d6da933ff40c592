"""Who a sender is, and where people can be reached."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeAlias

from conversation.activity import Activity
from conversation.principal import ConversationRef, Principal, Sender

Accept: TypeAlias = Callable[[Activity], Awaitable[bool]]
"""Take an activity durably under its own id, then return: False when the id was taken before. Does nothing slow."""


class Directory(Protocol):
    """People, resolved from what a channel says of them."""

    async def resolve(self, sender: Sender) -> Principal:
        """Who this is. Raises NotAllowed for somebody who has no access."""

    async def met(self, who: Principal, where: ConversationRef) -> None:
        """Remember a place in which a person can be reached alone."""

    async def reach(self, tenant: str, roles: Sequence[str]) -> Sequence[tuple[Principal, ConversationRef]]:
        """People with one of the roles and the latest place in which each can be reached."""
