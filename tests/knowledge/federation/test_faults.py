"""Sources that are down, slow or break off, limits, and a full disk."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from time import monotonic
from typing import Any, cast

import pyarrow as pa
import pytest

from knowledge.asker import Asker
from knowledge.catalog.model import Catalog, Column, DataType, Table
from knowledge.errors import SourceUnavailable, TooMuch
from knowledge.federation import EVERYWHERE, Answer, DirectEngine, Request
from knowledge.federation.workbench import Bounds
from knowledge.guard import read_sql
from knowledge.sources.port import Estimate, Limits
from tests.fakes.sources import ANYBODY, GivenSources

ROWS = 5_000


class Numbers:
    """`Source` with one table of numbers `n` and texts; it can be told to be down, to break off, or to hang."""

    dialect = "duckdb"

    def __init__(self, name: str, *, width: int = 10, rows: int = ROWS) -> None:
        self.name = name
        self.down = self.breaks = self.hangs = False
        self.running = 0
        self.asked: list[str] = []
        self._rows = rows
        self._width = width

    @property
    def table(self) -> Table:
        columns = (Column("n", DataType.INTEGER, "BIGINT"), Column("word", DataType.TEXT, "VARCHAR"))
        return Table(self.name, "numbers", columns, rows=self._rows)

    async def introspect(self) -> tuple[Table, ...]:
        return (self.table,)

    async def profile(self, table: Table) -> Table:
        return table

    async def sample(self, table: Table, rows: int) -> pa.Table:
        return pa.table({})

    async def estimate(self, sql: str, asker: Asker | None = None) -> Estimate:
        return Estimate(self._rows, self._rows)

    async def execute(self, sql: str, limits: Limits, asker: Asker | None = None) -> AsyncIterator[pa.RecordBatch]:
        self.asked.append(sql)
        if self.down:
            raise SourceUnavailable(f"The source “{self.name}” could not be reached.")
        self.running += 1
        try:
            for start in range(0, self._rows, 1_000):
                numbers = list(range(start, start + 1_000))
                data = {"n": numbers, "word": [f"{number:0{self._width}}" for number in numbers]}
                wanted = [name for name in ("n", "word") if f'"{name}"' in sql.split("FROM")[0]]
                yield pa.RecordBatch.from_pydict({name: data[name] for name in sorted(wanted, key=sql.index)})
                if self.breaks:
                    raise SourceUnavailable(f"The source “{self.name}” broke off.")
                if self.hangs:
                    await asyncio.Event().wait()
        finally:
            self.running -= 1

    async def close(self) -> None:
        pass


class World:
    """Three such sources and an engine over them."""

    def __init__(self, bounds: Bounds | None = None, **options: int) -> None:
        self.sources = {name: Numbers(name, **options) for name in ("north", "south", "east")}
        tables = tuple(source.table for source in self.sources.values())
        catalog = Catalog(tables, dict.fromkeys(self.sources, "duckdb"))
        self.engine = DirectEngine(GivenSources(catalog, *self.sources.values()), bounds=bounds)

    async def ask(self, sql: str, *, partial: bool = False, limits: Limits | None = None) -> Answer:
        """The answer over all sources."""
        query = read_sql(sql, "duckdb")
        return await self.engine.run(Request(query, EVERYWHERE, ANYBODY, limits or Limits(), partial))

    @property
    def running(self) -> int:
        """Queries that run in the sources."""
        return sum(source.running for source in self.sources.values())


@pytest.fixture
def world() -> World:
    return World()


JOIN = "SELECT count(*) AS a, count(s.n) AS b FROM north.numbers x {kind} JOIN south.numbers s ON x.n = s.n"


async def test_a_source_that_is_down_is_named(world: World) -> None:
    world.sources["south"].down = True
    with pytest.raises(SourceUnavailable, match="south") as caught:
        await world.ask(JOIN.format(kind="LEFT"))
    assert caught.value.source == "south"
    assert world.running == 0


@pytest.mark.parametrize("fault", ["down", "breaks"])
async def test_what_was_joined_only_if_there_is_some_may_be_missing_when_asked_for(world: World, fault: str) -> None:
    setattr(world.sources["south"], fault, True)
    answer = await world.ask(JOIN.format(kind="LEFT"), partial=True)
    assert answer.missing == ("south",)
    assert answer.table.to_pylist() == [{"a": ROWS, "b": 0}]
    assert "left out" in " ".join(step.note for step in answer.steps)


@pytest.mark.parametrize(
    "sql",
    [
        JOIN.format(kind=""),
        JOIN.format(kind="RIGHT"),
        JOIN.format(kind="LEFT") + " WHERE s.n > 3",
        "SELECT n FROM north.numbers x WHERE n NOT IN (SELECT n FROM south.numbers s)",
        "SELECT n FROM north.numbers x EXCEPT SELECT n FROM south.numbers s",
    ],
)
async def test_there_is_no_partial_answer_without_the_core_of_the_query(world: World, sql: str) -> None:
    world.sources["south"].down = True
    with pytest.raises(SourceUnavailable, match="south"):
        await world.ask(sql, partial=True)


async def test_a_branch_of_a_union_may_be_missing_but_not_all(world: World) -> None:
    sql = "SELECT n FROM north.numbers x UNION ALL SELECT n FROM south.numbers s"
    world.sources["south"].down = True
    answer = await world.ask(sql, partial=True)
    assert (answer.missing, answer.table.num_rows) == (("south",), ROWS)
    world.sources["north"].down = True
    with pytest.raises(SourceUnavailable):
        await world.ask(sql, partial=True)


async def test_stop_ends_every_fetch_at_once(world: World) -> None:
    for source in world.sources.values():
        source.hangs = True
    task = asyncio.create_task(world.ask(JOIN.format(kind="")))
    while world.running < 2:
        await asyncio.sleep(0)
    began = monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert monotonic() - began < 10
    assert world.running == 0


async def test_stop_ends_a_join_at_once() -> None:
    world = World(rows=20_000)
    sql = "SELECT count(*) AS n FROM north.numbers x, south.numbers s, east.numbers e WHERE x.n + s.n * e.n = 7"
    task = asyncio.create_task(world.ask(sql, limits=Limits(seconds=60)))
    while not all(source.asked for source in world.sources.values()) or world.running:
        await asyncio.sleep(0)
    began = monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert monotonic() - began < 10


async def test_a_source_that_never_answers_takes_no_longer_than_the_request_may(world: World) -> None:
    world.sources["south"].hangs = True
    began = monotonic()
    with pytest.raises(TooMuch, match=r"longer than 0\.5 seconds"):
        await world.ask(JOIN.format(kind=""), limits=Limits(seconds=0.5))
    assert monotonic() - began < 10
    assert world.running == 0


async def test_more_rows_than_a_fetch_may_have_are_too_much() -> None:
    world = World(Bounds(rows=2_000))
    with pytest.raises(TooMuch, match=r"The answer has more than 2,000 rows"):
        await world.ask(JOIN.format(kind=""))


async def test_a_full_spill_folder_is_too_much_and_the_next_query_runs(tmp_path: Path) -> None:
    bounds = Bounds(memory="12MB", spill="4MB", folder=tmp_path / "spill", threads=1)
    world = World(bounds, width=2_000, rows=20_000)
    with pytest.raises(TooMuch, match=r"needs more (disk space|memory)") as caught:
        await world.ask(
            "SELECT x.word AS a, s.word AS b FROM north.numbers x JOIN south.numbers s ON x.n = s.n ORDER BY 1"
        )
    assert "Nothing was changed" in str(caught.value)
    few = "SELECT count(*) AS n FROM north.numbers x JOIN south.numbers s ON x.n = s.n"
    assert (await world.ask(few)).table.to_pylist() == [{"n": 20_000}]


async def test_a_stream_that_is_not_read_to_its_end_leaves_nothing_running(world: World) -> None:
    query = read_sql("SELECT x.n FROM north.numbers x JOIN south.numbers s ON x.n = s.n", "duckdb")
    stream = cast(Any, world.engine.stream(Request(query, EVERYWHERE, ANYBODY)))
    async with aclosing(stream) as batches:
        async for batch in batches:
            assert batch.num_rows
            break
    assert world.running == 0
