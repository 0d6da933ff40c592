"""Runs work while people see that it goes on and can stop it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

from conversation import notices
from conversation.channel import Delivery
from conversation.errors import QuilluxError, Stopped
from conversation.run import Answered, Outcome, Report, Run, Runs

log = logging.getLogger(__name__)

STOP_POLL = 0.25
"""Seconds between two looks at whether somebody pressed Stop."""
REPORT_PACE = 1.0
"""Least seconds between two updates of a card that shows progress."""


async def watched(
    run: Run, key: str, delivery: Delivery, runs: Runs, work: Callable[[Report], Coroutine[Any, Any, Outcome]]
) -> Outcome:
    """The outcome of `work`, which is cancelled when Stop is pressed.

    Raises Stopped, and the QuilluxErrors of `work`; a fault of ours becomes a failed outcome and a line in the log.
    """
    async with _shown(run, key, delivery) as report:
        task = asyncio.create_task(work(report))
        try:
            while not task.done():
                await asyncio.wait({task}, timeout=STOP_POLL)
                if not task.done() and await runs.stop_asked(run.id):
                    raise Stopped("You stopped this question.", next_step="Ask again whenever you like.")
            fault = task.exception()
            if fault is None or isinstance(fault, QuilluxError):
                return task.result()
            log.error("run failed", exc_info=fault, extra={"run": run.id})
            return Answered(notices.unexpected(run.id), state="failed")
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.wait({task})


@asynccontextmanager
async def _shown(run: Run, key: str, delivery: Delivery) -> AsyncIterator[Report]:
    """A status card under `key`, from `status_after` seconds on until the block ends."""
    latest = ("Looking at your data", 0, 0)
    posting = asyncio.Lock()

    def report(label: str, done: int = 0, total: int = 0) -> None:
        nonlocal latest
        latest = (label, done, total)

    async def show() -> None:
        shown = None
        await asyncio.sleep(delivery.status_after(run.where))
        while True:
            if latest != shown:
                shown = latest
                async with posting:
                    card = notices.working(run, *latest)
                    await delivery.show(run.tenant, run.where, card, key=key)
            await asyncio.sleep(REPORT_PACE)

    shower = asyncio.create_task(show())
    try:
        yield report
    finally:
        # A post in flight is waited for: cut off, its message would stand unrecorded beside the answer.
        async with posting:
            shower.cancel()
        await asyncio.wait({shower})
