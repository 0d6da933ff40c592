"""How much one person may ask, so that nobody is slowed by somebody else."""

from typing import Protocol

from conversation.errors import TooMuch
from conversation.principal import Principal


class Allowance(Protocol):
    """Counts questions of a person in the current minute."""

    async def take(self, who: Principal) -> bool:
        """Count one; False when this person's questions of this minute are used up."""


def spent() -> TooMuch:
    """What a person is told who asked more than may be asked."""
    return TooMuch(
        "You asked more questions in this minute than one person may.",
        unchanged="This one was not run.",
        next_step="Wait a minute, then ask it again.",
    )
