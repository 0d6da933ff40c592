"""What the browser channel needs of others: where its conversations are kept, and word of what changed in them.

The worker writes cards, the server shows them: both meet in the `WebStore`, so no process holds what another needs.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from conversation.card import Card, Progress, elements
from conversation.principal import ConversationRef, Principal, Sender

CHANNEL = "web"


@dataclass(frozen=True, slots=True)
class WebThread:
    """A conversation of one person. Times are ISO 8601 in UTC."""

    id: str
    tenant: str
    owner: Sender
    name: str
    created_at: str
    updated_at: str

    @property
    def where(self) -> ConversationRef:
        """The place to which cards of this conversation go."""
        return place(self.owner, self.id)


@dataclass(frozen=True, slots=True)
class WebMessage:
    """What a person said (`card` is None) or what was shown to them. `seq` grows with each change in the tenant."""

    id: str
    tenant: str
    thread: str
    text: str
    card: Card | None
    seq: int
    created_at: str

    @property
    def settled(self) -> bool:
        """Whether this card is an outcome, so nothing is under way for it."""
        return self.card is not None and not any(isinstance(element, Progress) for element in elements(self.card))


class WebStore(Protocol):
    """Conversations of the browser. Every look-up but `find_thread` is bound to a tenant."""

    async def open_thread(self, tenant: str, owner: Sender, id: str, name: str) -> WebThread:
        """The conversation, made if it is new. Raises NotAllowed when the id is somebody else's."""

    async def find_thread(self, id: str) -> WebThread | None:
        """A conversation by its unguessable id; whoever shows it checks the owner."""

    async def threads(
        self, tenant: str, owner: Sender, *, search: str = "", before: str = "", limit: int = 20
    ) -> Sequence[WebThread]:
        """A person's conversations, newest first; `before` is the id of the last one seen."""

    async def rename_thread(self, tenant: str, id: str, name: str) -> None:
        """Give a conversation another name."""

    async def delete_thread(self, tenant: str, id: str) -> None:
        """Forget a conversation and all its messages."""

    async def say(self, thread: WebThread, id: str, text: str) -> bool:
        """Keep a person's words; False when a message of this id stands already."""

    async def put(self, thread: WebThread, key: str, card: Card) -> WebMessage:
        """Keep a card under its key: inserted the first time, replaced in place ever after."""

    async def replace(self, id: str, card: Card) -> bool:
        """Replace a card by its message id; False when it is gone."""

    async def message(self, tenant: str, id: str) -> WebMessage | None:
        """One message."""

    async def posted(self, thread: str, key: str) -> str:
        """The id of the message under this key, or empty."""

    async def messages(self, tenant: str, thread: str, *, after: int = 0, limit: int = 400) -> Sequence[WebMessage]:
        """The newest messages of a conversation that changed after `after`, oldest first."""

    async def changes(self, tenant: str, after: int, limit: int = 500) -> Sequence[WebMessage]:
        """Messages of a tenant that are new or changed since, in order of `seq`."""

    async def latest(self, tenant: str) -> int:
        """The `seq` of the tenant's last change."""


class Feed(Protocol):
    """Word of what changes in a conversation, while somebody looks at it."""

    def follow(
        self, tenant: str, thread: str, after: int
    ) -> AbstractAsyncContextManager[AsyncIterator[WebMessage | None]]:
        """New and changed messages from `after` on; None now and then, so that a follower can see whether to go on."""

    def hurry(self) -> AbstractAsyncContextManager[None]:
        """Look more often while somebody waits for an answer."""


Authenticate: TypeAlias = Callable[[str, str], Awaitable[Sender | None]]
"""The person behind a name and a password; None when they do not belong together."""

Suggest: TypeAlias = Callable[[Principal], Awaitable[Sequence[str]]]
"""Questions that this person could start with."""


def place(owner: Sender, thread: str) -> ConversationRef:
    """A person's conversation in the browser: nobody else reads it."""
    return ConversationRef(CHANNEL, owner.workspace, owner.user, thread, personal=True)
