"""Calls of a database library that block: run in threads, interrupted when the task that waits is cancelled."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar

from knowledge.sources.meter import Meter

T = TypeVar("T")


async def interruptible(threads: Executor, work: Callable[[], T], interrupt: Callable[[], None]) -> T:
    """The result of `work`; a cancelled task interrupts it and waits until it has really ended.

    The interrupt is repeated, because one that comes before the statement starts has no effect.
    """
    future = asyncio.get_running_loop().run_in_executor(threads, work)
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        while not future.done():
            interrupt()
            await asyncio.wait([future], timeout=0.01)
        if not future.cancelled():
            future.exception()
        raise


async def metered(meter: Meter, threads: Executor, work: Callable[[], T], interrupt: Callable[[], None]) -> T:
    """`interruptible` within the seconds that are left. Raises TooMuch when they run out."""
    meter.start()
    try:
        async with asyncio.timeout(meter.remaining):
            return await interruptible(threads, work, interrupt)
    except TimeoutError:
        raise meter.late() from None
    finally:
        meter.stop()
