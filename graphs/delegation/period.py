"""Until when: “Friday”, “2026-11-28”, “28 November”, “the end of the month”, “3 days”, with or without a time."""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NUMBERS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "ten": 10}
_SPAN = re.compile(r"(?P<n>\d{1,3}|" + "|".join(_NUMBERS) + r")\s+(?P<unit>hour|day|week|month)s?")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.?(\d{4})?")
_DAY_FIRST = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?\s+(?:of\s+)?([a-z]{3,9})\.?(?:,?\s+(\d{4}))?")
_MONTH_FIRST = re.compile(r"([a-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?(?:,?\s+(\d{4}))?")
_WEEKDAY = re.compile(r"(next\s+)?(" + "|".join(_DAYS) + ")")
_TIME = re.compile(r"[\s,]*(?:\bat\s+)?(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)$|[\s,]*(?:\bat\s+)?(?P<noon>noon)$")


def end_of(words: str, now: datetime, zone: tzinfo) -> datetime | None:
    """The moment at which what is said to last until `words` is over: a day counts in full. None for other words."""
    words = " ".join(words.casefold().split()).strip(" .,!")
    local = now.astimezone(zone)
    if span := _SPAN.fullmatch(words):
        return _span(span, local)
    at = _TIME.search(words)
    day = _day(words[: at.start()].strip(" ,") if at else words, local.date(), at is not None)
    if day is None:
        return None
    if at is None:
        return datetime.combine(day + timedelta(days=1), time(), tzinfo=zone)
    clock = time(12) if at["noon"] else time(int(at["hour"]), int(at["minute"]))
    return datetime.combine(day, clock, tzinfo=zone)


def _span(span: re.Match[str], local: datetime) -> datetime:
    """So long from now, by the clock on the wall."""
    number = int(span["n"]) if span["n"].isdigit() else _NUMBERS[span["n"]]
    if span["unit"] == "hour":
        return (local.astimezone(UTC) + timedelta(hours=number)).astimezone(local.tzinfo)
    return local + timedelta(days=number * {"day": 1, "week": 7, "month": 30}[span["unit"]])


def _day(words: str, today: date, timed: bool) -> date | None:
    words = words.removeprefix("the ")
    if (timed and not words) or words in ("today", "tonight", "the end of the day", "end of the day"):
        return today
    if words == "tomorrow":
        return today + timedelta(days=1)
    if words in ("end of the week", "end of week"):
        return today + timedelta(days=6 - today.weekday())
    if words in ("end of the month", "end of month"):
        return (today.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    if named := _WEEKDAY.fullmatch(words):
        return _weekday(_DAYS.index(named[2]), today, next_week=bool(named[1]))
    return _dated(words, today)


def _weekday(day: int, today: date, *, next_week: bool) -> date:
    """The next such day after today; with `next_week` that of the week that begins on Monday."""
    if next_week:
        return today + timedelta(days=7 - today.weekday() + day)
    return today + timedelta(days=(day - today.weekday() - 1) % 7 + 1)


def _dated(words: str, today: date) -> date | None:
    """A date; without a year the next one to come."""
    if found := _ISO.fullmatch(words):
        return _made(int(found[1]), int(found[2]), int(found[3]))
    if found := _DOTTED.fullmatch(words):
        return _coming(found[3], int(found[2]), int(found[1]), today)
    if found := _DAY_FIRST.fullmatch(words):
        return _coming(found[3], _month(found[2]), int(found[1]), today)
    if found := _MONTH_FIRST.fullmatch(words):
        return _coming(found[3], _month(found[1]), int(found[2]), today)
    return None


def _month(name: str) -> int:
    return _MONTHS.index(name[:3]) + 1 if name[:3] in _MONTHS else 0


def _coming(year: str | None, month: int, day: int, today: date) -> date | None:
    if year:
        return _made(int(year), month, day)
    this = _made(today.year, month, day)
    return this if this is None or this >= today else _made(today.year + 1, month, day)


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
