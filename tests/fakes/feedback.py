"""Feedback, kept in memory."""

from conversation.feedback import Thumb


class MemoryFeedback:
    """The twin of the stored feedback: the latest word of a person on a run."""

    def __init__(self) -> None:
        self.all: dict[tuple[str, str, str], tuple[Thumb, str]] = {}

    async def record(self, tenant: str, run: str, person: str, value: Thumb, reason: str) -> None:
        """Keep it."""
        self.all[tenant, run, person] = (value, reason)
