"""A source that can't be reached is left alone for a while; one that is busy gets no more than it can take."""

import asyncio
from collections.abc import AsyncIterator

import pyarrow as pa
import pytest

from knowledge.asker import Asker
from knowledge.catalog.model import Table
from knowledge.errors import KnowledgeError, Refused, SourceUnavailable, TooMuch
from knowledge.sources.breaker import Bounds
from knowledge.sources.changes import Changing
from knowledge.sources.port import Estimate, Limits, Source
from knowledge.sources.sheltered import least, sheltered

ADA = Asker("acme", "ada")
BATCH = pa.record_batch({"n": [1]})


class Fickle:
    """A source that does what it is told: raise this, or wait for `let`."""

    name = "shop"
    dialect = "sqlite"

    def __init__(self) -> None:
        self.raises: Exception | None = None
        self.asked = 0
        self.running = 0
        self.most_running = 0
        self.limits: Limits | None = None
        self.let = asyncio.Event()
        self.let.set()

    async def introspect(self) -> tuple[Table, ...]:
        await self._work()
        return ()

    async def profile(self, table: Table) -> Table:
        await self._work()
        return table

    async def sample(self, table: Table, rows: int) -> pa.Table:
        await self._work()
        return pa.table({})

    async def estimate(self, sql: str, asker: Asker | None = None) -> Estimate:
        await self._work()
        return Estimate(1, 1)

    async def execute(self, sql: str, limits: Limits, asker: Asker | None = None) -> AsyncIterator[pa.RecordBatch]:
        self.limits = limits
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            await self._work()
            yield BATCH
            await self._work()
            yield BATCH
        finally:
            self.running -= 1

    async def close(self) -> None:
        """Nothing is held."""

    async def _work(self) -> None:
        self.asked += 1
        await self.let.wait()
        if self.raises is not None:
            raise self.raises


