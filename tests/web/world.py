"""Twins of what a page meets: a screen that remembers, a store in memory, a feed that hands on at once."""

import asyncio
import sqlite3
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from conversation.activity import Activity
from conversation.principal import Principal, Sender
from infra.store.web import SqlWebStore
from tests.fakes.directory import MemoryDirectory
from web.channel import WebChannel
from web.feed import PollingFeed
from web.live import Page
from web.port import WebMessage
from web.services import Services

ANN = Sender("web", "acme", "ann", "Ann")


class MemoryScreen:
    """What a browser was sent, in order."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, object]]] = []
        self.connection = "socket-1"
        self._more = asyncio.Event()

    async def emit(self, event: str, data: object) -> None:
        """Remember an event."""
        assert isinstance(data, dict)
        self.events.append((event, data))
        self._more.set()

    def socket(self) -> str:
        """Which connection this is."""
        return self.connection

    async def until(self, event: str, count: int = 1) -> list[dict[str, object]]:
        """Wait until an event was sent so often."""
        async with asyncio.timeout(5):
            while True:
                found = [data for name, data in self.events if name == event]
                if len(found) >= count:
                    return found
                self._more.clear()
                await self._more.wait()


class FailingStore(SqlWebStore):
    """A store whose database can't be read the first times that somebody looks for changes."""

    def __init__(self, store: SqlWebStore, *, times: int) -> None:
        super().__init__(store._engine)
        self._times = times

    async def changes(self, tenant: str, after: int, limit: int = 500) -> Sequence[WebMessage]:
        """Changes, once the database is back."""
        if self._times > 0:
            self._times -= 1
            raise sqlite3.OperationalError("disk I/O error")
        return await super().changes(tenant, after, limit)


class World:
    """A page over a real store, and a core that only remembers what it accepted."""

    def __init__(self, store: SqlWebStore) -> None:
        self.accepted: list[Activity] = []
        self.store = store
        directory = MemoryDirectory({"ann": Principal("ann", "acme", "Ann"), "bob": Principal("bob", "acme", "Bob")})
        self.channel = WebChannel(store, directory)
        self.feed = PollingFeed(store)
        self.services = Services(self._accept, directory, self._nobody, store, self.feed, self._nothing)
        self.screen = MemoryScreen()
        self.thread = str(uuid.uuid4())
        self.taken = asyncio.Event()
        self.breaks: Exception | None = None

    def page(self, owner: Sender = ANN) -> Page:
        """A tab that shows the conversation."""
        return Page(self.services, self.screen, owner, self.thread)

    async def _accept(self, activity: Activity) -> bool:
        if self.breaks is not None:
            raise self.breaks
        fresh = activity.id not in {known.id for known in self.accepted}
        if fresh:
            self.accepted.append(activity)
        self.taken.set()
        return fresh

    async def _nobody(self, _name: str, _password: str) -> Sender | None:
        return None

    async def _nothing(self, _who: Principal) -> Sequence[str]:
        return ()


@asynccontextmanager
async def asking(page: Page, world: World, text: str, id: str = "") -> AsyncIterator[str]:
    """Ask, and leave only after the page has seen its answer; gives the run."""
    id = id or str(uuid.uuid4())
    task = asyncio.create_task(page.ask(id, text))
    async with asyncio.timeout(5):
        await world.taken.wait()
        yield f"web:{world.thread}:{id}"
        await task
