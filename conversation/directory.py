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

    async def reach(
        self, tenant: str, roles: Sequence[str], *, groups: Sequence[str] = (), users: Sequence[str] = ()
    ) -> Sequence[tuple[Principal, ConversationRef]]:
        """People with one of the roles, groups or ids and the latest place in which each can be reached."""

    async def person(self, tenant: str, id: str) -> Principal | None:
        """Somebody with the rights that they have now; None for somebody who has no access, or was never met."""

    async def named(self, tenant: str, words: str) -> Sequence[Principal]:
        """Who may be meant by an id, a name or a channel's user id; nobody, one, or several to choose from."""
