"""Word of changes by looking into the store: one look for all open pages of a process, often while somebody waits."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from conversation.errors import OperatorError
from web.faults import guarded
from web.port import WebMessage, WebStore

FAST = 0.015
WAITING = 0.25
IDLE = 1.0
BREATH = 5.0
"""Seconds between looks just after a question, while a run is open, and otherwise; and between two `None`."""
RETRY = 0.5
"""Seconds after a look at which the store failed."""

T = TypeVar("T")


@dataclass(eq=False, slots=True)
class _Follower:
    tenant: str
    thread: str
    queue: asyncio.Queue[WebMessage] = field(default_factory=asyncio.Queue)
    seen: dict[str, int] = field(default_factory=dict)

    def tell(self, message: WebMessage) -> None:
        if message.thread == self.thread and message.seq > self.seen.get(message.id, 0):
            self.seen[message.id] = message.seq
            self.queue.put_nowait(message)

    async def changes(self) -> AsyncIterator[WebMessage | None]:
        while True:
            try:
                yield await asyncio.wait_for(self.queue.get(), BREATH)
            except TimeoutError:
                yield None


class PollingFeed:
    """`web.port.Feed` by polling. It runs while somebody follows and costs one indexed query per tenant and look."""

    def __init__(self, store: WebStore) -> None:
        self._store = store
        self._followers: set[_Follower] = set()
        self._cursors: dict[str, int] = {}
        self._waiting = 0
        self._pause = FAST
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def follow(self, tenant: str, thread: str, after: int) -> AsyncIterator[AsyncIterator[WebMessage | None]]:
        """New and changed messages of a conversation from `after` on."""
        follower = _Follower(tenant, thread)
        if tenant not in self._cursors:
            self._cursors[tenant] = await _sure(partial(self._store.latest, tenant))
        self._followers.add(follower)
        try:
            for message in await _sure(partial(self._store.messages, tenant, thread, after=after)):
                follower.tell(message)
            self._start()
            yield follower.changes()
        finally:
            self._followers.discard(follower)

    @asynccontextmanager
    async def hurry(self) -> AsyncIterator[None]:
        """Look at once and then more often, until nobody waits."""
        self._waiting += 1
        self._pause = FAST
        self._wake.set()
        try:
            yield
        finally:
            self._waiting -= 1

    async def close(self) -> None:
        """Stop looking."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def _start(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._look())

    async def _look(self) -> None:
        while self._followers:
            found = 0
            for tenant in {follower.tenant for follower in self._followers}:
                found += await _sure(partial(self._tell, tenant))
            slowest = WAITING if self._waiting else IDLE
            self._pause = FAST if found else min(self._pause * 1.25, slowest)
            self._wake.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), self._pause)
        self._cursors.clear()

    async def _tell(self, tenant: str) -> int:
        changed = await self._store.changes(tenant, self._cursors[tenant])
        for message in changed:
            self._cursors[tenant] = message.seq
            for follower in self._followers:
                if follower.tenant == tenant:
                    follower.tell(message)
        return len(changed)


async def _sure(look: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """What the store says, however often it must be asked: a page that waits would never hear of its answer."""
    while True:
        try:
            return await guarded(look())
        except OperatorError:
            await asyncio.sleep(RETRY)
