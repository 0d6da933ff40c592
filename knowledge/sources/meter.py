"""Counts what a query returns, and stops it at its limits with words that help."""

from time import monotonic

import pyarrow as pa

from knowledge.errors import TooMuch
from knowledge.sources.port import Limits

SMALLER = "Ask for fewer rows, for instance with a filter, a total or a top 10."


class Meter:
    """One query's use of its limits. Time runs only while the source works, not while the rows are handled."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._spent = 0.0
        self._rows = 0
        self._bytes = 0
        self._since = 0.0

    @property
    def remaining(self) -> float:
        """Seconds left."""
        return max(self._limits.seconds - self._spent, 0.001)

    def start(self) -> None:
        """The source works from now on."""
        self._since = monotonic()

    def stop(self) -> None:
        """The source has handed over."""
        self._spent += monotonic() - self._since

    def add(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Count a batch and give it back; raises TooMuch when it passes a limit."""
        self._rows += batch.num_rows
        self._bytes += batch.nbytes
        if self._rows > self._limits.rows:
            raise TooMuch(f"The answer has more than {self._limits.rows:,} rows.", next_step=SMALLER)
        self.weigh(0)
        return batch

    def weigh(self, size: int) -> None:
        """Raise TooMuch when so many bytes more would pass the limit."""
        if self._bytes + size > self._limits.bytes:
            raise TooMuch(f"The answer is larger than {_size(self._limits.bytes)}.", next_step=SMALLER)

    def late(self) -> TooMuch:
        """The error for a query that took too long."""
        return TooMuch(
            f"The query took longer than {self._limits.seconds:g} seconds and was stopped.",
            next_step="Ask for a shorter time or a smaller part of the data.",
        )


def _size(size: int) -> str:
    return f"{size / 1024 / 1024:,.0f} MB" if size >= 1024 * 1024 else f"{size:,} bytes"
