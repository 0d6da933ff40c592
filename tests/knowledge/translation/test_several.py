"""Questions over several sources: read over all of them only when one alone does not understand the words."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlglot import exp

from knowledge.catalog.model import Catalog, Column, DataType, ForeignKey, Table
from knowledge.groups import most_groups
from knowledge.guard import guard
from knowledge.translation import RuleTranslator
from knowledge.translation.model import Context, Decline, Exchange, Interpretation, Read
from knowledge.units import meanings
from tests.knowledge.translation.several import TODAY, Rows, Several, write_several

CASES = yaml.safe_load((Path(__file__).parent / "several.yaml").read_text("utf-8"))


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Several]:
    made = write_several(tmp_path_factory.mktemp("several"))
    yield made
    made.database.close()


def read(several: Several, question: str, *history: Exchange) -> Interpretation:
    found = several.ask(question, *history)
    assert isinstance(found, Read), found
    return found.interpretations[0]


def sql_of(reading: Interpretation) -> str:
    return reading.query.sql(dialect=reading.dialect)


def same(one: Rows, other: Rows) -> bool:
    def plain(rows: Rows) -> Counter[tuple[str, ...]]:
        return Counter(tuple(sorted(f"{v:.4f}" if isinstance(v, float) else str(v) for v in row)) for row in rows)

    return bool(one) and plain(one) == plain(other)


def exchange(question: str, reading: Interpretation) -> Exchange:
    return Exchange(question, sql_of(reading), reading.source, reading.memory)


def test_there_are_at_least_twenty_five_questions_over_several_sources() -> None:
    assert len(CASES) >= 25


@pytest.mark.parametrize("case", CASES, ids=[case["ask"] for case in CASES])
def test_a_question_over_several_sources_gives_the_rows_of_the_query_written_by_hand(
    several: Several, case: dict[str, Any]
) -> None:
    reading = read(several, case["ask"])
    assert (reading.source, reading.dialect) == ("*", "duckdb")
    assert len({table.split(".")[0] for table in reading.tables}) > 1
    assert all(table.db for table in reading.query.find_all(exp.Table))
    guarded = guard(reading.query, catalog=several.catalog, source="*", rows=100_000).sql(dialect="duckdb")
    assert same(several.rows(case["sql"]), several.rows(guarded)), guarded


@pytest.mark.parametrize(
    ("question", "source"),
    [
        ("How many orders per channel?", "warehouse"),
        ("How many sessions per device?", "web"),
        ("revenue by month in 2026", "warehouse"),
        ("Number of tickets per team", "support"),
        ("How many customers are there?", "warehouse"),
        ("page views by month", "web"),
        ("average satisfaction by topic", "support"),
    ],
)
def test_what_one_source_understands_stays_in_it(several: Several, question: str, source: str) -> None:
    assert read(several, question).source == source


def test_what_no_source_knows_is_declined_by_its_name_and_not_by_words_that_another_source_knows(
    several: Several,
) -> None:
    found = several.ask("How many sessions per year of customer horoscope?")
    assert isinstance(found, Decline)
    assert "horoscope" in found.reason
    assert "sessions" not in found.reason


def test_a_follow_up_goes_on_over_all_sources(several: Several) -> None:
    first = read(several, "How many tickets per customer segment?")
    then = read(several, "only urgent ones", exchange("How many tickets per customer segment?", first))
    assert then.source == "*"
    assert same(
        several.rows(
            "SELECT c.segment, count(*) FROM support.tickets t JOIN warehouse.customers c"
            " ON c.customer_id = t.customer_id WHERE t.priority = 'urgent' GROUP BY 1"
        ),
        several.rows(sql_of(then)),
    )


def test_a_follow_up_may_need_a_source_that_the_question_before_did_not(several: Several) -> None:
    first = read(several, "How many tickets per topic?")
    assert first.source == "support"
    then = read(several, "by customer segment instead", exchange("How many tickets per topic?", first))
    assert then.source == "*"
    assert same(
        several.rows(
            "SELECT c.segment, count(*) FROM support.tickets t JOIN warehouse.customers c"
            " ON c.customer_id = t.customer_id GROUP BY 1"
        ),
        several.rows(sql_of(then)),
    )


def test_units_and_groups_are_those_of_the_table_that_is_meant() -> None:
    one = Table("shop", "orders", (Column("total", DataType.NUMBER, unit="EUR", distinct=9),), rows=5)
    two = Table("web", "orders", (Column("total", DataType.NUMBER, unit="kg", distinct=3),), rows=99)
    query = exp.select("web_orders.total").from_(exp.table_("orders", db="web", alias="web_orders"))
    assert meanings(query, (one, two), ["total"])[0].unit == "kg"
    assert most_groups(query.group_by("web_orders.total"), (one, two)) == 4


def _table(source: str, name: str, *columns: str, schema: str = "", keys: tuple[ForeignKey, ...] = ()) -> Table:
    kinds = {"amount": DataType.NUMBER, "placed_on": DataType.DATE}
    made = tuple(Column(c, kinds.get(c, DataType.INTEGER if c.endswith("_id") else DataType.TEXT)) for c in columns)
    return Table(source, name, made, schema=schema, primary_key=(columns[0],), keys=keys)


def _twice() -> Catalog:
    """Orders in two sources; the visits of the third source end in orders of the shop."""
    buyer = ForeignKey(("customer_id",), "customers", ("customer_id",))
    away = ForeignKey(("order_id",), "orders", ("order_id",), source="shop")
    tables = (
        _table("legacy", "orders", "order_id", "placed_on", "amount"),
        _table("shop", "customers", "customer_id", "name", "segment"),
        _table("shop", "orders", "order_id", "customer_id", "placed_on", "amount", keys=(buyer,)),
        _table("web", "visits", "visit_id", "order_id", "device", keys=(away,)),
    )
    return Catalog(tables, {"legacy": "sqlite", "shop": "postgres", "web": "duckdb"})


def _ask(question: str, catalog: Catalog) -> Interpretation:
    found = RuleTranslator().translate(question, catalog, Context(TODAY))
    assert isinstance(found, Read), found
    return found.interpretations[0]


def test_tables_of_the_same_name_in_two_sources_are_told_apart() -> None:
    reading = _ask("total amount of orders per device of visits", _twice())
    assert reading.source == "*"
    assert set(reading.tables) == {"shop.orders", "web.visits"}
    assert "shop.orders AS shop_orders" in sql_of(reading)
    assert "(shop)" in reading.explanation or "shop" not in reading.explanation


def test_a_source_said_before_a_table_says_which_one_is_meant() -> None:
    assert _ask("How many legacy orders are there?", _twice()).source == "legacy"
    assert _ask("How many shop orders are there?", _twice()).source == "shop"


def test_a_question_that_two_sources_answer_as_well_says_whose_answer_it_is() -> None:
    reading = _ask("How many orders are there?", _twice())
    (said,) = [a for a in reading.assumptions if a.id == "source:question"]
    assert said.text == "This was asked of legacy; shop has such data too."
    assert ([option.id for option in said.options], said.chosen) == (["legacy", "shop"], "legacy")
    context = Context(TODAY, choices={said.id: "shop"})
    found = RuleTranslator().translate("How many orders are there?", _twice(), context)
    assert isinstance(found, Read)
    assert found.interpretations[0].source == "shop"
    assert found.interpretations[0].assumptions[0].chosen == "shop"


def test_tables_of_the_same_name_in_two_schemas_of_one_source_are_told_apart() -> None:
    tables = (
        _table("db", "orders", "order_id", "placed_on", "amount"),
        _table("db", "orders", "order_id", "placed_on", "amount", schema="archive"),
    )
    catalog = Catalog(tables, {"db": "postgres"})
    assert sql_of(_ask("How many orders are there?", catalog)) == "SELECT COUNT(*) AS orders FROM orders"
    older = sql_of(_ask("How many archive orders are there?", catalog))
    assert "FROM archive.orders AS archive_orders" in older


def test_a_table_outside_the_default_schema_is_named_with_source_and_schema() -> None:
    buyer = ForeignKey(("customer_id",), "customers", ("customer_id",), source="shop", schema="sales")
    tables = (
        _table("shop", "customers", "customer_id", "name", "segment", schema="sales"),
        _table("web", "visits", "visit_id", "customer_id", "device", keys=(buyer,)),
    )
    reading = _ask("visits per segment", Catalog(tables, {"shop": "postgres", "web": "duckdb"}))
    assert reading.tables == ("web.visits", "shop.sales.customers")
    assert "shop.sales.customers" in sql_of(reading)
