"""Leaves a source alone that could not be reached again and again, and gives it no more than it can take."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from knowledge.errors import KnowledgeError, SourceUnavailable


@dataclass(frozen=True, slots=True)
class Bounds:
    """`failures` in a row open the breaker for `seconds`, twice as long after each probe that fails, `most_seconds` at
    most. `at_once` queries run at a time, `waiting` more may wait for `patience` seconds.
    """

    failures: int = 5
    seconds: float = 5.0
    most_seconds: float = 300.0
    at_once: int = 16
    waiting: int = 64
    patience: float = 30.0


class Breaker:
    """Closed, open, or half-open with one probe under way; of one source, in one process.

    Only what could not be reached counts as a failure; a query that the source refused, or that was too much, reached
    it; one that was cancelled says nothing.
    """

    def __init__(self, name: str, bounds: Bounds, clock: Callable[[], float] = time.monotonic) -> None:
        self._name = name
        self._bounds = bounds
        self._clock = clock
        self._failures = 0
        self._rest = bounds.seconds
        self._failing_since = 0.0
        self._closed_again = 0.0
        self._probing = False

    @property
    def open(self) -> bool:
        """Whether the source is left alone now."""
        return self._failures >= self._bounds.failures

    @asynccontextmanager
    async def attempt(self) -> AsyncIterator[None]:
        """Around whatever reaches for the source. Raises SourceUnavailable, at once while the breaker is open."""
        self.admit()
        probe = self._probing = self.open
        try:
            async with self.watch():
                yield
        finally:
            if probe:
                self._probing = False

    @asynccontextmanager
    async def watch(self) -> AsyncIterator[None]:
        """Around the rest of something that was attempted: failures count, and it goes on though the breaker opened."""
        try:
            yield
        except SourceUnavailable:
            self._failed()
            raise
        except (TimeoutError, ConnectionError) as away:
            self._failed()
            raise self._away(away) from away
        except KnowledgeError:
            self._reached()
            raise
        else:
            self._reached()

    def admit(self) -> None:
        """Raises SourceUnavailable while the breaker is open, but for one probe when the rest is over."""
        now = self._clock()
        if not self.open or (now >= self._closed_again and not self._probing):
            return
        wait = "it is being tried now" if self._probing else f"it is tried again in {_long(self._closed_again - now)}"
        raise SourceUnavailable(
            f"The source “{self._name}” could not be reached for {_long(now - self._failing_since)}; {wait}.",
            next_step="Ask again then, or look at it with `quillux source test`.",
        )

    def _reached(self) -> None:
        self._failures = 0
        self._rest = self._bounds.seconds

    def _failed(self) -> None:
        now = self._clock()
        if self._failures == 0:
            self._failing_since = now
        if self._probing and self.open:
            self._rest = min(2 * self._rest, self._bounds.most_seconds)
        self._failures += 1
        self._closed_again = now + self._rest

    def _away(self, why: Exception) -> SourceUnavailable:
        what = "did not answer in time" if isinstance(why, TimeoutError) else "closed the connection"
        return SourceUnavailable(
            f"The source “{self._name}” {what}.", next_step="Look at it with `quillux source test`."
        )


class Bulkhead:
    """So many at once, so many in a queue that is served in order; further ones are turned away."""

    def __init__(self, name: str, bounds: Bounds) -> None:
        self._name = name
        self._bounds = bounds
        self._places = asyncio.Semaphore(bounds.at_once)
        self._waiting = 0

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """A place for one query. Raises SourceUnavailable when the queue is full, or moves too slowly."""
        if self._places.locked() and self._waiting >= self._bounds.waiting:
            raise self._busy(f"{self._bounds.at_once} queries run and {self._waiting} wait")
        self._waiting += 1
        try:
            async with asyncio.timeout(self._bounds.patience):
                await self._places.acquire()
        except TimeoutError:
            raise self._busy(f"there was no place for a query within {self._bounds.patience:g} seconds") from None
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._places.release()

    def _busy(self, why: str) -> SourceUnavailable:
        return SourceUnavailable(
            f"The source “{self._name}” is busy: {why}.",
            unchanged="The query was not run.",
            next_step="Ask again in a moment.",
        )


def _long(seconds: float) -> str:
    if seconds < 100:
        return f"{max(round(seconds), 1)} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{round(minutes / 60)} h"
