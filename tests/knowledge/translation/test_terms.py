"""Terms of a glossary in questions: what they are read as, what is said of them, and what they never do."""

import sqlite3
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from knowledge.catalog.model import Catalog, Column, DataType, ForeignKey, Table
from knowledge.glossary import EMPTY, Glossary, Metric, Place, Relation, Term
from knowledge.translation import RuleTranslator
from knowledge.translation.model import Ask, Context, Decline, Exchange, Interpretation, Read, Translation
from tests.knowledge.translation.big import generated
from tests.knowledge.translation.warehouse import TODAY, write_warehouse

REVENUE = Term(
    "net-revenue",
    "Net revenue",
    "metric",
    "approved",
    synonyms=("turnover", "Umsatz"),
    metric=Metric("shop", "order_lines", "SUM(revenue * 0.8)", time="orders.ordered_at", unit="EUR", format="money"),
    version=3,
)
AOV = Term(
    "aov",
    "Average order value",
    "metric",
    "approved",
    synonyms=("AOV",),
    metric=Metric(
        "shop",
        "orders",
        "SUM(total) / COUNT(*)",
        filters=("status <> 'cancelled'",),
        additivity="non-additive",
        time="ordered_at",
    ),
    version=1,
)
ACTIVE = Term(
    "active-customer",
    "Active customer",
    status="approved",
    places=(
        Place(
            "shop",
            "customers",
            condition="customer_id IN (SELECT customer_id FROM orders WHERE ordered_at >= '2026-06-01')",
        ),
    ),
    version=2,
)
INSIDER = Term(
    "insider", "Insider", status="approved", places=(Place("shop", "customers", condition="newsletter = 1"),)
)
CLIENT = Term("client", "Client", status="approved", places=(Place("shop", "customers"),))
BUYER = Term("buyer", "Kind of buyer", "dimension", "approved", places=(Place("shop", "customers", "segment"),))
GLOSSARY = Glossary((REVENUE, AOV, ACTIVE, INSIDER, CLIENT, BUYER), "v1")
LINES = "order_lines l JOIN orders o USING (order_id)"

RIGHT = {
    "turnover by month in 2026": f"SELECT strftime('%Y-%m', ordered_at), SUM(l.revenue * 0.8) FROM {LINES} "
    "WHERE ordered_at LIKE '2026%' GROUP BY 1 ORDER BY 1",
    "net revenue last month": f"SELECT SUM(l.revenue * 0.8) FROM {LINES} WHERE ordered_at LIKE '2026-10%'",
    "top 5 stores by net revenue": f"SELECT s.name, SUM(l.revenue * 0.8) FROM {LINES} JOIN stores s USING (store_id) "
    "GROUP BY s.store_id ORDER BY 2 DESC LIMIT 5",
    "average order value in Germany last year vs the year before": "SELECT strftime('%Y', ordered_at), SUM(total) / "
    "COUNT(*) FROM orders JOIN customers USING (customer_id) JOIN countries n USING (country_id) WHERE status <> "
    "'cancelled' AND n.name = 'Germany' AND ordered_at >= '2024-01-01' AND ordered_at < '2026-01-01' GROUP BY 1",
    "AOV by channel": "SELECT channel, SUM(total) / COUNT(*) FROM orders WHERE status <> 'cancelled' GROUP BY 1",
    "stores with turnover over 8000": f"SELECT s.name FROM {LINES} JOIN stores s USING (store_id) GROUP BY s.store_id "
    "HAVING SUM(l.revenue * 0.8) > 8000",
    "how many active customers are there": "SELECT COUNT(*) FROM customers WHERE customer_id IN "
    "(SELECT customer_id FROM orders WHERE ordered_at >= '2026-06-01')",
    "how many insiders per country": "SELECT n.name, COUNT(*) FROM customers JOIN countries n USING (country_id) "
    "WHERE newsletter = 1 GROUP BY 1",
    "customers who are not insiders": "SELECT name FROM customers WHERE newsletter = 0",
    "average number of orders per client": "SELECT COUNT(*) * 1.0 / COUNT(DISTINCT customer_id) FROM orders",
    "clients by kind of buyer": "SELECT segment, COUNT(*) FROM customers GROUP BY 1",
    "net revenue of active customers by country": f"SELECT n.name, SUM(l.revenue * 0.8) FROM {LINES} JOIN customers c "
    "USING (customer_id) JOIN countries n USING (country_id) WHERE customer_id IN (SELECT customer_id FROM orders "
    "WHERE ordered_at >= '2026-06-01') GROUP BY 1",
    "net revenue by carrier": "SELECT carrier, SUM(r) FROM (SELECT DISTINCT order_line_id, carrier, l.revenue * 0.8 "
    f"AS r FROM {LINES} JOIN shipments USING (order_id)) GROUP BY 1",
    "average net revenue per customer": f"SELECT SUM(l.revenue * 0.8) / COUNT(DISTINCT customer_id) FROM {LINES}",
    "what percentage of net revenue comes from Germany": "SELECT ROUND(100.0 * SUM(CASE WHEN n.name = 'Germany' THEN "
    f"l.revenue END) / SUM(l.revenue), 2) FROM {LINES} JOIN customers USING (customer_id) JOIN countries n "
    "USING (country_id)",
    "share of net revenue by channel": "SELECT channel, ROUND(100.0 * SUM(l.revenue) / (SELECT SUM(revenue) FROM "
    f"order_lines), 2) FROM {LINES} GROUP BY 1",
    "Umsatz nach Land": f"SELECT n.name, SUM(l.revenue * 0.8) FROM {LINES} JOIN customers USING (customer_id) "
    "JOIN countries n USING (country_id) GROUP BY 1",
}


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Catalog]:
    path: Path = tmp_path_factory.mktemp("terms") / "warehouse.sqlite"
    return path, write_warehouse(path)


