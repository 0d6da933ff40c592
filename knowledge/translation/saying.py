"""Periods as people say them: “from 1 to 31 October 2026”, “in 2025”, “since 1 May 2026”."""

from datetime import date, timedelta

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def days(start: object, end: object) -> str:
    """The half-open period of two ISO days, either of which may be None."""
    first = date.fromisoformat(str(start)[:10]) if start else None
    last = date.fromisoformat(str(end)[:10]) - timedelta(days=1) if end else None
    if first and last:
        return _between(first, last)
    if first:
        return f"since {day(first)}"
    return f"before {day(last + timedelta(days=1))}" if last else "at any time"


def day(at: date) -> str:
    """“1 October 2026”."""
    return f"{at.day} {_MONTHS[at.month - 1]} {at.year}"


def _between(first: date, last: date) -> str:
    if first == last:
        return f"on {day(first)}"
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31):
        return f"in {first.year}" if first.year == last.year else f"from {first.year} to {last.year}"
    if (first.year, first.month) == (last.year, last.month):
        return f"from {first.day} to {day(last)}"
    short = f"{first.day} {_MONTHS[first.month - 1]}" if first.year == last.year else day(first)
    return f"from {short} to {day(last)}"
