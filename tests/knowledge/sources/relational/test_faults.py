"""What goes wrong between Quillux and a database: said in words, in time, and the next question works."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from time import monotonic
from typing import Any, cast

import psycopg
import pytest

from knowledge.errors import KnowledgeError, NotAllowed, SourceUnavailable, TooMuch
from knowledge.sources.port import Limits, Source
from knowledge.sources.registry import open_source
from tests.knowledge.sources.relational.asking import say, table
from tests.knowledge.sources.relational.line import line_to
from tests.mariadb import mariadb_server
from tests.postgres import postgres_server

pytestmark = pytest.mark.xdist_group("relational")

SLEEP = {"postgres": "SELECT pg_sleep(20)::text AS x", "mariadb": "SELECT sleep(20) AS x"}
MANY = {
    "postgres": "SELECT n, repeat('x', 500) AS t FROM generate_series(1, 3000000) n",
    "mariadb": "SELECT seq AS n, repeat('x', 500) AS t FROM seq_1_to_3000000",
}
RUNNING = {
    "postgres": "SELECT count(*)::int AS n FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%{mark}%' "
    "AND pid <> pg_backend_pid()",
    "mariadb": "SELECT count(*) AS n FROM information_schema.processlist WHERE command = 'Query' "
    "AND info LIKE '%{mark}%' AND id <> connection_id()",
}


@pytest.fixture(params=["postgres", "mariadb"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def address(kind: str, request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(f"{kind}_address"))


@pytest.fixture
async def watcher(address: str) -> AsyncIterator[Source]:
    opened = open_source(address, "watcher")
    await table(opened, "SELECT 1 AS n")
    yield opened
    await opened.close()


async def running(watcher: Source, kind: str, mark: str) -> int:
    return int((await table(watcher, RUNNING[kind].format(mark=mark))).column("n")[0].as_py())


async def until_running(watcher: Source, kind: str, mark: str, expected: int) -> float:
    """Seconds until the server shows so many; gives up after twenty."""
    began = monotonic()
    while await running(watcher, kind, mark) != expected:
        assert monotonic() - began < 20, f"never {expected} running"
    return monotonic() - began


async def test_a_stopped_question_is_gone_from_the_server_at_once(kind: str, address: str, watcher: Source) -> None:
    source = open_source(address, "shop")
    for number in range(3):
        mark = f"stopped_{number}"
        task = asyncio.create_task(table(source, SLEEP[kind].replace("AS x", f"AS {mark}")))
        await until_running(watcher, kind, mark, 1)
        began = monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await until_running(watcher, kind, mark, 0)
        assert monotonic() - began < 10
    assert (await table(source, "SELECT 1 AS n")).num_rows == 1
    await source.close()


async def test_an_answer_left_half_read_is_gone_from_the_server_at_once(
    kind: str, address: str, watcher: Source
) -> None:
    source = open_source(address, "shop")
    sql = MANY[kind].replace("AS t", "AS half_read")
    async with aclosing(cast(Any, source.execute(sql, Limits(rows=10**7, bytes=2**40)))) as batches:
        async for _ in batches:
            await until_running(watcher, kind, "half_read", 1)
            break
        began = monotonic()
    await until_running(watcher, kind, "half_read", 0)
    assert monotonic() - began < 10
    await source.close()


async def test_the_server_keeps_the_time_limit_too(kind: str, address: str) -> None:
    source = open_source(address, "shop")
    began = monotonic()
    with pytest.raises(TooMuch, match=r"longer than 0\.4 seconds"):
        await table(source, SLEEP[kind], None, Limits(seconds=0.4))
    assert monotonic() - began < 10
    await source.close()


async def test_a_line_that_is_cut_in_the_middle_does_not_hold_who_asked(kind: str, address: str) -> None:
    async with line_to(address) as line:
        source = open_source(line.address, "shop")
        await table(source, "SELECT 1 AS n")
        stream = cast(Any, source.execute(MANY[kind], Limits(rows=10**7, bytes=2**40, seconds=1)))
        async with aclosing(stream) as batches:
            await anext(batches)
            line.cut()
            began = monotonic()
            with pytest.raises(TooMuch, match="longer than 1 second"):
                async for _ in batches:
                    pass
        assert monotonic() - began < 10
        await source.close()


async def test_stop_on_a_line_that_is_cut_is_a_stop_at_once(kind: str, address: str, watcher: Source) -> None:
    async with line_to(address) as line:
        source = open_source(line.address, "shop")
        await table(source, "SELECT 1 AS n")
        task = asyncio.create_task(table(source, SLEEP[kind].replace("AS x", "AS cut_off")))
        await until_running(watcher, kind, "cut_off", 1)
        line.cut()
        began = monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert monotonic() - began < 10
        await source.close()


async def test_a_line_that_hangs_up_in_the_middle_is_unavailable_and_the_next_question_works(
    kind: str, address: str, watcher: Source
) -> None:
    async with line_to(address) as line:
        source = open_source(line.address, "shop")
        task = asyncio.create_task(table(source, SLEEP[kind].replace("AS x", "AS hung_up")))
        await until_running(watcher, kind, "hung_up", 1)
        line.hang_up()
        with pytest.raises(SourceUnavailable) as error:
            await task
        assert "quillux source test" in error.value.next_step
        assert (await table(source, "SELECT 1 AS n")).num_rows == 1
        await source.close()


async def test_a_server_that_takes_the_call_and_never_answers_is_unavailable_in_time(kind: str, address: str) -> None:
    async with line_to(address) as line:
        line.cut()
        source = open_source(line.address, "shop")
        began = monotonic()
        with pytest.raises(SourceUnavailable):
            await source.introspect()
        assert monotonic() - began < 30
        await source.close()


async def test_a_refused_call_is_unavailable_at_once(kind: str, address: str) -> None:
    scheme, _, rest = address.partition("://")
    login, _, where = rest.partition("@")
    source = open_source(f"{scheme}://{login}@127.0.0.1:1/{where.partition('/')[2]}", "shop")
    with pytest.raises(SourceUnavailable, match=r"[Cc]onnection refused"):
        await table(source, "SELECT 1 AS n")
    await source.close()


async def test_a_wrong_password_is_said_without_showing_it(kind: str, address: str) -> None:
    source = open_source(address.replace("not-a-secret", "hunter2-wrong"), "shop")
    with pytest.raises(SourceUnavailable, match=r"password authentication failed|Access denied") as error:
        await source.introspect()
    assert "hunter2" not in str(error.value) + repr(error.value.__cause__)
    await source.close()


async def test_a_password_of_odd_characters_is_not_shown_by_an_address_that_cannot_be_read(kind: str) -> None:
    scheme = {"postgres": "postgresql", "mariadb": "mysql"}[kind]
    source = open_source(f"{scheme}://user:hunter2@[broken/db?x", "shop")
    with pytest.raises(SourceUnavailable) as error:
        await source.introspect()
    assert "hunter2" not in str(error.value) + repr(error.value.__cause__) + repr(error.value.__context__)
    await source.close()


async def test_a_server_that_dies_in_the_middle_is_unavailable(kind: str, address: str) -> None:
    server = postgres_server if kind == "postgres" else mariadb_server
    with server() as mortal:
        source = open_source(mortal, "shop")
        stream = cast(Any, source.execute(MANY[kind], Limits(rows=10**7, bytes=2**40)))
        await anext(stream)
    with pytest.raises(SourceUnavailable):
        async for _ in stream:
            pass
    with pytest.raises(SourceUnavailable):
        await table(source, "SELECT 1 AS n")
    await source.close()


async def test_what_the_login_may_not_read_is_not_in_its_catalog_and_is_said(kind: str, address: str) -> None:
    if kind == "postgres":
        with psycopg.connect(address, autocommit=True) as admin:
            admin.execute("CREATE ROLE looker LOGIN PASSWORD 'looker-test'")
            admin.execute("CREATE TABLE seen AS SELECT 1 AS a, 2 AS b")
            admin.execute("CREATE TABLE unseen AS SELECT 1 AS a")
            admin.execute("GRANT SELECT (a) ON seen TO looker")
    else:
        say(
            address,
            "CREATE USER looker@'127.0.0.1' IDENTIFIED BY 'looker-test'",
            "CREATE TABLE seen AS SELECT 1 AS a, 2 AS b",
            "CREATE TABLE unseen AS SELECT 1 AS a",
            "GRANT SELECT (a) ON shop.seen TO looker@'127.0.0.1'",
        )
    source = open_source(address.replace("quillux:not-a-secret", "looker:looker-test"), "shop")
    (seen,) = await source.introspect()
    assert (seen.name, [column.name for column in seen.columns]) == ("seen", ["a"])
    for sql in ("SELECT * FROM unseen", "SELECT b FROM seen"):
        with pytest.raises(NotAllowed):
            await table(source, sql)
    await source.close()


async def test_a_cancelled_wait_for_a_connection_leaves_room_for_others(kind: str, address: str) -> None:
    source = open_source(address, "shop")
    tasks = [asyncio.create_task(table(source, SLEEP[kind])) for _ in range(12)]
    await asyncio.wait(tasks, timeout=0.3)
    for task in tasks:
        task.cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(outcome, asyncio.CancelledError | KnowledgeError) for outcome in outcomes)
    assert (await table(source, "SELECT 1 AS n")).num_rows == 1
    await source.close()