def _translate(warehouse: tuple[Path, Catalog], question: str, *terms: Term, **context: object) -> Translation:
    glossary = Glossary(terms, "v") if terms else GLOSSARY
    return RuleTranslator().translate(question, warehouse[1], Context(TODAY, glossary=glossary, **context))  # type: ignore[arg-type]


def _read(warehouse: tuple[Path, Catalog], question: str, *terms: Term, **context: object) -> Interpretation:
    found = _translate(warehouse, question, *terms, **context)
    assert isinstance(found, Read), found
    return found.interpretations[0]


def _rows(warehouse: tuple[Path, Catalog], sql: str) -> list[tuple[object, ...]]:
    database = sqlite3.connect(f"file:{warehouse[0]}?mode=ro", uri=True)
    try:
        found = database.execute(sql).fetchall()
    finally:
        database.close()
    rounded = [tuple(round(v, 4) if isinstance(v, float) else v for v in row) for row in found]
    return sorted(rounded, key=repr)


def _sql(reading: Interpretation) -> str:
    return reading.query.sql(dialect="sqlite")


@pytest.mark.parametrize("question", RIGHT)
def test_a_question_with_terms_is_answered_as_the_glossary_says(question: str, warehouse: tuple[Path, Catalog]) -> None:
    reading = _read(warehouse, question)
    expected, got = _rows(warehouse, RIGHT[question]), _rows(warehouse, _sql(reading))
    assert expected
    assert [{*row} for row in expected] == [{*row[: len(expected[0])]} for row in got], _sql(reading)
    assert reading.terms


def test_a_term_is_named_with_its_version_and_tied_to_its_words(warehouse: tuple[Path, Catalog]) -> None:
    reading = _read(warehouse, "turnover by country")
    assert [term.told for term in reading.terms] == ["Net revenue (version 3)"]
    assert reading.explanation == "Net revenue per country."
    assert (reading.terms[0].heading, reading.terms[0].unit, reading.terms[0].format) == ("net_revenue", "EUR", "money")
    told = next(phrase for phrase in reading.because if "version 3" in phrase.meaning)
    assert told.words == ("turnover",)


def test_an_approved_metric_wins_over_a_column_of_that_name(warehouse: tuple[Path, Catalog]) -> None:
    reading = _read(warehouse, "revenue by channel", replace(REVENUE, name="Revenue"))
    assert "0.8" in _sql(reading)
    assert not any(assumption.options for assumption in reading.assumptions)


