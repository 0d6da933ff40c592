"""Engines that change their secret, drivers that do not let go, and connections that are lost."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from threading import Event
from time import monotonic

import pytest
import sqlalchemy as sa

from knowledge.errors import SourceUnavailable, TooMuch
from knowledge.sources.opening import Opening
from knowledge.sources.port import Limits
from knowledge.sources.sdk.database import DatabaseSource
from knowledge.sources.sdk.speech import Speech, by_interrupt


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.db"
    with closing(sqlite3.connect(path)) as database:
        database.executescript(
            "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT); INSERT INTO t VALUES (1, '100%'), (2, ':x'), (3, '?');"
            "CREATE TABLE u (c INTEGER REFERENCES t(a)); CREATE VIEW v AS SELECT b FROM t;"
        )
    return path


def opened(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{file}?mode=ro", uri=True, check_same_thread=False)


async def rows(source: DatabaseSource, sql: str, limits: Limits | None = None) -> list[dict[str, object]]:
    return [row async for batch in source.execute(sql, limits or Limits()) for row in batch.to_pylist()]


async def test_tables_views_and_keys_are_read_by_the_inspector(file: Path) -> None:
    source = DatabaseSource(Opening("x", "x://"), lambda _: sa.create_engine(f"sqlite:///{file}"), Speech("sqlite"))
    tables = {table.name: table for table in await source.introspect()}
    assert {name: table.kind for name, table in tables.items()} == {"t": "table", "u": "table", "v": "view"}
    assert tables["t"].primary_key == ("a",)
    assert (tables["u"].keys[0].target, tables["u"].keys[0].target_columns) == ("t", ("a",))
    assert "SELECT b FROM t" in tables["v"].definition
    await source.close()


async def test_signs_of_parameters_in_a_query_are_signs_like_any_other(file: Path) -> None:
    source = DatabaseSource(Opening("x", "x://"), lambda _: sa.create_engine(f"sqlite:///{file}"), Speech("sqlite"))
    assert await rows(source, "SELECT a FROM t WHERE b IN ('100%', ':x', '?') AND b LIKE '%' ORDER BY a") == [
        {"a": 1}, {"a": 2}, {"a": 3},
    ]  # fmt: skip
    await source.close()


async def test_a_secret_that_changes_is_used_at_the_next_connect(file: Path) -> None:
    secrets = iter(["first secret", "second/secret"])
    made: list[str] = []

    async def resolve(_reference: str) -> str:
        return next(secrets)

    def engine(address: str) -> sa.Engine:
        made.append(address)
        return sa.create_engine(f"sqlite:///{file}")

    source = DatabaseSource(Opening("x", "x://me:${env:PASSWORD}@host/d", resolve), engine, Speech("sqlite"))
    assert await rows(source, "SELECT count(*) AS n FROM t") == [{"n": 3}]
    assert await rows(source, "SELECT count(*) AS n FROM t") == [{"n": 3}]
    assert made == ["x://me:first%20secret@host/d"]
    await source.close()
    assert await rows(source, "SELECT count(*) AS n FROM t") == [{"n": 3}]
    assert made[1:] == ["x://me:second%2Fsecret@host/d"]
    await source.close()


async def test_a_driver_that_does_not_let_go_is_left_behind(file: Path) -> None:
    """Its function blocks where no interrupt reaches it, as a driver does that waits for its server."""
    let_go, waits = Event(), Event()

    def connect() -> sqlite3.Connection:
        def block() -> int:
            waits.set()
            let_go.wait(30)
            return 1

        connection = opened(file)
        connection.create_function("block", 0, block)
        return connection

    def engine(_address: str) -> sa.Engine:
        return sa.create_engine("sqlite://", creator=connect, poolclass=sa.NullPool)

    source = DatabaseSource(Opening("x", "x://"), engine, Speech("sqlite", cancel=by_interrupt))
    task = asyncio.create_task(rows(source, "SELECT block() AS n FROM t"))
    await asyncio.to_thread(waits.wait, 5)
    began = monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert monotonic() - began < 10
    with pytest.raises(TooMuch, match=r"longer than 0\.2 seconds"):
        await rows(source, "SELECT block() AS n FROM t", Limits(seconds=0.2))
    assert await rows(source, "SELECT count(*) AS n FROM t") == [{"n": 3}]
    let_go.set()
    await source.close()


async def test_what_a_driver_raises_at_connecting_shows_no_secret() -> None:
    def engine(address: str) -> sa.Engine:
        raise RuntimeError(f"cannot reach {address} with password=hunter2")

    source = DatabaseSource(Opening("x", "x://me:hunter2@host/d"), engine, Speech("sqlite"))
    with pytest.raises(SourceUnavailable, match="cannot reach x://… with password=…") as error:
        await source.introspect()
    assert "hunter2" not in str(error.value)
    assert error.value.__cause__ is None
    await source.close()
