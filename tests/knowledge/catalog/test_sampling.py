"""Distinct counts told from samples: near the truth, and no larger a sample than is needed."""

import random
import sqlite3
from collections.abc import Sequence

import pytest

from knowledge.catalog.model import Column, DataType, Table
from knowledge.catalog.probe import Probe
from knowledge.catalog.sampling import FIRST, LARGEST, Counted, estimated, population
from knowledge.catalog.statistics import measure

ROWS = 200_000


class World:
    """A big table of one column in SQLite, sampled by its first rows; they were drawn by chance."""

    def __init__(self, values: Sequence[object]) -> None:
        self._database = sqlite3.connect(":memory:")
        self._database.execute("CREATE TABLE t (x)")
        self._database.executemany("INSERT INTO t VALUES (?)", ((value,) for value in values))
        self.truth = len({value for value in values if value is not None})
        self.sizes: list[int] = []

    async def ask(self, sql: str) -> Sequence[Sequence[object]]:
        return self._database.execute(sql).fetchall()

    def sample(self, table: Table, rows: int) -> str:
        self.sizes.append(rows)
        return f"(SELECT * FROM t LIMIT {rows})"

    @property
    def probe(self) -> Probe:
        return Probe("sqlite", self.ask, self.sample)


CHANCE = random.Random(5)


@pytest.mark.parametrize(
    ("values", "off"),
    [
        ([CHANCE.randrange(50) for _ in range(ROWS)], 0.0),
        ([CHANCE.randrange(3_000) for _ in range(ROWS)], 0.05),
        ([CHANCE.randrange(20_000) for _ in range(ROWS)], 0.1),
        ([CHANCE.randrange(100_000) for _ in range(ROWS)], 0.15),
        (list(range(ROWS)), 0.0),
        ([None if at % 2 else at for at in range(ROWS)], 0.01),
        ([int(CHANCE.paretovariate(0.7)) for _ in range(ROWS)], 0.75),
    ],
)
async def test_estimates_are_near_the_truth(values: list[object], off: float) -> None:
    world = World(values)
    table = Table("s", "t", (Column("x", DataType.INTEGER),), rows=ROWS)
    found, _ = await estimated(table, world.probe)
    assert found["x"] == pytest.approx(world.truth, rel=off)


async def test_a_sample_grows_no_further_than_it_must() -> None:
    plain, hard = World([at % 7 for at in range(ROWS)]), World([int(CHANCE.paretovariate(0.5)) for _ in range(ROWS)])
    table = Table("s", "t", (Column("x", DataType.INTEGER),), rows=ROWS)
    await estimated(table, plain.probe)
    await estimated(table, hard.probe)
    assert plain.sizes == [FIRST, 2 * FIRST]
    assert hard.sizes[-1] <= LARGEST
    assert len(hard.sizes) > 2


@pytest.mark.parametrize(("seen", "most", "found"), [
    (Counted(0, 0, 0), 10, 0), (Counted(10, 10, 10), 10, 10), (Counted(100, 100, 100), 1_000, 1_000),
    (Counted(100, 100, 5), 1_000, 5), (Counted(100, 100, 1), 50, 1),
])  # fmt: skip
def test_the_ends_of_the_estimate_are_exact(seen: Counted, most: int, found: int) -> None:
    assert population(seen, most) == found


async def test_how_numbers_lie_is_measured_without_cancelling_out() -> None:
    values = [10**9 + at % 10 for at in range(1_000)]
    world = World(values)
    found = await measure(Table("s", "t", (Column("x", DataType.INTEGER),), rows=1_000), world.probe)
    assert found.columns[0].mean == pytest.approx(10**9 + 4.5)
    assert found.columns[0].deviation == pytest.approx(2.872, abs=0.01)
