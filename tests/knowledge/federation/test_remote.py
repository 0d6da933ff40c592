"""Joins that are too much for here run in Trino or Spark, with the same answer."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from time import monotonic

import duckdb
import pytest

from bench.tpch.generate import generate
from bench.tpch.queries import QUERIES, spread
from knowledge.catalog.model import Catalog
from knowledge.catalog.scan import scan
from knowledge.errors import Refused, SourceUnavailable, TooMuch
from knowledge.federation import EVERYWHERE, Answer, DirectEngine, Request
from knowledge.federation.remote import JoinEngine
from knowledge.federation.remote.spark import SparkEngine
from knowledge.federation.remote.trino import TrinoEngine
from knowledge.federation.remote.written import faithful
from knowledge.federation.workbench import Bounds
from knowledge.guard import read_sql
from knowledge.sources.port import Limits, Source
from knowledge.sources.registry import open_source
from tests.fakes.sources import ANYBODY, GivenSources
from tests.fixtures.fake_trino import Trino, fake_trino

HOMES = {"customer": "east", "orders": "east", "part": "west", "supplier": "west", "partsupp": "west",
         "lineitem": "west", "nation": "east", "region": "east"}  # fmt: skip


@pytest.fixture(scope="module")
def data() -> duckdb.DuckDBPyConnection:
    database = duckdb.connect()
    generate(database, 0.001)
    return database


@pytest.fixture
async def tpch(tmp_path: Path, data: duckdb.DuckDBPyConnection) -> AsyncIterator[tuple[Catalog, tuple[Source, ...]]]:
    for table, home in HOMES.items():
        (tmp_path / home).mkdir(exist_ok=True)
        data.execute(f"COPY {table} TO '{tmp_path / home / table}.parquet' (FORMAT parquet)")
    sources = tuple(open_source(str(tmp_path / home), home) for home in ("east", "west"))
    tables = [table for source in sources for table in await scan(source)]
    yield Catalog(tuple(tables), dict.fromkeys(("east", "west"), "duckdb")), sources
    for source in sources:
        await source.close()


@pytest.fixture
def trino(data: duckdb.DuckDBPyConnection) -> Iterator[Trino]:
    database = duckdb.connect()
    generate(database, 0.001)
    for table, home in HOMES.items():
        database.execute(f"CREATE SCHEMA IF NOT EXISTS {home}_main")
        database.execute(f"CREATE VIEW {home}_main.{table} AS SELECT * FROM memory.main.{table}")
    with fake_trino(database) as running:
        yield running


def elsewhere(tpch: tuple[Catalog, tuple[Source, ...]], joins: JoinEngine) -> DirectEngine:
    return DirectEngine(GivenSources(tpch[0], *tpch[1]), bounds=Bounds(here=0), joins=joins)


async def ask(engine: DirectEngine, name: str, limits: Limits | None = None) -> Answer:
    query = spread(QUERIES[name], HOMES)
    return await engine.run(Request(query, EVERYWHERE, ANYBODY, limits or Limits()))


def rows(answer: Answer) -> list[tuple[object, ...]]:
    return list(zip(*(column.to_pylist() for column in answer.table.columns), strict=True))


def trino_at(trino: Trino) -> TrinoEngine:
    return TrinoEngine("127.0.0.1", trino.port, user="quillux", catalogs={"east": "east.main", "west": "west.main"})


@pytest.mark.parametrize("name", ["q3", "q5", "q10", "q12", "q18", "q22"])
async def test_trino_gives_the_answer_of_one_database(
    name: str, tpch: tuple[Catalog, tuple[Source, ...]], trino: Trino, data: duckdb.DuckDBPyConnection
) -> None:
    answer = await ask(elsewhere(tpch, trino_at(trino)), name)
    assert rows(answer) == data.execute(QUERIES[name]).fetchall()
    if len({step.source for step in answer.steps}) == 1 and answer.steps[0].source == "trino":
        assert answer.steps[0].place == "trino"
        assert trino.users == ["quillux"]
        assert '"main"."' in trino.statements[0]


async def test_what_is_small_is_joined_here(tpch: tuple[Catalog, tuple[Source, ...]], trino: Trino) -> None:
    engine = DirectEngine(GivenSources(tpch[0], *tpch[1]), joins=trino_at(trino))
    answer = await ask(engine, "q3")
    assert trino.statements == []
    assert answer.steps[-1].place == "joined here"


async def test_a_source_that_trino_does_not_see_is_joined_here(
    tpch: tuple[Catalog, tuple[Source, ...]], trino: Trino
) -> None:
    joins = TrinoEngine("127.0.0.1", trino.port, user="quillux", catalogs={"east": "east.main"})
    answer = await ask(elsewhere(tpch, joins), "q3")
    assert trino.statements == []
    assert answer.steps[-1].place == "joined here"


async def test_a_trino_that_is_down_is_named(tpch: tuple[Catalog, tuple[Source, ...]]) -> None:
    joins = TrinoEngine("127.0.0.1", 9, user="quillux", catalogs={"east": "east.main", "west": "west.main"})
    with pytest.raises(SourceUnavailable, match="trino") as caught:
        await ask(elsewhere(tpch, joins), "q3")
    assert caught.value.source == "trino"


async def test_an_error_of_trino_is_said(tpch: tuple[Catalog, tuple[Source, ...]], trino: Trino) -> None:
    joins = TrinoEngine("127.0.0.1", trino.port, user="quillux", catalogs={"east": "no.where", "west": "west.main"})
    with pytest.raises(Refused, match="could not run the query"):
        await ask(elsewhere(tpch, joins), "q3")


async def test_a_slow_query_is_cancelled_in_trino(tpch: tuple[Catalog, tuple[Source, ...]], trino: Trino) -> None:
    trino.slow = True
    began = monotonic()
    with pytest.raises(TooMuch, match="longer than"):
        await ask(elsewhere(tpch, trino_at(trino)), "q3", Limits(seconds=0.5))
    assert monotonic() - began < 20
    assert trino.cancelled


def test_what_a_dialect_has_no_words_for_stays_here() -> None:
    assert faithful(read_sql("SELECT a FROM t QUALIFY row_number() OVER (ORDER BY a) = 1", "duckdb"), "mysql") is None
    assert faithful(read_sql("SELECT a FROM t WHERE a > 1", "duckdb"), "trino")


@pytest.mark.skipif(find_spec("pyspark") is None, reason="PySpark is not installed (extra `spark`)")
@pytest.mark.skipif(which("java") is None, reason="there is no Java for Spark")
async def test_spark_gives_the_answer_of_one_database(
    tpch: tuple[Catalog, tuple[Source, ...]], data: duckdb.DuckDBPyConnection
) -> None:
    spark = SparkEngine("local[1]")
    engine = elsewhere(tpch, spark)
    try:
        for name in ("q3", "q5", "q9", "q10", "q12", "q18", "q21"):
            answer = await ask(engine, name, Limits(seconds=300))
            assert rows(answer) == data.execute(QUERIES[name]).fetchall(), name
            assert answer.steps[-1].place == "spark"
            assert {step.note for step in answer.steps[:-1]} == {"handed to spark"}
        task = asyncio.create_task(ask(engine, "q21", Limits(seconds=300)))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    finally:
        await spark.close()
