"""All 22 queries of TPC-H over three sources give exactly what one database gives that has all data."""

from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from math import isclose
from pathlib import Path

import duckdb
import pytest

from bench.tpch.generate import generate
from bench.tpch.places import HOMES, of, opened, write_mariadb, write_parquet, write_postgres
from bench.tpch.queries import QUERIES, spread
from knowledge.federation import EVERYWHERE, DirectEngine, Request
from tests import mariadb, postgres
from tests.fakes.sources import ANYBODY, engine

pytestmark = pytest.mark.xdist_group("tpch")

Places = tuple[duckdb.DuckDBPyConnection, str, str, Path]


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Places]:
    if reason := postgres.why_not() or mariadb.why_not():
        pytest.skip(reason)
    database = duckdb.connect()
    generate(database, 0.01)
    folder = tmp_path_factory.mktemp("lake")
    write_parquet(database, folder, of("lake"))
    with postgres.postgres_server() as sales, mariadb.mariadb_server() as stock:
        write_postgres(database, sales, of("sales"))
        write_mariadb(database, stock, of("stock"))
        yield database, sales, stock, folder


@pytest.fixture(scope="module")
async def federated(places: Places) -> AsyncIterator[DirectEngine]:
    _, sales, stock, folder = places
    catalog, sources = await opened(sales, stock, folder)
    asked = engine(catalog, *sources)
    yield asked
    asked.close()
    for source in sources:
        await source.close()


@pytest.mark.parametrize("name", QUERIES)
@pytest.mark.asyncio(loop_scope="module")
async def test_the_answer_is_that_of_one_database(name: str, places: Places, federated: DirectEngine) -> None:
    expected = places[0].execute(QUERIES[name]).fetchall()
    assert expected
    answer = await federated.run(Request(spread(QUERIES[name], HOMES), EVERYWHERE, ANYBODY))
    found = list(zip(*(column.to_pylist() for column in answer.table.columns), strict=True))
    assert len(found) == len(expected)
    for row, wanted in zip(found, expected, strict=True):
        assert all(_same(value, want) for value, want in zip(row, wanted, strict=True)), (row, wanted)


def _same(value: object, wanted: object) -> bool:
    """Equal; quotients and averages, which are floating numbers everywhere, to 15 digits."""
    if isinstance(value, float) and isinstance(wanted, float):
        return isclose(value, wanted, rel_tol=1e-15)
    if isinstance(wanted, Decimal):
        return isinstance(value, Decimal | int) and value == wanted
    return value == wanted
