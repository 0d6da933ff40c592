"""Rules through the engine: one source and several, errors without the database's words, coarse estimates."""

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

import pytest

from knowledge.asker import Asker
from knowledge.catalog.model import Catalog, Table
from knowledge.catalog.scan import scan
from knowledge.errors import Refused
from knowledge.federation import EVERYWHERE, DirectEngine, Request
from knowledge.guard import read_sql
from knowledge.policy import Key, Mask, Masking, TableRules
from knowledge.sources.registry import open_source
from tests.contracts.shop import write_files, write_sqlite
from tests.fakes.sources import ANYBODY, engine


class Restricted:
    """People of `lite` are those of Oslo, by hashed names; the visits of `files` lack their day."""

    version = "1"

    async def rules(self, asker: Asker, tables: Sequence[Table]) -> Mapping[Key, TableRules]:
        city = TableRules(filters=("city = 'Oslo'",), masks={"name": Mask(Masking.HASH, salt="s")}, names=("Oslo",))
        return {
            (t.source, "", t.name): city if t.name == "people" else TableRules(names=("x",), filters=("pages < 100",))
            for t in tables
        }


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[DirectEngine]:
    write_sqlite(tmp_path / "shop.sqlite")
    (tmp_path / "files").mkdir()
    write_files(tmp_path / "files")
    lite, files = open_source(str(tmp_path / "shop.sqlite"), "lite"), open_source(str(tmp_path / "files"), "files")
    catalog = Catalog(await scan(lite) + await scan(files), {"lite": "sqlite", "files": "duckdb"})
    asked = engine(catalog, lite, files, policy=Restricted())
    yield asked
    asked.close()
    await lite.close()
    await files.close()


async def rows(shop: DirectEngine, sql: str, source: str) -> list[dict[str, object]]:
    dialect = "sqlite" if source == "lite" else "duckdb"
    found: list[dict[str, object]] = (
        await shop.run(Request(read_sql(sql, dialect), source, ANYBODY))
    ).table.to_pylist()
    return found


async def test_rules_hold_in_one_source_and_over_several(shop: DirectEngine) -> None:
    alone = await rows(shop, "SELECT DISTINCT city FROM people", "lite")
    assert alone == [{"city": "Oslo"}]
    sql = "SELECT DISTINCT p.city FROM lite.people p JOIN files.visits v ON p.person_id = v.person_id"
    assert await rows(shop, sql, EVERYWHERE) == alone
    sql = "SELECT count(*) AS n FROM lite.people p JOIN files.visits v USING (person_id) WHERE 1 / v.pages > 0"
    assert (await rows(shop, sql, EVERYWHERE))[0]["n"]


async def test_a_hashed_name_is_the_same_in_one_source_and_over_several(shop: DirectEngine) -> None:
    alone = await rows(shop, "SELECT name FROM people ORDER BY 1 LIMIT 3", "lite")
    assert all(len(str(row["name"])) == 32 for row in alone)
    sql = (
        "SELECT DISTINCT p.name FROM lite.people p LEFT JOIN files.visits v ON p.person_id = v.person_id "
        "ORDER BY 1 LIMIT 3"
    )
    assert await rows(shop, sql, EVERYWHERE) == alone


async def test_the_databases_words_and_the_salt_are_kept_back(shop: DirectEngine) -> None:
    with pytest.raises(Refused) as refusal:
        await rows(shop, "SELECT CAST(city AS INTEGER) FROM people", "files")
    assert "is not shown, because rules" in refusal.value.what
    answer = await shop.run(Request(read_sql("SELECT name FROM people", "sqlite"), "lite", ANYBODY))
    assert answer.policies == ("Oslo",)
    assert "MD5('secret'" in answer.steps[0].sql


async def test_an_estimate_is_told_to_a_power_of_ten(shop: DirectEngine) -> None:
    found = await shop.estimate(Request(read_sql("SELECT city FROM people", "sqlite"), "lite", ANYBODY))
    assert {str(found.rows_read).strip("0"), str(found.rows_returned).strip("0")} <= {"1", "None", ""}


async def test_the_catalog_is_as_one_may_see_it(shop: DirectEngine) -> None:
    seen = await shop.catalog(ANYBODY)
    assert not any(column.values or column.minimum for table in seen.tables for column in table.columns)
