"""How long an API is waited for: retries, Retry-After, and a limit on requests a second."""

import random
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic, sleep

FIRST_WAIT = 0.25


class Patience:
    """Waits, by a clock that a test may bring."""

    def __init__(
        self,
        *,
        wait: Callable[[float], None] = sleep,
        clock: Callable[[], float] = monotonic,
        today: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._wait = wait
        self._clock = clock
        self._today = today
        self._guard = threading.Lock()
        self._next = 0.0

    @property
    def now(self) -> float:
        """Seconds of a clock that only goes forward."""
        return self._clock()

    def pause(self, seconds: float) -> None:
        """Wait so long."""
        if seconds > 0:
            self._wait(seconds)

    def turn(self, rate: float) -> None:
        """Wait until the next request is due at so many a second; 0 is never."""
        if not rate:
            return
        with self._guard:
            due = max(self._next, self._clock())
            self._next = due + 1 / rate
        self.pause(due - self._clock())

    def asked_to_wait(self, header: str) -> float | None:
        """Seconds of a Retry-After header, given as a number or as a date; None where it says nothing."""
        text = header.strip()
        if text.isascii() and text.isdigit():
            return float(text[:9])
        try:
            moment = parsedate_to_datetime(text)
        except (TypeError, ValueError, IndexError):
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return max((moment - self._today()).total_seconds(), 0.0)

    def backoff(self, attempt: int) -> float:
        """Seconds before the next attempt where nobody says: doubled each time, and never all at once."""
        return float(FIRST_WAIT * 2**attempt * random.uniform(0.5, 1.0))  # noqa: S311  no secret
