"""What is read of a database beside its tables' columns: schemas, keys, views, owners, and what the server counts."""

import psycopg
import pytest

from knowledge.catalog.statistics import Probe
from knowledge.sources.mysql_plan import estimate_plan
from knowledge.sources.postgres_statistics import with_kept_statistics
from knowledge.sources.registry import open_source
from tests.knowledge.sources.relational.asking import say, table

pytestmark = pytest.mark.xdist_group("relational")


@pytest.fixture(scope="module")
def twice(postgres_address: str) -> str:
    with psycopg.connect(postgres_address, autocommit=True) as admin:
        for statement in (
            "CREATE SCHEMA other",
            "CREATE TABLE public.place (id int PRIMARY KEY, city text)",
            "CREATE TABLE other.place (id int PRIMARY KEY, at int REFERENCES public.place)",
            "CREATE TABLE other.visit (id int, place int REFERENCES other.place, home int REFERENCES public.place)",
            "INSERT INTO public.place SELECT n, 'city ' || n % 5 FROM generate_series(1, 200) n",
            "INSERT INTO other.place SELECT n, n FROM generate_series(1, 50) n",
            "CREATE VIEW other.near AS SELECT id FROM other.place WHERE id < 10",
            "CREATE MATERIALIZED VIEW other.kept AS SELECT city, count(*) AS n FROM public.place GROUP BY city",
            "ANALYZE",
        ):
            admin.execute(statement.encode())
    return postgres_address


async def test_one_name_in_two_schemas_is_two_tables(twice: str) -> None:
    source = open_source(twice, "shop")
    tables = {(found.schema, found.name): found for found in await source.introspect()}
    here, there = tables["", "place"], tables["other", "place"]
    assert [(await source.profile(place)).rows for place in (here, there)] == [200, 50]
    assert (await source.sample(there, 100)).column_names == ["id", "at"]
    assert (await source.estimate("SELECT * FROM other.place")).rows_read == 50
    assert (await source.estimate("SELECT * FROM place")).rows_read == 200
    await source.close()


async def test_a_key_into_another_schema_says_which(twice: str) -> None:
    source = open_source(twice, "shop")
    tables = {(found.schema, found.name): found for found in await source.introspect()}
    found = {key.columns: (key.target, key.schema) for key in tables["other", "visit"].keys}
    assert found == {("place",): ("place", None), ("home",): ("place", "")}
    await source.close()


async def test_a_view_says_how_it_is_made_and_everything_whose_it_is(twice: str) -> None:
    source = open_source(twice, "shop")
    tables = {(found.schema, found.name): found for found in await source.introspect()}
    near = tables["other", "near"]
    assert (near.kind, near.owner) == ("view", "quillux")
    assert "FROM other.place" in near.definition
    assert tables["other", "kept"].kind == "view"
    assert tables["", "place"].definition == ""
    assert (await source.profile(near)).rows == 9
    await source.close()


async def test_rows_are_known_to_a_source_that_has_profiled_nothing(twice: str) -> None:
    source = open_source(twice, "shop")
    assert (await source.estimate("SELECT count(*) FROM place WHERE city = 'city 1'")).rows_read == 200
    await source.close()


async def test_what_is_too_large_to_measure_has_the_servers_own_statistics(twice: str) -> None:
    source = open_source(twice, "shop")
    place = next(found for found in await source.introspect() if (found.schema, found.name) == ("", "place"))

    async def ask(sql: str) -> list[tuple[object, ...]]:
        answer = await table(source, sql)
        return list(zip(*(column.to_pylist() for column in answer.columns), strict=True))

    known = await with_kept_statistics(place, ask)
    assert known.by_name["city"].distinct == 5
    assert set(known.by_name["city"].values) == {f"city {number}" for number in range(5)}
    assert (known.by_name["id"].minimum, known.by_name["id"].maximum) == ("1", "200")
    assert Probe("postgres", ask, lambda _table, _rows: "").relation(place) == '"place"'
    await source.close()


async def test_mariadbs_views_keys_and_counts_are_read(mariadb_address: str) -> None:
    say(
        mariadb_address,
        "CREATE DATABASE elsewhere",
        "CREATE TABLE elsewhere.home (id int PRIMARY KEY)",
        "CREATE TABLE place (id int PRIMARY KEY COMMENT 'Number [no]', home int, "
        "FOREIGN KEY (home) REFERENCES elsewhere.home (id)) COMMENT 'Places'",
        "INSERT INTO place SELECT seq, NULL FROM seq_1_to_300",
        "CREATE VIEW near AS SELECT id FROM place WHERE id < 10",
        "ANALYZE TABLE place",
    )
    source = open_source(mariadb_address, "shop")
    tables = {found.name: found for found in await source.introspect()}
    place, near = tables["place"], tables["near"]
    assert (place.comment, place.by_name["id"].unit, place.primary_key) == ("Places", "no", ("id",))
    assert [(key.columns, key.target, key.schema) for key in place.keys] == [(("home",), "home", "elsewhere")]
    assert (near.kind, near.owner.partition("@")[0]) == ("view", "quillux")
    assert "from `shop`.`place`" in near.definition
    assert (await source.estimate("SELECT count(*) FROM place WHERE home IS NULL")).rows_read == 300
    assert (await source.profile(near)).rows == 9
    await source.close()


MYSQL_8 = """{"query_block": {"select_id": 1, "cost_info": {"query_cost": "650.00"}, "grouping_operation": {
  "using_temporary_table": true, "nested_loop": [
  {"table": {"table_name": "v", "access_type": "ALL", "rows_examined_per_scan": 3000, "rows_produced_per_join": 300,
   "filtered": "10.00"}},
  {"table": {"table_name": "p", "access_type": "eq_ref", "key": "PRIMARY", "rows_examined_per_scan": 1,
   "rows_produced_per_join": 300, "filtered": "100.00"}}]}}}"""
MARIADB = """{"query_block": {"select_id": 1, "filesort": {"temporary_table": {"nested_loop": [
  {"table": {"table_name": "v", "access_type": "ALL", "rows": 3000, "filtered": 10}},
  {"table": {"table_name": "p", "access_type": "eq_ref", "key": "PRIMARY", "rows": 1, "filtered": 100}}]}}}}"""


@pytest.mark.parametrize("plan", [MYSQL_8, MARIADB])
def test_a_plan_is_read_as_mysql_and_as_mariadb_write_it(plan: str) -> None:
    found = estimate_plan(plan, "SELECT * FROM visits v JOIN people p USING (id)", {})
    assert (found.rows_read, found.rows_returned) == (3_300, 300)
