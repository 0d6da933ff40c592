"""Calls of a database library that block: run in threads, interrupted when the task that waits is cancelled."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from math import inf
from time import monotonic
from typing import Any, TypeVar

from knowledge.sources.meter import Meter

T = TypeVar("T")


async def interruptible(
    threads: Executor, work: Callable[[], T], interrupt: Callable[[], None], patience: float = inf
) -> T:
    """The result of `work`; a cancelled task interrupts it and waits until it has really ended, or `patience` seconds.

    The interrupt is repeated, because one that comes before the statement starts has no effect.
    """
    future = asyncio.get_running_loop().run_in_executor(threads, work)
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        until = monotonic() + patience
        while not future.done() and monotonic() < until:
            interrupt()
            await asyncio.wait([future], timeout=0.01)
        future.add_done_callback(_heard)
        raise


def _heard(future: "asyncio.Future[Any]") -> None:
    """What an interrupted call raises is expected."""
    if not future.cancelled():
        future.exception()


async def metered(
    meter: Meter, threads: Executor, work: Callable[[], T], interrupt: Callable[[], None], patience: float = inf
) -> T:
    """`interruptible` within the seconds that are left. Raises TooMuch when they run out."""
    meter.start()
    try:
        async with asyncio.timeout(meter.remaining):
            return await interruptible(threads, work, interrupt, patience)
    except TimeoutError:
        raise meter.late() from None
    finally:
        meter.stop()
