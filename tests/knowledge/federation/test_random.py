"""Whatever is asked over three sources has the answer that one database with all the data gives.

`QUILLUX_FEDERATION_QUERIES` sets how many random queries are tried (300 by default).
"""

import asyncio
import os
from collections.abc import Iterator
from decimal import Decimal

import duckdb
import pytest
from hypothesis import HealthCheck, assume, given, settings

from knowledge.errors import Refused
from knowledge.federation import EVERYWHERE, DirectEngine, Request
from knowledge.guard import read_sql
from tests.fakes.sources import ANYBODY
from tests.knowledge.federation.queries import queries
from tests.knowledge.federation.world import addresses, federated, reference

EXAMPLES = int(os.environ.get("QUILLUX_FEDERATION_QUERIES", "300"))

World = tuple[duckdb.DuckDBPyConnection, DirectEngine, asyncio.Runner]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    database = reference()
    with addresses(tmp_path_factory.mktemp("world"), database) as places, asyncio.Runner() as runner:
        asked, sources = runner.run(federated(places))
        yield database, asked, runner
        asked.close()
        for source in sources:
            runner.run(source.close())


@given(asked=queries())
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=EXAMPLES <= 300)
def test_any_query_has_the_answer_of_one_database(world: World, asked: tuple[str, bool]) -> None:
    sql, ordered = asked
    database, engine, runner = world
    try:
        expected = [_plain(row) for row in database.execute(sql).fetchall()]
    except duckdb.Error:
        assume(False)
    try:
        answer = runner.run(engine.run(Request(read_sql(sql, "duckdb"), EVERYWHERE, ANYBODY)))
    except Refused as error:
        pytest.fail(f"{sql}\n{error}")
    rows = [_plain(row) for row in zip(*(column.to_pylist() for column in answer.table.columns), strict=True)]
    if not ordered:
        rows, expected = sorted(rows, key=repr), sorted(expected, key=repr)
    steps = "\n".join(f"{step.source}: {step.sql}" for step in answer.steps)
    assert rows == expected, f"{sql}\n{steps}"


def _plain(row: tuple[object, ...]) -> tuple[object, ...]:
    """Numbers by their value: an average may come as another type of number, but not as another number."""
    return tuple(
        Decimal(repr(round(float(value), 9))).normalize() + 0
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool)
        else value
        for value in row
    )
