"""How many different values a column has, told from samples that grow until they agree."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic

from knowledge.catalog.model import Column, DataType, Table
from knowledge.catalog.probe import Probe

FIRST = 5_000
LARGEST = 80_000
SECONDS = 20.0
"""No larger sample is begun after this long."""
CLOSE = 0.1
"""Two samples agree on a column when their estimates lie this near to each other."""

_UNCOUNTED = (DataType.JSON, DataType.OTHER, DataType.BINARY)


@dataclass(frozen=True, slots=True)
class Counted:
    """What one look saw of a column: values that are not null, and how many different ones; of so many rows."""

    rows: int
    filled: int
    distinct: int

    @property
    def share(self) -> float:
        """Share of rows with a value."""
        return self.filled / self.rows if self.rows else 1.0


async def counted(table: Table, probe: Probe, relation: str) -> Mapping[str, Counted]:
    """Every countable column of a relation, by one query."""
    names = [column.name for column in table.columns if column.type not in _UNCOUNTED]
    if not names:
        return {}
    parts = ", ".join(f"count({probe.quote(name)}), count(DISTINCT {probe.quote(name)})" for name in names)
    (found,) = await probe.ask(f"SELECT count(*), {parts} FROM {relation}")  # noqa: S608  names are quoted
    rows, *counts = (int(str(value)) for value in found)
    return {name: Counted(rows, counts[2 * at], counts[2 * at + 1]) for at, name in enumerate(names)}


async def estimated(table: Table, probe: Probe) -> tuple[dict[str, int], int]:
    """Distinct counts of a big table by name, and the size of the sample that they and value lists rest on.

    The sample doubles until every column's estimate and share of nulls is stable, or it is as large as it may be.
    """
    rows, size, began = table.rows or 0, FIRST, monotonic()
    seen = await counted(table, probe, probe.sample(table, size))
    guess = _guesses(seen, rows)
    while size < LARGEST and monotonic() - began < SECONDS:
        size *= 2
        before, last = seen, guess
        seen = await counted(table, probe, probe.sample(table, size))
        guess = _guesses(seen, rows)
        if all(_agree(guess[name], last[name], seen[name], before[name]) for name in guess):
            break
    return guess, size


def _guesses(seen: Mapping[str, Counted], rows: int) -> dict[str, int]:
    return {name: population(found, round(rows * found.share)) for name, found in seen.items()}


def _agree(now: int, before: int, seen: Counted, earlier: Counted) -> bool:
    return abs(now - before) <= CLOSE * max(now, before, 1) and abs(seen.share - earlier.share) <= 0.02


def population(seen: Counted, most: int) -> int:
    """Different values among `most`, when a sample of them showed so many.

    Solves distinct = D (1 - exp(-filled / D)) for D: exact for values that are equally frequent, a lower bound for
    others. All different in the sample means all different.
    """
    drawn, distinct = seen.filled, seen.distinct
    if distinct <= 0 or drawn <= 0:
        return 0
    if drawn >= most or distinct < 0.1 * drawn:
        return min(distinct, most)
    if distinct >= 0.98 * drawn:
        return max(round(most * distinct / drawn), distinct)
    low, high = float(distinct), float(max(most, distinct))
    for _ in range(50):
        middle = (low + high) / 2
        if middle * (1 - math.exp(-drawn / middle)) < distinct:
            low = middle
        else:
            high = middle
    return min(round(high), most)


def within_range(column: Column, distinct: int | None) -> int | None:
    """An integer column has at most as many values as its range."""
    if distinct is None or column.type is not DataType.INTEGER or column.minimum is None or column.maximum is None:
        return distinct
    try:
        return min(distinct, int(column.maximum) - int(column.minimum) + 1)
    except ValueError:  # SQLite keeps any text in an integer column
        return distinct
