"""What people think of an answer."""

from typing import Literal, Protocol

Thumb = Literal["up", "down"]


class Feedback(Protocol):
    """Where feedback is kept; the latest word of a person on a run counts."""

    async def record(self, tenant: str, run: str, person: str, value: Thumb, reason: str) -> None:
        """Keep it."""
