"""Equal work that is wanted several times at once is done once."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(slots=True)
class _Flight(Generic[V]):
    task: "asyncio.Task[V]"
    waiting: int = 0


class Flights(Generic[K, V]):
    """Work under way, by key. All who wait get its result or its error; nothing is kept after it ended.

    A waiter that is cancelled leaves the others waiting; when the last one leaves, the work is cancelled, and has ended
    before that waiter goes on.
    """

    def __init__(self) -> None:
        self._flights: dict[K, _Flight[V]] = {}

    def __len__(self) -> int:
        return len(self._flights)

    async def join(self, key: K, work: Callable[[], Awaitable[V]]) -> V:
        """The result of the work of this key, which is begun unless it is under way."""
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = _Flight(asyncio.ensure_future(_run(work)))
            flight.task.add_done_callback(partial(self._ended, key, flight))
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.task)
        except asyncio.CancelledError:
            if flight.waiting == 1 and not flight.task.done():
                self._forget(key, flight)
                flight.task.cancel()
                await asyncio.wait([flight.task])
            raise
        finally:
            flight.waiting -= 1

    def _ended(self, key: K, flight: _Flight[V], task: "asyncio.Task[V]") -> None:
        self._forget(key, flight)
        if not task.cancelled():
            task.exception()  # whoever waited has it; nobody is told when all have left

    def _forget(self, key: K, flight: _Flight[V]) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]


async def _run(work: Callable[[], Awaitable[V]]) -> V:
    return await work()
