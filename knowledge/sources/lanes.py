"""A few connections to one server: opened when needed, kept while they are of use, each used by one query at a time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Generic, Protocol, TypeVar

from knowledge.asker import Asker
from knowledge.errors import KnowledgeError
from knowledge.sources.meter import Meter
from knowledge.sources.threads import interruptible, metered

LANES = 4
PATIENCE = 0.9
"""Seconds that a stopped call is waited for; one that hangs on a dead line ends later, by itself."""

T = TypeVar("T")


class Lane(Protocol):
    """A connection. All its methods block but `stop`, which may be called from any thread, again and again."""

    @property
    def reusable(self) -> bool:
        """Whether the next query may use it: nothing left to read, not stopped, not told who asks for good."""

    def alive(self) -> bool:
        """Whether it still answers, with the state of its session as new."""

    def stop(self) -> None:
        """End what runs in the database, without waiting."""

    def close(self) -> None:
        """Close it, whatever state it is in, without waiting."""


L = TypeVar("L", bound=Lane)


class Lanes(Generic[L]):
    """At most four connections at once. `explain` turns the driver's `failures` into the errors of a source."""

    def __init__(
        self,
        name: str,
        connect: Callable[[Asker | None], Awaitable[L]],
        failures: tuple[type[Exception], ...],
        explain: Callable[[Exception, Meter | None], KnowledgeError],
    ) -> None:
        self._connect = connect
        self._failures = failures
        self._explain = explain
        self._threads = ThreadPoolExecutor(2 * LANES, thread_name_prefix=name)
        self._free = asyncio.Semaphore(LANES)
        self._idle: list[L] = []

    @asynccontextmanager
    async def lane(self, asker: Asker | None = None, *, own: bool = False) -> AsyncIterator[L]:
        """A connection that answers, `own` one that nobody has used or will use; what is left of a query is stopped."""
        async with self._free:
            lane = await (self._connect(asker) if own else self._answering())
            try:
                yield lane
            finally:
                if lane.reusable and not own:
                    self._idle.append(lane)
                else:
                    lane.stop()
                    lane.close()

    async def run(self, lane: L, work: Callable[[], T]) -> T:
        """The result of a blocking call; a cancelled task stops the query in the database."""
        try:
            return await interruptible(self._threads, work, lane.stop, PATIENCE)
        except self._failures as error:
            raise self._explain(error, None) from error

    async def timed(self, lane: L, meter: Meter, work: Callable[[], T]) -> T:
        """`run` within the limits of a query."""
        try:
            return await metered(meter, self._threads, work, lane.stop, PATIENCE)
        except self._failures as error:
            raise self._explain(error, meter) from error

    async def close(self) -> None:
        """Close idle connections and end the threads."""
        while self._idle:
            self._idle.pop().close()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _answering(self) -> L:
        while self._idle:
            lane = self._idle.pop()
            try:
                alive = await interruptible(self._threads, lane.alive, lane.stop, PATIENCE)
            except asyncio.CancelledError:
                lane.close()
                raise
            if alive:
                return lane
            lane.close()
        return await self._connect(None)
