"""Expressions of time to half-open periods: “last month”, “Q2 2025”, “since May”, “between March and June 2025”."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from knowledge.translation.lexicon import Lexicon
from knowledge.translation.words import Token

_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})|(\d{1,2})/(\d{1,2})/(\d{4})")
_QUARTER = re.compile(r"q([1-4])")


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `start` up to but not including `end`; None is open. `grain` is the unit the words spoke in.

    “last 12 months” runs up to today; `whole` are its complete units, which a table by month shows. `back` is set for
    the unit before: “last year”, “the month before”; `same` for “the same month last year”, whose unit is `grain`.
    """

    start: date | None
    end: date | None
    grain: str
    text: str
    whole: tuple[date, date] | None = None
    back: bool = False
    same: bool = False


def month_start(year: int, month: int) -> date:
    """The first of a month; months outside 1..12 run over into other years."""
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)


def unit_start(day: date, unit: str, shift: int = 0) -> date:
    """The first day of the unit that holds `day`, moved by whole units."""
    match unit:
        case "year":
            return date(day.year + shift, 1, 1)
        case "quarter":
            return month_start(day.year, (day.month - 1) // 3 * 3 + 1 + 3 * shift)
        case "month":
            return month_start(day.year, day.month + shift)
        case "week":
            return day - timedelta(days=day.weekday()) + timedelta(weeks=shift)
        case _:
            return day + timedelta(days=shift)


def moved(day: date, unit: str) -> date:
    """The day one unit earlier; the first day of a month stays one."""
    return _back(day, unit, 1)


class Clock:
    """Reads periods out of tokens, seen from `today`."""

    def __init__(self, tokens: Sequence[Token], lexicon: Lexicon, today: date) -> None:
        self.tokens = tokens
        self.lexicon = lexicon
        self.today = today

    def match(self, at: int) -> tuple[int, Period] | None:
        """The longest period that begins at a token, and the token after it."""
        try:
            return self._range(at) or self._bounded(at) or self._plain(at)
        except (ValueError, OverflowError):
            return None

    def _word(self, at: int) -> str:
        return self.tokens[at].lower if 0 <= at < len(self.tokens) else ""

    def _says(self, at: int, key: str) -> bool:
        return self._word(at) in self.lexicon.time.get(key, ())

    def _text(self, start: int, end: int) -> str:
        return " ".join(token.text for token in self.tokens[start:end])

    def _range(self, at: int) -> tuple[int, Period] | None:
        """“between March and June 2025”, “from 2021 to 2023”."""
        if not self._says(at, "between"):
            return None
        first = self._plain(at + 1, years=True)
        if not first or not self._says(first[0], "to"):
            return None
        second = self._plain(first[0] + 1, years=True)
        if not second or not second[1].end or not first[1].start:
            return None
        start = first[1].start
        if first[1].grain == "month" and second[1].start and start > second[1].start:
            start = date(second[1].start.year, start.month, 1)
        elif first[1].grain == "month" and not self._has_year(at + 1, first[0]) and second[1].start:
            start = date(second[1].start.year - (start.month > second[1].start.month), start.month, 1)
        return second[0], Period(start, second[1].end, first[1].grain, self._text(at, second[0]))

    def _has_year(self, start: int, end: int) -> bool:
        return any(_year(token) for token in self.tokens[start:end])

    def _bounded(self, at: int) -> tuple[int, Period] | None:
        """“since May”, “before 2024-03-01”; the year alone is left to the comparisons."""
        for key in ("since", "before"):
            for width in (2, 1):
                words = " ".join(self._word(at + k) for k in range(width))
                if words not in self.lexicon.time[key]:
                    continue
                found = self._plain(at + width, years=words in ("since", "until", "till"))
                if found:
                    return found[0], self._open(key, words, found[1], self._text(at, found[0]))
        return None

    def _open(self, key: str, words: str, period: Period, text: str) -> Period:
        if key == "since":
            return Period(period.end if words == "after" else period.start, None, period.grain, text)
        return Period(None, period.end if words in ("until", "till", "up to") else period.start, period.grain, text)

    def _plain(self, at: int, years: bool = False) -> tuple[int, Period] | None:
        if special := self._same(at) or self._to_date(at) or self._rolling(at):
            return special
        found = self._named(at) or self._relative(at) or self._month(at) or self._quarter(at) or self._day(at)
        if not found and self._says(at, "in") and (year := _year_at(self.tokens, at + 1)):
            found = (at + 2, date(year, 1, 1), date(year + 1, 1, 1), "year")
        if not found and years and (year := _year_at(self.tokens, at)):
            found = (at + 1, date(year, 1, 1), date(year + 1, 1, 1), "year")
        if not found and self._says(at, "in"):
            if special := self._to_date(at + 1) or self._rolling(at + 1):
                return special
            found = self._relative(at + 1) or self._month(at + 1) or self._quarter(at + 1)
        if not found:
            return None
        stop, start, end, grain = found
        before = unit_start(self.today, grain, -1) == start and self.lexicon.units.get(self._word(stop - 1)) == grain
        return stop, Period(start, end, grain, self._text(at, stop), back=before)

    def _rolling(self, at: int) -> tuple[int, Period] | None:
        """“the past 3 months” up to today, “the last 6 complete weeks”, “last 6 months excluding the current month”."""
        first, at = at, at + (self._word(at) == "the")
        count = self._number(at + 1) if self._says(at, "previous") else None
        stop = at + 2
        complete = self._says(stop, "complete")
        unit = self.lexicon.units.get(self._word(stop + complete))
        if not count or not unit or unit == "weekday":
            return None
        stop += 1 + complete
        whole = unit_start(self.today, unit, -count), unit_start(self.today, unit)
        if width := self._excluding(stop):
            stop, complete = stop + width, True
        start, end = whole if complete else (_back(self.today, unit, count), self.today + timedelta(days=1))
        return stop, Period(start, end, unit, self._text(first, stop), None if unit == "day" else whole)

    def _excluding(self, at: int) -> int:
        """The width of “excluding the current month”, with brackets or commas around it."""
        for width in range(3, 7):
            words = [
                self._word(at + k) for k in range(width) if self._word(at + k) not in ("the", "(", ",", ")", "not")
            ]
            if len(words) == 3 and words[0] in self.lexicon.time.get("apart", ()) and words[2] in self.lexicon.units:
                return width if words[1] in self.lexicon.time["present"] else 0
        return 0

    def _to_date(self, at: int) -> tuple[int, Period] | None:
        """“year to date”, “this month so far”: from the start of the unit up to today."""
        first, at = at, at + self._says(at, "present")
        unit, stop = self.lexicon.units.get(self._word(at)), at + 3
        if not unit or " ".join(self._word(at + k) for k in (1, 2)) not in self.lexicon.time.get("to_date", ()):
            return None
        return stop, Period(unit_start(self.today, unit), self.today + timedelta(days=1), unit, self._text(first, stop))

    def _same(self, at: int) -> tuple[int, Period] | None:
        """“the same month last year”, “the same period of the year before”; “the month before”, “a year earlier”."""
        first, at = at, at + (self._word(at) in ("the", "a"))
        if self._says(at, "same") and self._word(at + 1) in (*self.lexicon.units, "period", "time"):
            at += 2 + (self._word(at + 2) in ("of", "in"))
            at += self._word(at) == "the"
            found = self._before(at)
            return (found[0], self._unit_before(first, *found, same=True)) if found else None
        unit = self.lexicon.units.get(self._word(at))
        if unit and first != at and self._says(at + 1, "earlier") and not _year_at(self.tokens, at + 2):
            return at + 2, self._unit_before(first, at + 2, unit)
        return None

    def _before(self, at: int) -> tuple[int, str] | None:
        """The end and the unit of “last year”, “previous month”."""
        unit = self.lexicon.units.get(self._word(at + 1))
        if unit and self._says(at, "previous"):
            return at + 2, unit
        unit = self.lexicon.units.get(self._word(at))
        return (at + 2, unit) if unit and self._says(at + 1, "earlier") else None

    def _unit_before(self, first: int, stop: int, unit: str, same: bool = False) -> Period:
        start, end = unit_start(self.today, unit, -1), unit_start(self.today, unit)
        return Period(start, end, unit, self._text(first, stop), back=True, same=same)

    def _named(self, at: int) -> tuple[int, date, date, str] | None:
        for key, shift in (("today", 0), ("yesterday", -1)):
            if self._says(at, key):
                day = self.today + timedelta(days=shift)
                return at + 1, day, day + timedelta(days=1), "day"
        return None

    def _relative(self, at: int) -> tuple[int, date, date, str] | None:
        """“last month”, “this year”, “the past 3 months”, “2 weeks ago”."""
        at += self._word(at) == "the"
        units = self.lexicon.units
        for key, shift in (("previous", -1), ("present", 0), ("following", 1)):
            if not self._says(at, key):
                continue
            if unit := units.get(self._word(at + 1)):
                return at + 2, unit_start(self.today, unit, shift), unit_start(self.today, unit, shift + 1), unit
            if (month := self.lexicon.months.get(self._word(at + 1))) and key == "previous":
                year = self.today.year - (month >= self.today.month)
                return at + 2, month_start(year, month), month_start(year, month + 1), "month"
        count, unit = self._number(at), units.get(self._word(at + 1))
        if count and unit and self._says(at + 2, "ago"):
            return at + 3, unit_start(self.today, unit, -count), unit_start(self.today, unit, 1 - count), unit
        return None

    def _number(self, at: int) -> int | None:
        if at < len(self.tokens) and (value := self.tokens[at].value) and value == int(value) and 0 < value < 1000:
            return int(value)
        return self.lexicon.numbers.get(self._word(at))

    def _month(self, at: int) -> tuple[int, date, date, str] | None:
        """“March 2025”, “March 5, 2025”, “5 March 2025”, “May”."""
        first = self._number(at)
        if first and first <= 31 and (month := self.lexicon.months.get(self._word(at + 1))):
            if year := _year_at(self.tokens, at + 2):
                day = date(year, month, first)
                return at + 3, day, day + timedelta(days=1), "day"
            return None
        month = self.lexicon.months.get(self._word(at))
        if not month or (not self._surely_month(at) and (len(self._word(at)) <= 3 or self._word(at) == "march")):
            return None
        stop = at + 1
        number = self._number(stop)
        comma = stop + 1 + (self._word(stop + 1) == ",")
        if number and number <= 31 and (year := _year_at(self.tokens, comma)):
            day = date(year, month, number)
            return comma + 1, day, day + timedelta(days=1), "day"
        stop += self._word(stop) in ("of", ",", "in")
        if year := _year_at(self.tokens, stop):
            return stop + 1, month_start(year, month), month_start(year, month + 1), "month"
        year = self.today.year - (month > self.today.month)
        return at + 1, month_start(year, month), month_start(year, month + 1), "month"

    def _surely_month(self, at: int) -> bool:
        """Whether a word such as “may” or “march” is the month: with a capital, before a year, or behind “since”."""
        bound = any(self._says(at - 1, key) for key in ("in", "since", "before", "previous", "between", "to"))
        return self.tokens[at].capital or bound or _year_at(self.tokens, at + 1) is not None

    def _quarter(self, at: int) -> tuple[int, date, date, str] | None:
        """“Q2 2025”, “2025 Q2”, “the first quarter of 2025”, “H1 2025”."""
        if found := self._part_of_year(at + (self._word(at) == "the")):
            return found
        match, stop = _QUARTER.fullmatch(self._word(at)), at + 1
        year = _year_at(self.tokens, stop + (self._word(stop) == "of"))
        if match and year:
            stop += 1 + (self._word(stop) == "of")
        elif not match and (year := _year_at(self.tokens, at)):
            match, stop = _QUARTER.fullmatch(self._word(at + 1)), at + 2
        if not match:
            return None
        month = int(match.group(1)) * 3 - 2
        year = year or self.today.year - (month > self.today.month)
        return stop, month_start(year, month), month_start(year, month + 3), "quarter"

    def _part_of_year(self, at: int) -> tuple[int, date, date, str] | None:
        """“first quarter of 2025”, “H2 2025”: a part of the year that is named behind it."""
        part, stop = self._word(at), at + 1
        months = 6 if part in ("h1", "h2") else 0
        number = int(part[1]) if months else self.lexicon.ordinals.get(part, 0)
        if not months and number:
            unit, stop = self._word(stop), stop + 1
            months = {"quarter": 3, "half": 6}.get(self.lexicon.units.get(unit, unit), 0)
        stop += self._word(stop) in ("of", "in", ",")
        year = _year_at(self.tokens, stop)
        if not months or not year or not 1 <= number <= 12 // months:
            return None
        first = months * (number - 1) + 1
        return stop + 1, month_start(year, first), month_start(year, first + months), "quarter"

    def _day(self, at: int) -> tuple[int, date, date, str] | None:
        if at >= len(self.tokens) or not (match := _DAY.fullmatch(self._word(at))):
            return None
        y, m, d, m2, d2, y2 = match.groups()
        day = date(int(y or y2), int(m or m2), int(d or d2))
        return at + 1, day, day + timedelta(days=1), "day"


def _back(day: date, unit: str, count: int) -> date:
    """`count` units before a day, keeping the day of the month where it exists."""
    if unit in ("day", "week"):
        return day - timedelta(days=count * (7 if unit == "week" else 1))
    months = {"month": 1, "quarter": 3, "year": 12}[unit] * count
    first = month_start(day.year, day.month - months)
    return min(first + timedelta(days=day.day - 1), month_start(first.year, first.month + 1) - timedelta(days=1))


def _year(token: Token) -> int | None:
    if token.kind == "number" and len(token.text) == 4 and token.value and 1700 <= token.value <= 2100:
        return int(token.value)
    return None


def _year_at(tokens: Sequence[Token], at: int) -> int | None:
    return _year(tokens[at]) if 0 <= at < len(tokens) else None


def year_period(year: int) -> Period:
    """A calendar year."""
    return Period(date(year, 1, 1), date(year + 1, 1, 1), "year", str(year))