class Clock:
    """Stands until it is set."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def fickle() -> Fickle:
    return Fickle()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def source(fickle: Fickle, clock: Clock) -> Source:
    return sheltered(fickle, Bounds(failures=3, seconds=5, most_seconds=15, at_once=2, waiting=2), clock=clock)


async def run(source: Source) -> int:
    return sum([batch.num_rows async for batch in source.execute("SELECT 1", Limits(), ADA)])


async def fail(source: Source, times: int) -> str:
    words = ""
    for _ in range(times):
        with pytest.raises(SourceUnavailable) as away:
            await run(source)
        words = away.value.what
    return words


async def test_after_some_failures_the_source_is_not_asked_and_the_person_is_told_since_when(
    fickle: Fickle, clock: Clock, source: Source
) -> None:
    fickle.raises = SourceUnavailable("It is away.")
    assert await fail(source, 3) == "It is away."
    clock.now += 2
    assert await fail(source, 5) == "The source “shop” could not be reached for 2 s; it is tried again in 3 s."
    assert fickle.asked == 3


@pytest.mark.parametrize("error", [TimeoutError(), ConnectionResetError("reset")])
async def test_a_connection_that_times_out_or_breaks_is_a_failure_in_words(
    fickle: Fickle, source: Source, error: Exception
) -> None:
    fickle.raises = error
    assert "“shop”" in await fail(source, 3)
    assert "tried again" in await fail(source, 1)


@pytest.mark.parametrize("error", [Refused("No."), TooMuch("Too many rows.")])
async def test_what_the_source_refuses_is_no_failure_to_reach_it(
    fickle: Fickle, source: Source, error: KnowledgeError
) -> None:
    for _ in range(10):
        fickle.raises = SourceUnavailable("It is away.")
        await fail(source, 2)
        fickle.raises = error
        with pytest.raises(type(error)):
            await source.estimate("SELECT 1", ADA)
    assert fickle.asked == 30


async def test_a_query_that_was_cancelled_says_nothing(fickle: Fickle, source: Source) -> None:
    fickle.let.clear()
    for _ in range(5):
        task = asyncio.create_task(run(source))
        while fickle.running == 0:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    fickle.let.set()
    assert await run(source) == 2
    assert fickle.running == 0


async def test_after_its_rest_one_query_tries_and_the_others_are_told(
    fickle: Fickle, clock: Clock, source: Source
) -> None:
    fickle.raises = SourceUnavailable("It is away.")
    await fail(source, 3)
    clock.now += 5
    fickle.raises = None
    fickle.let.clear()
    probe = asyncio.create_task(run(source))
    while fickle.running == 0:
        await asyncio.sleep(0)
    assert "it is being tried now" in await fail(source, 1)
    fickle.let.set()
    assert await probe == 2
    assert await run(source) == 2


async def test_each_rest_is_twice_as_long_up_to_the_longest(fickle: Fickle, clock: Clock, source: Source) -> None:
    fickle.raises = SourceUnavailable("It is away.")
    await fail(source, 3)
    told = []
    for rest in (5, 10, 15, 15):
        told.append(await fail(source, 1))
        clock.now += rest
        assert await fail(source, 1) == "It is away."
    assert [words.rsplit("again in ", 1)[1] for words in told] == ["5 s.", "10 s.", "15 s.", "15 s."]
    clock.now += 15
    fickle.raises = None
    assert await run(source) == 2
    fickle.raises = SourceUnavailable("It is away.")
    await fail(source, 3)
    assert (await fail(source, 1)).endswith("again in 5 s.")


async def test_a_probe_that_is_cancelled_lets_the_next_one_try(fickle: Fickle, clock: Clock, source: Source) -> None:
    fickle.raises = SourceUnavailable("It is away.")
    await fail(source, 3)
    clock.now += 5
    fickle.raises = None
    fickle.let.clear()
    probe = asyncio.create_task(run(source))
    while fickle.running == 0:
        await asyncio.sleep(0)
    probe.cancel()
    with pytest.raises(asyncio.CancelledError):
        await probe
    fickle.let.set()
    assert await run(source) == 2


async def test_rows_that_come_already_go_on_though_the_breaker_opened(fickle: Fickle, source: Source) -> None:
    rows = source.execute("SELECT 1", Limits(), ADA)
    first = await anext(rows)
    fickle.raises = SourceUnavailable("It is away.")
    await fail(source, 4)
    fickle.raises = None
    assert [first, *[batch async for batch in rows]] == [BATCH, BATCH]


async def test_no_more_queries_than_allowed_run_at_once_and_none_beyond_the_queue_waits(
    fickle: Fickle, source: Source
) -> None:
    fickle.let.clear()
    tasks = [asyncio.create_task(run(source)) for _ in range(7)]
    while sum(task.done() for task in tasks) < 3:
        await asyncio.sleep(0)
    fickle.let.set()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert [one for one in found if one == 2] == [2, 2, 2, 2]
    refused = [one for one in found if isinstance(one, SourceUnavailable)]
    assert len(refused) == 3
    assert refused[0].what == "The source “shop” is busy: 2 queries run and 2 wait."
    assert fickle.most_running == 2
    assert await run(source) == 2, "being busy is no failure to reach the source"


async def test_who_waits_too_long_for_a_place_is_told(fickle: Fickle) -> None:
    source = sheltered(fickle, Bounds(at_once=1, patience=0.01))
    fickle.let.clear()
    first = asyncio.create_task(run(source))
    while fickle.running == 0:
        await asyncio.sleep(0)
    with pytest.raises(SourceUnavailable, match=r"no place for a query within 0\.01 seconds"):
        await run(source)
    fickle.let.set()
    assert await first == 2


async def test_a_person_is_held_to_the_limits_of_the_source_and_a_scan_is_not(fickle: Fickle) -> None:
    source = sheltered(fickle, most=Limits(10, 5.0, 2**62))
    await run(source)
    assert fickle.limits == Limits(10, 5.0, Limits().bytes)
    [_ async for _ in source.execute("SELECT 1", Limits())]
    assert fickle.limits == Limits()
    assert least(Limits(1, 9, 1), Limits(2, 3, 4)) == Limits(1, 3, 1)


async def test_errors_leave_without_secrets(fickle: Fickle) -> None:
    source = sheltered(fickle, clean=lambda text: text.replace("hunter2", "…"))
    fickle.raises = SourceUnavailable("The password hunter2 is wrong.", next_step="Not hunter2.")
    with pytest.raises(SourceUnavailable) as away:
        await source.introspect()
    assert str(away.value) == "The password … is wrong. Nothing was changed. Not …."
    assert (away.value.what, away.value.next_step) == ("The password … is wrong.", "Not ….")


class Moving(Fickle):
    """A source that can tell whether a table moved."""

    async def position(self, table: Table) -> str:
        return "7"


def test_only_a_source_that_can_tell_changes_looks_so(fickle: Fickle) -> None:
    assert isinstance(sheltered(Moving()), Changing)
    assert not isinstance(sheltered(fickle), Changing)
