"""Leaves a model alone for a while that failed again and again, so that nobody waits for it with each question."""

import asyncio
import time
from collections.abc import Callable

from knowledge.translation.assisted import Complete, ModelFailed, Prompt, Reply

MOST_FAILURES = 3
"""In a row; then the model rests."""
REST = 60.0
"""Seconds; after them one failure more is enough for the next rest."""


class Breaker:
    """`Complete` around another. It also waits for as long as the service asks.

    A call cancelled after nearly `seconds` failed; one cancelled earlier was stopped.
    """

    def __init__(self, complete: Complete, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._complete = complete
        self._slow = 0.9 * seconds
        self._clock = clock
        self._failures = 0
        self._resting_until = 0.0
        self._asked_to_wait_until = 0.0

    async def __call__(self, prompt: Prompt) -> Reply:
        """The reply. Raises ModelFailed, at once while the model rests."""
        began = self._clock()
        if began < self._asked_to_wait_until:
            raise ModelFailed("its service is asked too often")
        if self._failures >= MOST_FAILURES and began < self._resting_until:
            raise ModelFailed("its service failed several times, and is tried again in a minute")
        try:
            reply = await self._complete(prompt)
        except (ModelFailed, asyncio.CancelledError) as failed:
            ended = self._clock()
            if isinstance(failed, ModelFailed) or ended - began >= self._slow:
                self._failures += 1
                self._resting_until = ended + REST
            if isinstance(failed, ModelFailed):
                self._asked_to_wait_until = max(self._asked_to_wait_until, ended + failed.after)
            raise
        self._failures = 0
        return reply
