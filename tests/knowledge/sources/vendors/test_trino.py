"""Trino through its real client, against a local server of its HTTP protocol."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any, cast

import duckdb
import pytest

from knowledge.catalog.model import DataType
from knowledge.catalog.scan import scan
from knowledge.errors import Refused, SourceUnavailable, TooMuch
from knowledge.sources.port import Limits, Source
from knowledge.sources.registry import open_source
from knowledge.sources.sdk.checks import CHECKS, Check
from knowledge.sources.sdk.ground import Skipped, grounded
from tests.contracts.shop import write_duckdb
from tests.knowledge.sources.vendors.trino_server import Trino, trino_server

SLOW = "SELECT count(*) FROM visits a, visits b, visits c WHERE a.pages + b.pages * c.pages = 7"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trino]:
    path = tmp_path_factory.mktemp("trino") / "shop.duckdb"
    write_duckdb(path)
    with duckdb.connect(":memory:") as database:
        database.execute(f"ATTACH '{path}' AS shop")
        for table in ("people", "visits"):
            database.execute(f"CREATE TABLE {table} AS FROM shop.{table}")
        database.execute("COMMENT ON COLUMN people.weight IS 'Weight of the person [kg]'")
        database.execute("DETACH shop")
        with trino_server(database) as running:
            yield running


@pytest.fixture
async def source(server: Trino) -> AsyncIterator[Source]:
    opened = open_source(server.address, "trino")
    yield opened
    await opened.close()


async def rows(source: Source, sql: str, limits: Limits | None = None) -> list[dict[str, object]]:
    return [row async for batch in source.execute(sql, limits or Limits()) for row in batch.to_pylist()]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_trino_keeps_every_promise(source: Source, check: Check) -> None:
    try:
        await check(await grounded(source))
    except Skipped as reason:
        pytest.skip(str(reason))


async def test_tables_have_types_statistics_and_comments(source: Source) -> None:
    people, visits = await scan(source)
    assert (people.rows, visits.rows) == (200, 3_000)
    assert [column.type for column in people.columns] == [
        DataType.INTEGER, DataType.TEXT, DataType.TEXT, DataType.DATE, DataType.NUMBER, DataType.BOOLEAN,
    ]  # fmt: skip
    assert (people.by_name["weight"].comment, people.by_name["weight"].unit) == ("Weight of the person", "kg")
    assert set(people.by_name["city"].values) == {"Berlin", "Lyon", "Oslo"}
    (key,) = visits.keys
    assert (key.columns, key.target) == (("person_id",), "people")


async def test_all_pages_of_an_answer_come(source: Source) -> None:
    found = await rows(source, "SELECT visit_id FROM visits ORDER BY visit_id")
    assert [row["visit_id"] for row in found] == list(range(1, 3_001))


async def test_a_stopped_question_is_deleted_at_the_server(server: Trino, source: Source) -> None:
    before = len(server.cancelled)
    task = asyncio.create_task(rows(source, SLOW))
    assert await asyncio.to_thread(server.wait, lambda: "a.pages" in server.statements[-1])
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(server.cancelled) > before


async def test_the_server_is_told_the_time_limit(server: Trino, source: Source) -> None:
    with pytest.raises(TooMuch, match=r"longer than 0\.4 seconds"):
        await rows(source, SLOW, Limits(seconds=0.4))
    assert "SET SESSION query_max_run_time = '1s'" in server.statements


async def test_an_answer_left_unread_is_deleted_too(server: Trino, source: Source) -> None:
    before = len(server.cancelled)
    async with aclosing(cast(Any, source.execute("SELECT a.* FROM visits a, people b", Limits()))) as batches:
        async for batch in batches:
            assert batch.num_rows
            break
    assert await asyncio.to_thread(server.wait, lambda: len(server.cancelled) > before)


async def test_an_error_of_the_server_is_said_in_its_words(source: Source) -> None:
    with pytest.raises(Refused, match="nothing") as error:
        await rows(source, "SELECT nothing FROM people")
    assert "Traceback" not in str(error.value)


async def test_a_server_that_is_busy_is_asked_again(server: Trino, source: Source) -> None:
    await rows(source, "SELECT 1 AS n")
    server.failing = 2
    assert await rows(source, "SELECT 1 AS n") == [{"n": 1}]
    assert server.failing == 0


async def test_a_server_that_is_away_is_unavailable(tmp_path: Path) -> None:
    source = open_source("trino://quillux:hunter2@127.0.0.1:1/memory/main", "away")
    with pytest.raises(SourceUnavailable) as error:
        await source.introspect()
    assert "hunter2" not in str(error.value)
    await source.close()