def test_a_draft_is_an_assumption_that_gives_way_to_the_column_by_a_press(warehouse: tuple[Path, Catalog]) -> None:
    draft = replace(REVENUE, name="Revenue", status="draft")
    reading = _read(warehouse, "revenue by channel", draft)
    assumption = next(one for one in reading.assumptions if one.id == "term:revenue")
    assert "0.8" in _sql(reading)
    assert [option.label for option in assumption.options] == [
        "the draft meaning of revenue",
        "the column order_lines.revenue",
    ]
    other = _read(warehouse, "revenue by channel", draft, choices={"term:revenue": "data"})
    assert "0.8" not in _sql(other)
    back = next(one for one in other.assumptions if one.id == "term:revenue")
    assert (back.chosen, [option.id for option in back.options]) == ("data", ["net-revenue", "data"])


def test_a_deprecated_term_is_not_used_and_the_card_says_what_took_its_place(warehouse: tuple[Path, Catalog]) -> None:
    old = replace(REVENUE, id="old", name="Revenue", status="deprecated", relations=(Relation("same-as", "aov"),))
    reading = _read(warehouse, "revenue by channel", old, AOV)
    assert "0.8" not in _sql(reading)
    assert "The term “revenue” is deprecated and was not used; “Average order value” has taken its place." in [
        one.text for one in reading.assumptions
    ]


def test_words_of_two_approved_terms_are_asked_about_where_the_result_differs(warehouse: tuple[Path, Catalog]) -> None:
    gross = replace(
        REVENUE, id="gross", name="Gross sales", synonyms=("sales",), metric=Metric("shop", "orders", "SUM(total)")
    )
    net = replace(REVENUE, synonyms=("sales",))
    found = _translate(warehouse, "sales by channel", gross, net)
    assert isinstance(found, Ask)
    assert [option.id for option in found.assumption.options] == ["gross", "net-revenue"]
    chosen = _read(warehouse, "sales by channel", gross, net, choices={found.assumption.id: "net-revenue"})
    assert "0.8" in _sql(chosen)


def test_a_figure_that_does_not_add_up_has_no_shares_and_no_running_total(warehouse: tuple[Path, Catalog]) -> None:
    for question in ("share of AOV by channel", "running total of average order value by month"):
        found = _translate(warehouse, question)
        assert isinstance(found, Decline)
        assert "Average order value" in found.reason


def test_a_metric_beside_another_measure_keeps_its_filters_to_itself(warehouse: tuple[Path, Catalog]) -> None:
    reading = _read(warehouse, "average order value and number of orders by channel")
    expected = (
        "SELECT channel, SUM(CASE WHEN status <> 'cancelled' THEN total END) / COUNT(CASE WHEN status <> 'cancelled' "
        "THEN 1 END), COUNT(*) FROM orders GROUP BY 1"
    )
    assert _rows(warehouse, _sql(reading)) == _rows(warehouse, expected)


def test_a_balance_counts_as_it_stood_last_in_each_period(warehouse: tuple[Path, Catalog]) -> None:
    rate = Term(
        "rate",
        "Open amount",
        "metric",
        "approved",
        metric=Metric("shop", "payments", "SUM(amount)", additivity="semi-additive", time="paid_at"),
    )
    reading = _read(warehouse, "open amount by month in 2026", rate)
    expected = (
        "SELECT strftime('%Y-%m', paid_at), SUM(amount) FROM payments WHERE paid_at IN (SELECT MAX(paid_at) FROM "
        "payments WHERE paid_at LIKE '2026%' GROUP BY strftime('%Y-%m', paid_at)) GROUP BY 1"
    )
    assert _rows(warehouse, _sql(reading)) == _rows(warehouse, expected)


def test_a_narrower_term_is_also_what_the_wider_one_is(warehouse: tuple[Path, Catalog]) -> None:
    vip = Term(
        "vip",
        "VIP",
        status="approved",
        places=(Place("shop", "customers", condition="segment = 'Corporate'"),),
        relations=(Relation("is-a", "insider"),),
    )
    reading = _read(warehouse, "how many VIPs are there", vip, INSIDER)
    expected = "SELECT COUNT(*) FROM customers WHERE segment = 'Corporate' AND newsletter = 1"
    assert _rows(warehouse, _sql(reading)) == _rows(warehouse, expected)


