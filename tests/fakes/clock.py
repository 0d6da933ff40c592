"""A clock that is set by hand, also backwards."""

from datetime import datetime, timedelta


class MemoryClock:
    """The twin of the machine's clock."""

    def __init__(self, at: str) -> None:
        self.at = datetime.fromisoformat(at)

    def now(self) -> str:
        """The present moment in ISO 8601."""
        return self.at.isoformat()

    def forward(self, **much: float) -> None:
        """Go on by so many days, hours, minutes or seconds; backwards where they are negative."""
        self.at += timedelta(**much)
