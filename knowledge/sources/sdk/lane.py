"""One connection to a database, in a thread of its own; the thread can be left when the driver does not let go."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import Any, TypeVar

import sqlalchemy as sa

from knowledge.sources.meter import Meter
from knowledge.sources.sdk.leave import Worker, forget
from knowledge.sources.sdk.speech import Cancel

GRACE = 0.7
"""Seconds for which a stopped statement may still block; then its connection and thread are left behind."""
AGAIN = 0.05

T = TypeVar("T")


class Lane:
    """Work on one connection, a call at a time. `usable` is False once a call was stopped."""

    def __init__(self, cancel: Cancel) -> None:
        self._cancel = cancel
        self._worker = Worker("quillux-lane")
        self._connection: sa.Connection | None = None
        self._cursor: Any = None
        self.usable = True
        self.since = 0.0
        """When it was used last."""

    async def open(self, connect: Callable[[], sa.Connection], seconds: float) -> None:
        """Connect. Raises what the driver raises, and TimeoutError."""

        def work() -> None:
            self._connection = connect()
            sa.event.listen(self._connection, "before_cursor_execute", self._remember)

        async with asyncio.timeout(seconds):
            await self.call(work)

    @property
    def connection(self) -> sa.Connection:
        """The open connection."""
        if self._connection is None:
            raise ConnectionError("there is no connection")
        return self._connection

    async def metered(self, meter: Meter, work: Callable[[], T]) -> T:
        """The result of `work` within the seconds that are left. Raises TooMuch when they run out."""
        meter.start()
        try:
            async with asyncio.timeout(meter.remaining):
                return await self.call(work)
        except TimeoutError:
            if self.usable:  # the driver's own
                raise
            raise meter.late() from None
        finally:
            meter.stop()

    async def call(self, work: Callable[[], T]) -> T:
        """The result of `work`, in the lane's thread; a cancelled task stops it in the database."""
        future = asyncio.wrap_future(self._worker.submit(work))
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            self.usable = False
            forget(future)
            await self._stopped(future)
            raise

    def close(self, *, unread: bool = False) -> None:
        """Close the connection, as soon as the thread is free; a statement whose rows are unread is stopped before."""
        self.usable = False
        if unread:
            self._worker.submit(self._interrupt)
        self._worker.submit(self._end)
        self._worker.close()

    async def _stopped(self, future: "asyncio.Future[Any]") -> None:
        """Cancel until the call ends or the grace is over: a cancel that comes before the statement has no effect."""
        for _ in range(round(GRACE / AGAIN)):
            if future.done():
                return
            Thread(target=self._interrupt, name="quillux-cancel", daemon=True).start()
            await asyncio.wait([future], timeout=AGAIN)

    def _interrupt(self) -> None:
        """In a thread of its own, since some drivers ask the server to cancel; what they say to that has no use."""
        with suppress(Exception):
            if self._connection is not None:
                self._cancel(self._connection.connection.driver_connection, self._cursor)

    def _end(self) -> None:
        """Close for good: a connection whose statement was stopped must not go back into a pool."""
        with suppress(Exception):
            if self._connection is not None:
                self._connection.invalidate()
                self._connection.close()

    def _remember(self, _connection: object, cursor: object, *_: object) -> None:
        self._cursor = cursor