def test_the_same_as_an_approved_term_is_read_like_it(warehouse: tuple[Path, Catalog]) -> None:
    same = Term("proceeds", "Proceeds", status="approved", relations=(Relation("same-as", "net-revenue"),))
    assert _sql(_read(warehouse, "proceeds by channel", same, REVENUE)) == _sql(
        _read(warehouse, "net revenue by channel", same, REVENUE)
    )


def test_a_follow_up_goes_on_with_the_metric(warehouse: tuple[Path, Catalog]) -> None:
    first = _read(warehouse, "net revenue by channel")
    before = Exchange("net revenue by channel", _sql(first), "shop", first.memory)
    reading = _read(warehouse, "only Germany", history=(before,))
    assert "0.8" in _sql(reading)
    assert "'Germany'" in _sql(reading)
    assert [term.id for term in reading.terms] == ["net-revenue"]


def test_a_term_whose_table_a_person_can_not_see_is_not_used_and_the_card_says_so(
    warehouse: tuple[Path, Catalog],
) -> None:
    hidden = replace(REVENUE, name="Revenue", metric=Metric("shop", "secrets", "SUM(x)"))
    reading = _read(warehouse, "revenue by channel", hidden)
    assert any("can’t be read here" in one.text for one in reading.assumptions)
    assert not reading.terms


@pytest.mark.parametrize(
    "expression",
    ["revenue", "SUM(revenue); DROP TABLE orders", "SUM((SELECT 1))", "SUM(nothing)", "SUM(SUM(revenue))", "(", "*",
     "SUM(revenue) OVER ()", "SUM(revenue) FROM orders", "SUM(customers.customer_id)", "x" * 5_000],
)  # fmt: skip
def test_an_expression_that_is_no_aggregate_of_its_table_never_reaches_the_database(
    expression: str, warehouse: tuple[Path, Catalog]
) -> None:
    bad = replace(REVENUE, metric=Metric("shop", "order_lines", expression))
    found = _translate(warehouse, "turnover by channel", bad)
    assert isinstance(found, Decline)
    assert "“Net revenue” can’t be worked out here as the glossary has it (version 3)" in found.reason


def test_quoted_words_are_a_value_and_no_term(warehouse: tuple[Path, Catalog]) -> None:
    found = _translate(warehouse, 'customers called "Insider"')
    assert not isinstance(found, Read) or not found.interpretations[0].terms


def test_a_longer_name_of_the_data_is_no_term_with_a_word_more(warehouse: tuple[Path, Catalog]) -> None:
    lines = Term("order", "Order", status="approved", places=(Place("shop", "returns"),))
    reading = _read(warehouse, "how many order lines are there", lines)
    assert reading.tables == ("order_lines",)


def test_without_terms_each_reading_is_byte_for_byte_what_it_is_without_a_glossary(
    warehouse: tuple[Path, Catalog],
) -> None:
    unrelated = Glossary((Term("zzz", "Zebra crossing", status="approved"),), "v")
    for question in (*RIGHT, "revenue by month", "orders without a promotion", "top three customers by revenue"):
        found = [
            RuleTranslator().translate(question, warehouse[1], Context(TODAY, glossary=glossary))
            for glossary in (EMPTY, Glossary((), "v9"), unrelated)
        ]
        assert repr(found[0]) == repr(found[1]) == repr(found[2])


LEVELS = (
    Term("region", "Region", "dimension", "approved", places=(Place("shop", "regions", "name"),)),
    Term("country", "Country", "dimension", "approved", places=(Place("shop", "countries", "name"),)),
    Term("city", "City", "dimension", "approved", places=(Place("shop", "customers", "city"),)),
    Term("geo", "Geography", "hierarchy", "approved", levels=("region", "country", "city")),
)


def _talk(warehouse: tuple[Path, Catalog], *questions: str) -> list[str]:
    """What each of the questions is explained as, one after the other."""
    told: list[str] = []
    history: tuple[Exchange, ...] = ()
    for question in questions:
        found = _translate(warehouse, question, REVENUE, *LEVELS, history=history)
        if not isinstance(found, Read):
            told.append(found.reason if isinstance(found, Decline) else "?")
            continue
        reading = found.interpretations[0]
        assert _rows(warehouse, _sql(reading))
        history = (*history, Exchange(question, _sql(reading), "shop", reading.memory))
        told.append(reading.explanation)
    return told


