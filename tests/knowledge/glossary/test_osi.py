"""Models in the Open Semantic Interchange format as terms; whatever can't be kept is said."""

from pathlib import Path

import pytest

from knowledge.glossary.interchange import Imported, Where, imported
from tests.knowledge.glossary.world import CATALOG

FILE = Path(__file__).parents[2] / "fixtures" / "glossary" / "osi.yaml"
WHERE = Where(CATALOG, "shop")


def expressions(found: Imported) -> dict[str, str]:
    return {term.id: term.metric.expression for term in found.terms if term.metric}


def test_metrics_datasets_and_fields_become_terms() -> None:
    found = imported({"osi.yaml": FILE.read_text("utf-8")}, WHERE)
    assert found.form == "osi"
    assert expressions(found) == {
        "net-sales": "SUM(amount - returned)",
        "per-order": "CAST(SUM(amount) AS REAL) / COUNT(DISTINCT id)",
    }
    terms = {term.id: term for term in found.terms}
    sales = terms["net-sales"]
    assert (sales.definition, sales.synonyms, sales.status) == (
        "What customers paid and kept.",
        ("net revenue",),
        "proposed",
    )
    assert sales.metric is not None
    assert (sales.metric.grain, sales.metric.unit, sales.metric.time) == (("id",), "EUR", "ordered_on")
    assert (terms["order-facts"].places[0].table, terms["order-facts"].synonyms) == ("orders", ("purchases",))
    assert (terms["land"].kind, terms["land"].places[0].column, terms["land"].synonyms) == (
        "dimension",
        "country",
        ("market",),
    )
    assert terms["people"].places[0].table == "customers"


def test_whatever_can_not_be_kept_is_said() -> None:
    left = imported({"osi.yaml": FILE.read_text("utf-8")}, WHERE).left
    for words in (
        "dataset gone: there is no table “prod.main.gone” in shop",
        "metric per_person: it is made of several tables",
        "metric of_gone: its dataset gone is not kept",
        "metric cube: its expression is in no SQL that is read (there is: DAX)",
        "field net of order_facts: “amount - returned” is computed",
        "field cube of order_facts: its expression is in no SQL",
        "relationships of shop_model",
        "custom_extensions of shop_model: not kept",
        "the model shop_model: ai_context is not kept",
        "order facts: ai_context instructions is not kept",
        "1 fields of order_facts say nothing beside their column",
    ):
        assert any(words in line for line in left), words


def test_the_older_shapes_of_the_format_are_read_too() -> None:
    text = """
semantic_model:
  - name: old
    datasets:
      - name: orders
        source: orders
        fields: [{name: total, expression: amount, description: Paid.}]
    metrics:
      - name: sales
        expression: [{dialect: ANSI_SQL, aggregation_type: SUM, input_expr: orders.total}]
      - name: count
        expression: COUNT(*)
"""
    assert expressions(imported({"old.yaml": text}, WHERE)) == {"sales": "SUM(amount)", "count": "COUNT(*)"}


def test_the_dialect_of_the_source_is_taken_before_standard_sql() -> None:
    text = """
semantic_model:
  name: x
  datasets: [{name: orders, source: orders}]
  metrics:
    - name: a
      expression:
        dialects:
          - {dialect: SNOWFLAKE, expression: "COUNT_IF(orders.amount > 1)"}
          - {dialect: ANSI_SQL, expression: "SUM(orders.amount)"}
"""
    assert expressions(imported({"x.yaml": text}, WHERE)) == {"a": "SUM(amount)"}
    snow = Where(type(CATALOG)(CATALOG.tables, {**CATALOG.dialects, "shop": "snowflake"}), "shop")
    assert expressions(imported({"x.yaml": text}, snow)) == {"a": "COUNT_IF(amount > 1)"}


@pytest.mark.parametrize(
    "text",
    [
        "datasets: 3",
        "datasets: [3, {}, {name: [1]}, {name: orders, source: {}, fields: x}]",
        "semantic_model: [1, {datasets: [{name: orders, source: orders}], metrics: [{}, {name: m, expression: 7}]}]",
        "{datasets: [{name: orders, source: orders}], metrics: [{name: m, expression: '(SELECT 1)'}]}",
        "{datasets: [{name: orders, source: orders}], metrics: [{name: m, expression: '1; DROP TABLE x'}]}",
        "{datasets: [{name: o, source: 'orders; DROP'}], metrics: [{name: m, expression: 'SUM(o.amount)'}]}",
    ],
)
def test_files_that_are_broken_or_hostile_give_no_metric_and_no_fault(text: str) -> None:
    assert expressions(imported({"a.yml": text}, WHERE)) == {}
