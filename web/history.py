"""Past conversations for Chainlit, over the `WebStore`.

What Chainlit itself would write is ignored: questions are kept when they are accepted, cards when they are sent.
"""

from typing import cast

from chainlit.data.base import BaseDataLayer
from chainlit.element import Element, ElementDict
from chainlit.step import StepDict
from chainlit.types import Feedback, PageInfo, PaginatedResponse, Pagination, ThreadDict, ThreadFilter
from chainlit.user import PersistedUser, User

from conversation.codec import JsonObject
from conversation.errors import QuilluxError
from web import limits
from web.live import title, unanswered
from web.login import identifier, sender_of
from web.port import WebMessage, WebThread
from web.render import element, step
from web.services import services

_EPOCH = "1970-01-01T00:00:00Z"


class History(BaseDataLayer):
    """Chainlit's data layer. Chainlit compares `userIdentifier` and `get_thread_author` with who is signed in."""

    async def get_user(self, identifier: str) -> PersistedUser | None:
        """A signed-in person needs no row: who they are is decided by the directory."""
        return PersistedUser(id=identifier, createdAt=_EPOCH, identifier=identifier) if sender_of(identifier) else None

    async def create_user(self, user: User) -> PersistedUser | None:
        """The same; signing in writes nothing."""
        return await self.get_user(user.identifier)

    async def get_thread_author(self, thread_id: str) -> str:
        """The identifier of whom a conversation belongs to; empty for an unknown one."""
        thread = await services().store.find_thread(thread_id)
        return identifier(thread.owner) if thread else ""

    async def list_threads(self, pagination: Pagination, filters: ThreadFilter) -> PaginatedResponse[ThreadDict]:
        """A person's conversations, newest first."""
        sender = sender_of(filters.userId or "")
        count = max(1, min(pagination.first, 50))
        found: list[WebThread] = []
        if sender is not None:
            who = await services().directory.resolve(sender)
            found = list(
                await services().store.threads(
                    who.tenant, sender, search=filters.search or "", before=pagination.cursor or "", limit=count + 1
                )
            )
        shown = found[:count]
        page = PageInfo(
            hasNextPage=len(found) > count,
            startCursor=shown[0].id if shown else None,
            endCursor=shown[-1].id if shown else None,
        )
        return PaginatedResponse(pageInfo=page, data=[_thread(thread, []) for thread in shown])

    async def get_thread(self, thread_id: str) -> ThreadDict | None:
        """A conversation with its messages, so that its page can be drawn again."""
        thread = await services().store.find_thread(thread_id)
        if thread is None:
            return None
        messages = await services().store.messages(thread.tenant, thread.id, limit=limits.MESSAGES)
        return _thread(thread, list(messages))

    async def update_thread(
        self,
        thread_id: str,
        name: str | None = None,
        user_id: str | None = None,
        metadata: dict[str, object] | None = None,
        tags: list[str] | None = None,
    ) -> None:
        """Rename; or, where Chainlit gives `user_id`, make the conversation that it is about to list.

        Metadata is not kept: it is the page's session, and a way to mark a conversation as shared.
        """
        store, label = services().store, title(name or "")
        thread = await store.find_thread(thread_id)
        if not label or (thread is not None and user_id):
            return
        if thread is not None:
            await store.rename_thread(thread.tenant, thread_id, label)
            return
        sender = sender_of(user_id or "")
        if sender is not None:
            who = await services().directory.resolve(sender)
            await store.open_thread(who.tenant, sender, thread_id, label)

    async def delete_thread(self, thread_id: str) -> None:
        """Forget a conversation."""
        thread = await services().store.find_thread(thread_id)
        if thread is not None:
            await services().store.delete_thread(thread.tenant, thread_id)

    async def create_step(self, step_dict: StepDict) -> None:
        """Kept elsewhere."""

    async def update_step(self, step_dict: StepDict) -> None:
        """Kept elsewhere."""

    async def delete_step(self, step_id: str) -> None:
        """Nothing that a page says deletes a message."""

    async def create_element(self, element: Element) -> None:
        """Kept elsewhere."""

    async def get_element(self, thread_id: str, element_id: str) -> ElementDict | None:
        """Elements are made from cards and have no page of their own."""
        return None

    async def delete_element(self, element_id: str, thread_id: str | None = None) -> None:
        """Nothing that a page says deletes a card."""

    async def upsert_feedback(self, feedback: Feedback) -> str:
        """Feedback is a button on the card, so that it is the same in every channel."""
        raise QuilluxError("Feedback is given on the card.")

    async def delete_feedback(self, feedback_id: str) -> bool:
        """See `upsert_feedback`."""
        return False

    async def get_favorite_steps(self, user_id: str) -> list[StepDict]:
        """There are none."""
        return []

    async def build_debug_url(self) -> str:
        """There is none."""
        return ""

    async def close(self) -> None:
        """The store is closed by whoever built it."""


def _thread(thread: WebThread, messages: list[WebMessage]) -> ThreadDict:
    cards = [message for message in messages if message.card][-limits.CARDS :]
    state: JsonObject = {
        "seq": max((message.seq for message in messages), default=0),
        "unanswered": unanswered(messages),
    }
    return {
        "id": thread.id,
        "createdAt": thread.updated_at,
        "name": thread.name,
        "userId": identifier(thread.owner),
        "userIdentifier": identifier(thread.owner),
        "tags": [],
        "metadata": state,
        "steps": cast("list[StepDict]", [step(message, thread.owner.user) for message in messages]),
        "elements": cast("list[ElementDict]", [element(message) for message in cards]),
    }