def test_an_answer_is_drilled_down_and_rolled_up_along_a_hierarchy(warehouse: tuple[Path, Catalog]) -> None:
    assert _talk(warehouse, "turnover by geography", "drill down", "drill down into Germany", "roll up") == [
        "Net revenue per region.",
        "Net revenue per country.",
        "Net revenue per city, where the country is Germany.",
        "Net revenue per country, where the country is Germany.",
    ]


def test_time_is_a_hierarchy_that_every_answer_has(warehouse: tuple[Path, Catalog]) -> None:
    assert _talk(warehouse, "net revenue by year", "drill down", "one level deeper", "by the next level") == [
        "Net revenue per year.",
        "Net revenue per quarter.",
        "Net revenue per month.",
        "Net revenue per day.",
    ]


def test_where_there_is_no_further_level_that_is_said(warehouse: tuple[Path, Catalog]) -> None:
    assert _talk(warehouse, "orders by channel", "drill down")[1] == (
        "The glossary has no level below channel, and neither has time."
    )


def _with_deals(catalog: Catalog) -> Catalog:
    """The warehouse, and another source in which a column has the name of a term."""
    columns = (Column("deal_id", DataType.INTEGER), Column("turnover", DataType.NUMBER), Column("stage", DataType.TEXT))
    deals = Table("crm", "deals", columns, primary_key=("deal_id",), rows=10)
    return Catalog((*catalog.tables, deals), {**catalog.dialects, "crm": "postgres"})


def test_an_approved_term_of_one_source_is_not_a_column_of_another(warehouse: tuple[Path, Catalog]) -> None:
    catalog = _with_deals(warehouse[1])
    plain = RuleTranslator().translate("turnover", catalog, Context(TODAY))
    assert isinstance(plain, Read)
    assert plain.interpretations[0].source == "crm"
    found = RuleTranslator().translate("turnover", catalog, Context(TODAY, glossary=GLOSSARY))
    assert isinstance(found, Read)
    assert found.interpretations[0].source == "shop"
    assert found.interpretations[0].terms


def test_a_term_of_several_sources_is_read_where_the_rest_of_the_question_is(warehouse: tuple[Path, Catalog]) -> None:
    places = (Place("shop", "orders", "channel"), Place("crm", "deals", "stage"))
    route = Term("route", "Route", "dimension", "approved", places=places)
    catalog, context = _with_deals(warehouse[1]), Context(TODAY, glossary=Glossary((route,), "v"))
    for question, source in (("number of orders by route", "shop"), ("number of deals by route", "crm")):
        found = RuleTranslator().translate(question, catalog, context)
        assert isinstance(found, Read), question
        assert found.interpretations[0].source == source


def test_a_metric_is_joined_with_a_table_of_another_source(warehouse: tuple[Path, Catalog]) -> None:
    catalog = _with_deals(warehouse[1])
    regions = Table(
        "crm", "areas", (Column("code", DataType.TEXT), Column("area_manager", DataType.TEXT)), "", ("code",)
    )
    linked = ForeignKey(("code",), "areas", ("code",), schema="", source="crm")
    tables = [replace(t, keys=(*t.keys, linked)) if t.name == "countries" else t for t in (*catalog.tables, regions)]
    catalog = Catalog(tuple(tables), catalog.dialects)
    found = RuleTranslator().translate("net revenue by area manager", catalog, Context(TODAY, glossary=GLOSSARY))
    assert isinstance(found, Read)
    sql = found.interpretations[0].query.sql(dialect="duckdb")
    assert found.interpretations[0].source == "*"
    assert "SUM(order_lines.revenue * 0.8)" in sql
    assert "crm.areas" in sql


def test_a_term_over_a_table_of_a_big_catalog_finds_that_table() -> None:
    catalog = generated(300, Random(5))
    table = catalog.tables[37]
    term = Term("zest", "Zest", status="approved", places=(Place(table.source, table.name, condition="amt > 3"),))
    found = RuleTranslator().translate(
        "how many zests are there", catalog, Context(TODAY, glossary=Glossary((term,), "v"))
    )
    assert isinstance(found, Read)
    assert found.interpretations[0].tables == (table.name,)
    assert "amt > 3" in found.interpretations[0].query.sql(dialect="postgres")
