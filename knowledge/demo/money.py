"""Exchange rates and sales campaigns."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from knowledge.demo import words
from knowledge.demo.people import Row
from knowledge.demo.seasons import days


@dataclass(frozen=True, slots=True)
class Promotion:
    """A campaign; `share` is taken off the price from `first` to `last`."""

    id: int
    name: str
    first: date
    last: date
    share: float

    def runs(self, day: date) -> bool:
        """Whether the campaign is on."""
        return self.first <= day <= self.last


class Rates:
    """A random walk for each currency, one step a day; one euro is always one euro."""

    def __init__(self, rng: Random, today: date) -> None:
        self._rates: dict[tuple[date, str], float] = {}
        level = dict(words.RATES)
        for day in days(today):
            for currency in words.RATES:
                if currency != "EUR":
                    level[currency] *= 1 + rng.gauss(0, 0.003)
                self._rates[day, currency] = round(level[currency], 4)

    def at(self, day: date, currency: str) -> float:
        """Units of the currency for one euro."""
        return self._rates[day, currency]

    def rows(self) -> list[Row]:
        """Rows of `exchange_rates`."""
        return [(day.isoformat(), currency, rate) for (day, currency), rate in self._rates.items()]


def promotions(today: date) -> list[Promotion]:
    """Four campaigns a year that began within the three years."""
    first = days(today)[0]
    found = []
    for year in range(first.year, today.year + 1):
        for name, month, day, length, percent in (*words.PROMOTIONS, words.BLACK_WEEK):
            starts = date(year, month, day)
            if first <= starts <= today:
                found.append((f"{name} {year}", starts, starts + timedelta(days=length - 1), percent))
    found.sort(key=lambda item: item[1])
    return [
        Promotion(number, name, starts, ends, percent / 100)
        for number, (name, starts, ends, percent) in enumerate(found, 1)
    ]


def promotion_rows(found: list[Promotion]) -> list[Row]:
    """Rows of `promotions`."""
    return [
        (item.id, item.name, item.first.isoformat(), item.last.isoformat(), round(item.share * 100, 1))
        for item in found
    ]
