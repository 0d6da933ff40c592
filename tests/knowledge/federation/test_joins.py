"""Queries over several sources, from the tree to the rows and the steps of the receipt."""

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from time import process_time

import pytest

from knowledge.asker import Asker
from knowledge.catalog.model import Catalog, Column, DataType, Table
from knowledge.catalog.scan import scan
from knowledge.errors import NotAllowed
from knowledge.federation import EVERYWHERE, Answer, DirectEngine, Request
from knowledge.federation.plan import plan
from knowledge.guard import read_sql
from knowledge.policy import Key, Mask, Masking, TableRules, key_of
from knowledge.sources.port import Limits
from knowledge.sources.registry import open_source
from tests.contracts.shop import PEOPLE, VISITS, write_files, write_sqlite
from tests.fakes.sources import ANYBODY, engine


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[DirectEngine]:
    """The shop twice: `lite` is a SQLite file, `files` a folder of Parquet."""
    write_sqlite(tmp_path / "shop.sqlite")
    (tmp_path / "files").mkdir()
    write_files(tmp_path / "files")
    lite, files = open_source(str(tmp_path / "shop.sqlite"), "lite"), open_source(str(tmp_path / "files"), "files")
    catalog = Catalog(await scan(lite) + await scan(files), {"lite": "sqlite", "files": "duckdb"})
    asked = engine(catalog, lite, files)
    yield asked
    asked.close()
    await lite.close()
    await files.close()


async def ask(shop: DirectEngine, sql: str, limits: Limits | None = None) -> Answer:
    return await shop.run(Request(read_sql(sql, "duckdb"), EVERYWHERE, ANYBODY, limits or Limits()))


async def test_two_sources_are_joined_and_each_step_is_on_the_receipt(shop: DirectEngine) -> None:
    answer = await ask(
        shop,
        "SELECT p.city AS City, sum(v.pages) AS pages FROM lite.people p JOIN files.visits v "
        "ON p.person_id = v.person_id WHERE p.city IN ('Oslo', 'Lyon') GROUP BY 1 ORDER BY 1",
    )
    assert answer.table.to_pylist() == [{"City": "Lyon", "pages": 4509}, {"City": "Oslo", "pages": 4495}]
    assert [(step.source, step.place) for step in answer.steps] == [
        ("lite", ""),
        ("files", ""),
        ("duckdb", "joined here"),
    ]
    assert answer.steps[0].rows == 100
    assert "weight" not in answer.steps[0].sql


async def test_a_query_of_one_source_is_answered_there(shop: DirectEngine) -> None:
    answer = await ask(shop, "SELECT is_member, weight FROM lite.people ORDER BY weight DESC LIMIT 2")
    assert answer.table.to_pylist() == [{"is_member": False, "weight": 50.0}, {"is_member": False, "weight": 49.75}]
    assert [(step.source, step.note) for step in answer.steps] == [("lite", "the whole query")]


async def test_a_table_that_is_not_in_the_catalog_is_not_read(shop: DirectEngine) -> None:
    with pytest.raises(NotAllowed, match="no table"):
        await ask(shop, "SELECT * FROM lite.sqlite_schema")


async def test_the_estimate_is_the_sum_of_what_is_fetched(shop: DirectEngine) -> None:
    query = read_sql("SELECT count(*) AS n FROM lite.people p JOIN files.visits v USING (person_id)", "duckdb")
    expected = await shop.estimate(Request(query, EVERYWHERE, ANYBODY))
    assert (expected.rows_read, expected.rows_returned) == (3_200, 1)


async def test_the_keys_of_a_selective_side_are_shipped_and_said(shop: DirectEngine) -> None:
    answer = await ask(
        shop,
        "SELECT v.visit_id FROM lite.people p JOIN files.visits v ON p.person_id = v.person_id "
        "WHERE p.name IN ('Person 3', 'Person 4')",
    )
    assert answer.table.num_rows == 30
    visits = next(step for step in answer.steps if step.source == "files")
    assert (visits.rows, visits.note) == (30, "2 keys of f1.person_id shipped")


async def test_totals_are_begun_in_the_source_that_has_the_rows(shop: DirectEngine) -> None:
    answer = await ask(
        shop,
        "SELECT p.city, count(*) AS n, sum(v.pages) AS pages FROM lite.people p JOIN files.visits v "
        "ON p.person_id = v.person_id GROUP BY p.city ORDER BY p.city LIMIT 1",
    )
    berlin = {person[0] for person in PEOPLE if person[2] == "Berlin"}
    pages = [int(str(visit[3])) for visit in VISITS if visit[1] in berlin]
    assert answer.table.to_pylist() == [{"city": "Berlin", "n": len(pages), "pages": sum(pages)}]
    visits = next(step for step in answer.steps if step.source == "files")
    assert visits.rows == 200
    assert "GROUP BY" in visits.sql


async def test_planning_looks_at_the_tables_of_the_query_only() -> None:
    columns = tuple(Column(f"c{at}", DataType.INTEGER, "integer") for at in range(15))
    tables = tuple(Table("big" if at % 2 else "other", f"t{at}", columns, rows=1_000) for at in range(10_000))
    catalog = Catalog(tables, {"big": "postgres", "other": "sqlite"})
    query = read_sql("SELECT count(*) AS n FROM big.t1 a JOIN other.t2 b ON a.c1 = b.c1 WHERE a.c2 = 7", "duckdb")
    plan(query, catalog, catalog.dialects)
    began = process_time()
    for _ in range(20):
        plan(query, catalog, catalog.dialects)
    assert (process_time() - began) / 20 < 0.02


class OsloOnly:
    """`Policy`: of people only those in Oslo are seen, without their names and weights."""

    version = "1"

    async def rules(self, asker: Asker, tables: Sequence[Table]) -> Mapping[Key, TableRules]:
        rules = TableRules(
            filters=("city = 'Oslo'",),
            masks={"name": Mask(Masking.NULL)},
            hidden=frozenset({"weight"}),
            names=("oslo only",),
        )
        return {key_of(table): rules if table.name == "people" else TableRules() for table in tables}


async def test_rules_hold_in_a_join_and_reach_the_source(tmp_path: Path) -> None:
    write_sqlite(tmp_path / "shop.sqlite")
    (tmp_path / "files").mkdir()
    write_files(tmp_path / "files")
    sources = open_source(str(tmp_path / "shop.sqlite"), "lite"), open_source(str(tmp_path / "files"), "files")
    catalog = Catalog(await scan(sources[0]) + await scan(sources[1]), {"lite": "sqlite", "files": "duckdb"})
    asked = engine(catalog, *sources, policy=OsloOnly())
    answer = await ask(
        asked,
        "SELECT p.city, p.name, count(*) AS n FROM lite.people p JOIN files.visits v ON p.person_id = v.person_id "
        "GROUP BY 1, 2",
    )
    assert answer.table.to_pylist() == [{"city": "Oslo", "name": None, "n": 750}]
    assert answer.policies == ("oslo only",)
    people = next(step for step in answer.steps if step.source == "lite")
    assert (people.rows, "weight" in people.sql) == (50, False)
    asked.close()
    for source in sources:
        await source.close()
