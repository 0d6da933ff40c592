"""The checks that a plugin's author runs, run against every source that is built in."""

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import TypeAlias
from urllib.parse import quote

import pandas as pd
import pyarrow as pa
import pytest
import sqlalchemy as sa

from knowledge.sources.frames import FramesSource
from knowledge.sources.opening import Opening
from knowledge.sources.port import Source
from knowledge.sources.registry import open_source
from knowledge.sources.sdk.checks import CHECKS, Check
from knowledge.sources.sdk.database import DatabaseSource
from knowledge.sources.sdk.ground import Skipped, grounded
from knowledge.sources.sdk.speech import Speech, by_interrupt
from tests.contracts.lakes import serve_shop, write_delta, write_s3
from tests.contracts.shop import PEOPLE, write_duckdb, write_files, write_mariadb, write_postgres, write_sqlite
from tests.knowledge.sources.rest.server import api_server
from tests.mariadb import mariadb_server
from tests.mariadb import why_not as no_mariadb
from tests.postgres import postgres_server, why_not
from tests.s3 import s3_server

pytestmark = pytest.mark.xdist_group("postgres")

Opens: TypeAlias = Callable[[], Source]


def sqlite_file(folder: Path) -> Source:
    write_sqlite(folder / "shop.sqlite")
    return open_source(str(folder / "shop.sqlite"), "shop")


def parquet_files(folder: Path) -> Source:
    write_files(folder)
    return open_source(str(folder), "shop")


def duckdb_file(folder: Path) -> Source:
    write_duckdb(folder / "shop.duckdb")
    return open_source(str(folder / "shop.duckdb"), "shop")


def frames(folder: Path) -> Source:
    people = pd.DataFrame(PEOPLE, columns=["person_id", "name", "city", "born", "weight", "is_member"])
    return FramesSource(
        "shop", {"people": people, 'odd "name"; of\' table': pa.table({"a b": [1, None], "ü": ["x", "y"]})}
    )


def sqlalchemy_engine(folder: Path) -> Source:
    path = folder / "shop.sqlite"
    write_sqlite(path)

    def engine(_address: str) -> sa.Engine:
        def connect() -> sqlite3.Connection:
            return sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, check_same_thread=False)

        return sa.create_engine("sqlite://", creator=connect, poolclass=sa.NullPool)

    return DatabaseSource(Opening("shop", "shop://"), engine, Speech("sqlite", cancel=by_interrupt))


def delta_tables(folder: Path) -> Source:
    (folder / "written").mkdir()
    (folder / "shop").mkdir()
    write_delta(folder / "shop", folder / "written")
    return open_source(str(folder / "shop"), "shop")


LOCAL: tuple[Callable[[Path], Source], ...] = (
    sqlite_file,
    parquet_files,
    duckdb_file,
    frames,
    sqlalchemy_engine,
    delta_tables,
)


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    if reason := why_not():
        pytest.skip(reason)
    with postgres_server() as address:
        write_postgres(address)
        yield address


@pytest.fixture(scope="module")
def mariadb() -> Iterator[str]:
    if reason := no_mariadb():
        pytest.skip(reason)
    with mariadb_server() as address:
        write_mariadb(address)
        yield address


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opening]:
    with s3_server() as store:
        yield store.opening(write_s3(store, tmp_path_factory.mktemp("s3")))


@pytest.fixture(scope="module")
def rest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opening]:
    path = tmp_path_factory.mktemp("rest") / "api.yaml"
    with api_server() as api:
        path.write_text(serve_shop(api, tmp_path_factory.mktemp("served")))
        yield Opening("shop", f"rest://{path}")


@pytest.fixture(
    params=[*LOCAL, "postgres", "mariadb", "postgres by sqlalchemy", "s3", "rest"],
    ids=lambda kind: getattr(kind, "__name__", kind),
)
async def source(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Source]:
    if request.param in ("s3", "rest"):
        opened = open_source(request.getfixturevalue(request.param))
    elif request.param in ("postgres", "mariadb"):
        opened = open_source(request.getfixturevalue(request.param), "shop")
    elif request.param == "postgres by sqlalchemy":
        opened = by_sqlalchemy(request.getfixturevalue("postgres"))
    else:
        opened = request.param(tmp_path)
    yield opened
    await opened.close()


def by_sqlalchemy(address: str) -> Source:
    """The same server through the general building block: a driver whose calls block, cancelled in the server."""
    speech = Speech(
        "postgres",
        prepare=("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",),
        timeout="SET LOCAL statement_timeout = {milliseconds}",
        sample="{table} TABLESAMPLE SYSTEM ({percent}) REPEATABLE (7)",
        cancel=lambda connection, _cursor: connection.cancel(),
    )

    def engine(found: str) -> sa.Engine:
        return sa.create_engine(found.replace("postgresql:", "postgresql+psycopg:", 1), poolclass=sa.NullPool)

    return DatabaseSource(Opening("shop", address), engine, speech)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_every_source_keeps_every_promise(source: Source, check: Check) -> None:
    try:
        await check(await grounded(source))
    except Skipped as reason:
        pytest.skip(str(reason))
