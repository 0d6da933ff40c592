"""Which of what is gone is which of what is new: similarities, and the pairing that is best as a whole."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from rapidfuzz.distance import JaroWinkler

from knowledge.catalog.model import Column, Table

T = TypeVar("T")

LIKELY = 0.6
"""From here on a pair is taken for one thing under two names."""
MOST = 100
"""Among more than that on either side nothing is paired: it would be guessing, and slow."""


def paired(
    old: Sequence[T], new: Sequence[T], similarity: Callable[[T, T], float], *, least: float = LIKELY
) -> list[tuple[T, T, float]]:
    """Pairs with their likelihood in 0..1, each thing at most once, the sum of likelihoods as large as it can be."""
    if not old or not new or max(len(old), len(new)) > MOST:
        return []
    scores = [[score if (score := similarity(a, b)) >= least else 0.0 for b in new] for a in old]
    chosen = assignment([[-score for score in row] for row in scores])
    return [(old[a], new[b], scores[a][b]) for a, b in chosen if scores[a][b] > 0]


def assignment(costs: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """The pairing of rows with columns whose costs add up to the least; min(rows, columns) pairs.

    The Hungarian method with potentials, in O(rows² columns).
    """
    if len(costs) > len(costs[0]):
        return [(a, b) for b, a in assignment([list(column) for column in zip(*costs, strict=True)])]
    rows, columns = len(costs), len(costs[0])
    of_row, of_column = [0.0] * (rows + 1), [0.0] * (columns + 1)
    owner = [0] * (columns + 1)
    for row in range(1, rows + 1):
        _place(row, costs, of_row, of_column, owner)
    return sorted((owner[at] - 1, at - 1) for at in range(1, columns + 1) if owner[at])


def _place(
    row: int, costs: Sequence[Sequence[float]], of_row: list[float], of_column: list[float], owner: list[int]
) -> None:
    """Give one more row a column, moving others along the cheapest path where that is better."""
    size = len(of_column)
    least, came_from, done = [float("inf")] * size, [0] * size, [False] * size
    owner[0], at = row, 0
    while owner[at]:
        done[at] = True
        here = owner[at]
        for column in range(1, size):
            reduced = costs[here - 1][column - 1] - of_row[here] - of_column[column]
            if not done[column] and reduced < least[column]:
                least[column], came_from[column] = reduced, at
        following = min((column for column in range(1, size) if not done[column]), key=lambda column: least[column])
        _lower(least[following], least, done, of_row, of_column, owner)
        at = following
    while at:
        owner[at], at = owner[came_from[at]], came_from[at]


def _lower(
    step: float, least: list[float], done: list[bool], of_row: list[float], of_column: list[float], owner: list[int]
) -> None:
    for column, reached in enumerate(done):
        if reached:
            of_row[owner[column]] += step
            of_column[column] -= step
        else:
            least[column] -= step


def alike_tables(old: Table, new: Table) -> float:
    """How likely two tables are one: their columns above all, then rows and name."""
    if old.kind != new.kind:
        return 0.0
    ours, theirs = set(old.by_name), set(new.by_name)
    shared = len(ours & theirs) / max(len(ours | theirs), 1)
    return 0.65 * shared + 0.2 * _near(old.rows, new.rows) + 0.15 * named(old.name, new.name)


def alike_columns(old: tuple[int, Column], new: tuple[int, Column]) -> float:
    """How likely two columns (each with its place in the table) are one: values and statistics, name, place."""
    (place, before), (now, after) = old, new
    if before.type is not after.type:
        return 0.0
    beside = max(0.0, 1 - abs(place - now) / 5)
    content = 0.45 * _content(before, after) + 0.15 * (before.native == after.native)
    return content + 0.25 * named(before.name, after.name) + 0.15 * beside


def named(old: str, new: str) -> float:
    """How alike two names are."""
    return float(JaroWinkler.similarity(old.lower(), new.lower()))


def _content(old: Column, new: Column) -> float:
    """Values where both have some, otherwise what the statistics say; half where nothing is known."""
    seen = [_near(old.distinct, new.distinct), _near(old.nulls, new.nulls)]
    if old.values and new.values:
        ours, theirs = set(old.values), set(new.values)
        return 0.7 * len(ours & theirs) / min(len(ours), len(theirs)) + 0.15 * sum(seen)
    ends = [old.minimum == new.minimum, old.maximum == new.maximum] if old.minimum is not None else []
    known = [*seen, *map(float, ends), *([_near(old.mean, new.mean)] if old.mean is not None else [])]
    return sum(known) / len(known)


def _near(old: float | None, new: float | None) -> float:
    """1 for equal numbers, less the further they are apart; half where one is not known."""
    if old is None or new is None:
        return 0.5
    if old == new:
        return 1.0
    return max(0.0, 1 - abs(old - new) / max(abs(old), abs(new)))
