"""Times in words: for how long something waits, and when it is due."""

from datetime import UTC, datetime, tzinfo

MINUTE, HOUR, DAY = 60, 3600, 86_400
_LONG_AGO = 14 * DAY
_SOON = 6
"""Days ahead for which the name of the day says enough."""


def waited(since: str, now: str, zone: tzinfo = UTC) -> str:
    """For how long: “since 2 hours”, “since 3 November” after two weeks; empty for what is no time."""
    then, present = _read(since), _read(now)
    if then is None or present is None:
        return ""
    seconds = (present - then).total_seconds()
    if seconds < MINUTE:
        return "since just now"
    if seconds >= _LONG_AGO:
        return f"since {_date(then, present, zone)}"
    return f"since {_span(seconds)}"


def due(at: str, now: str, zone: tzinfo = UTC) -> str:
    """When it is due: “due tomorrow 17:00”, “overdue since 3 hours”; empty where it never is."""
    then, present = _read(at), _read(now)
    if then is None or present is None:
        return ""
    late = (present - then).total_seconds()
    if late >= 0:
        return f"overdue since {_span(late)}" if late >= MINUTE else "due now"
    clock = f"{then.astimezone(zone):%H:%M}" + (" UTC" if zone is UTC else "")
    days = (then.astimezone(zone).date() - present.astimezone(zone).date()).days
    match days:
        case 0:
            return f"due today {clock}"
        case 1:
            return f"due tomorrow {clock}"
        case _ if days <= _SOON:
            return f"due {then.astimezone(zone):%A} {clock}"
    return f"due {_date(then, present, zone)}"


def _span(seconds: float) -> str:
    for size, name in ((DAY, "day"), (HOUR, "hour")):
        if seconds >= size:
            return _count(int(seconds // size), name)
    return _count(int(seconds // MINUTE), "minute")


def _count(number: int, name: str) -> str:
    return f"{number} {name}" if number == 1 else f"{number} {name}s"


def _date(then: datetime, present: datetime, zone: tzinfo) -> str:
    day = then.astimezone(zone)
    year = f" {day.year}" if day.year != present.astimezone(zone).year else ""
    return f"{day.day} {day:%B}{year}"


def _read(text: str) -> datetime | None:
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)
