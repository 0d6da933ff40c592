"""dbt semantic models and metrics as terms; whatever can't be kept is said."""

import sqlite3
from pathlib import Path

import pytest

from knowledge.errors import Refused
from knowledge.glossary import Glossary, Term
from knowledge.glossary.checking import check_all
from knowledge.glossary.interchange import Imported, Where, imported
from tests.knowledge.glossary.world import CATALOG

HERE = Path(__file__).parents[2] / "fixtures" / "glossary"
WHERE = Where(CATALOG, "shop")


def read(name: str, where: Where = WHERE) -> Imported:
    return imported({name: (HERE / name).read_text("utf-8")}, where)


def by_id(found: Imported) -> dict[str, Term]:
    return {term.id: term for term in found.terms}


def expressions(found: Imported) -> dict[str, str]:
    return {term.id: term.metric.expression for term in found.terms if term.metric}


def test_metrics_that_are_one_aggregate_become_terms() -> None:
    found = read("dbt_measures.yml")
    assert found.form == "dbt"
    assert expressions(found) == {
        "revenue": "SUM(amount)",
        "buyers": "COUNT(DISTINCT customer_id)",
        "paid-share": "SUM(CASE WHEN status = 'paid' THEN 1 ELSE 0 END)",
        "stock": "SUM(weight)",
        "head-count": "COUNT(id)",
        "refund-rate": "CAST(SUM(returned) AS REAL) / NULLIF(SUM(CASE WHEN status = 'paid' THEN amount END), 0)",
        "refunded": "SUM(returned)",
        "net-revenue": "SUM(amount) - SUM(returned)",
        "order-count": "COUNT(1)",
    }
    assert {problem.severity for problem in check_all(Glossary(found.terms), CATALOG)} <= {"warning"}


def test_a_metric_keeps_its_words_filters_grain_time_unit_and_whether_it_adds_up() -> None:
    terms = by_id(read("dbt_measures.yml"))
    revenue = terms["revenue"]
    assert (revenue.name, revenue.definition, revenue.status) == ("Revenue", "What customers paid.", "proposed")
    assert revenue.metric is not None
    assert revenue.metric.filters == ("status = 'paid'",)
    assert (revenue.metric.grain, revenue.metric.time) == (("id",), "ordered_on")
    assert (revenue.metric.unit, revenue.metric.format) == ("EUR", "money")
    assert terms["order-count"].name == "Orders"
    additivity = {id: term.metric.additivity for id, term in terms.items() if term.metric}
    assert (additivity["revenue"], additivity["buyers"], additivity["stock"]) == (
        "additive",
        "non-additive",
        "semi-additive",
    )
    net = terms["net-revenue"].metric
    assert net is not None
    assert net.filters == ("status = 'paid'",)


def test_models_and_dimensions_become_terms_with_places() -> None:
    terms = by_id(read("dbt_measures.yml"))
    assert terms["orders"].places[0].table == "orders"
    assert terms["land"].name == "Country of delivery"
    assert terms["land"].synonyms == ("market",)
    assert (terms["land"].kind, terms["land"].places[0].column) == ("dimension", "country")
    assert (terms["is-large"].kind, terms["is-large"].places[0].condition) == ("term", "amount > 100")
    assert {terms["orders-status"].name, terms["customers-status"].name} == {"orders status", "customers status"}


def test_whatever_can_not_be_kept_is_said() -> None:
    left = read("dbt_measures.yml").left
    for words in (
        "saved_queries is not read",
        "semantic model sessions: there is no table “fct_sessions” in shop",
        "metric revenue: fill_nulls_with is not kept",
        "metric revenue_of_the_customers: its filter looks into another model",
        "metric p95: its source computes no percentiles",
        "metric stock: which moment of a period counts is not kept",
        "metric orders_per_person: it is made of several tables",
        "metric growth: it compares with another time",
        "metric running_revenue: a running total",
        "metric signup_conversion: a conversion",
        "metric circle: it is made of itself",
        "metric by_metric: its filter",
        "metric by_month: its filter rounds",
        "metric templated: its filter",
        "dimension size_class of orders: “case when",
        "entities of orders (customer)",
        "measure forgotten of orders: no metric is made of it",
    ):
        assert any(words in line for line in left), words


def test_the_form_of_models_with_metrics_reads_alike() -> None:
    found = read("dbt_models.yml")
    assert expressions(found) == {
        "revenue": "SUM(amount)",
        "refunds": "SUM(returned)",
        "refund-rate": "CAST(SUM(returned) AS REAL) / NULLIF(SUM(CASE WHEN NOT country IS NULL THEN amount END), 0)",
    }
    country = by_id(found)["country"]
    assert (country.name, country.definition) == ("Country", "Where it was sent to.")
    assert "dbt_models.yml: the model staging has no semantic model" in found.left
    assert any("metric running" in line for line in found.left)


def test_a_ratio_whose_sides_are_filtered_apart_computes_what_dbt_does() -> None:
    share = expressions(read("dbt_measures.yml"))["refund-rate"]
    with sqlite3.connect(":memory:") as database:
        database.execute("CREATE TABLE orders (amount INTEGER, returned INTEGER, status TEXT)")
        database.executemany("INSERT INTO orders VALUES (?, ?, ?)", [(10, 1, "paid"), (30, 3, "paid"), (99, 6, "open")])
        (value,) = database.execute(f"SELECT {share} FROM orders").fetchone()
    assert value == 10 / 40


def test_files_of_one_project_may_refer_to_each_other() -> None:
    model = "semantic_models: [{name: orders, model: ref('orders'), measures: [{name: total, agg: sum, expr: amount}]}]"
    metric = "metrics: [{name: revenue, type: simple, type_params: {measure: total}}]"
    assert expressions(imported({"a.yml": metric, "b.yml": model}, WHERE)) == {"revenue": "SUM(amount)"}


def test_a_table_that_two_sources_have_is_asked_for() -> None:
    model = "semantic_models: [{name: o, model: ref('orders')}]"
    (line,) = imported({"a.yml": model}, Where(CATALOG)).left
    assert "“orders” may be shop.orders, archive.y2020.orders; name the source" in line
    found = imported({"a.yml": model}, Where(CATALOG, "archive"))
    assert found.terms[0].places[0].table == "y2020.orders"


@pytest.mark.parametrize(
    "text",
    [
        "semantic_models: 3",
        "semantic_models: [3, {}, {name: [x]}, {name: orders, model: 7, measures: {a: b}, dimensions: [1]}]",
        "metrics: [{}, {name: x}, {name: x, type: 3, type_params: []}, {name: y, type: ratio}]",
        "metrics: [{name: x, type: derived, type_params: {expr: '((', metrics: [{name: x}]}}]",
        "semantic_models: [{name: orders, model: ref('orders'), measures: [{name: m, agg: sum, create_metric: true, "
        "expr: '(SELECT 1)'}, {name: n, agg: sum, create_metric: true, expr: 'amount); DROP TABLE orders --'}]}]",
        "models: [{name: orders, semantic_model: true, metrics: [{name: x, agg: explode, type: simple}]}]",
    ],
)
def test_files_that_are_broken_or_hostile_give_no_metric_and_no_fault(text: str) -> None:
    assert expressions(imported({"a.yml": text}, WHERE)) == {}


def test_a_file_of_no_known_form_is_refused() -> None:
    with pytest.raises(Refused, match="none that is known"):
        imported({"a.yml": "hello: world"}, WHERE)
    with pytest.raises(Refused, match=r"a.yml: .*alias"):
        imported({"a.yml": "metrics: &a []\nx: *a"}, WHERE)
