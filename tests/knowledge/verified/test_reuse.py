"""When a verified query is used again, with which values, and when it is not."""

from dataclasses import replace
from datetime import date

import pytest

from knowledge.asker import Asker
from knowledge.catalog.model import Catalog, Column, DataType
from knowledge.policy import visible
from knowledge.policy.port import TableRules
from knowledge.verified import unfit
from tests.knowledge.translation.warehouse import TODAY
from tests.knowledge.verified.world import World, pair, sql_of

OWN = "SELECT COUNT(*) AS n FROM orders WHERE status = 'shipped'"

SAME = [
    ("revenue in France in Q1 2026", "Show me the revenue of France for Q1 2026"),
    ("revenue in France in Q1 2026", "what was the revenue in france in q1 2026?"),
    ("How many orders did we ship per region last month?", "how many orders did we ship for each region last month"),
    ("average order value in March 2026", "What is our mean order value in March 2026?"),
    ("customers without orders", "Which customers have no orders?"),
    ("customers without orders", "clients with no order"),
    ("top 5 customers by revenue in Germany this year", "top five clients by revenue in Germany this year"),
    ("orders with total above 100 per store", "orders per store with total more than 100"),
]


@pytest.mark.parametrize(("approved", "asked"), SAME)
def test_other_words_for_the_same_give_the_approved_query(world: World, approved: str, asked: str) -> None:
    assert world.sql(asked) == world.sql(approved) != ""


OTHER_VALUES = [
    ("revenue in Germany in Q2 2025", "revenue in Germany in Q2 2025"),
    ("top 3 customers by revenue in France last year", "top 3 customers by revenue in France last year"),
    ("revenue by month in 2024", "revenue by month in 2024"),
    ("orders with total above 250 per store", "orders with total above 250 per store"),
    ("orders per store with total over 250", "orders with total above 250 per store"),
    ("number of returns with reason Wrong item", "number of returns with reason Wrong item"),
    ("average order value in May 2026", "average order value in May 2026"),
]


@pytest.mark.parametrize(("asked", "meant"), OTHER_VALUES)
def test_other_values_of_the_parameters_are_bound_in_the_tree(world: World, asked: str, meant: str) -> None:
    found = world.ask(asked)
    assert found is not None
    assert found.other
    assert found.interpretation.query.sql("sqlite") == sql_of(meant, world.catalog)
    assert found.interpretation.made_by == "verified by Eva on 2026-11-21"
    assert found.interpretation.confidence < 1


NOT_THE_SAME = [
    "revenue in Books in Q1 2026",  # a value of another column
    "revenue in Atlantis in Q1 2026",  # no value at all
    "cost in France in Q1 2026",
    "revenue outside France in Q1 2026",
    "revenue in France since Q1 2026",
    "average revenue in France in Q1 2026",
    "revenue in France and Germany in Q1 2026",
    "revenue in France",
    "top 5 customers by revenue in Germany",
    "top 2.5 customers by revenue in Germany this year",
    "top customers by revenue in Germany this year",
    "bottom 5 customers by revenue in Germany this year",
    "orders with total below 100 per store",
    "orders with total above 100 per customer",
    "orders without total above 100 per store",
    "revenue by week in 2025",
    "customers with orders",
    "orders without customers",
    "average order value since May 2026",
    "cumulative revenue by month in 2025",
    "how many different orders did we ship per region last month?",
    "",
    "???",
    "France",
    "x" * 3_000,
]


@pytest.mark.parametrize("asked", NOT_THE_SAME, ids=lambda text: text[:40])
def test_a_question_that_asks_something_else_is_left_to_the_rules(world: World, asked: str) -> None:
    assert world.ask(asked) is None


def test_last_month_is_that_of_the_day_of_asking(world: World) -> None:
    later = world.sql("how many orders did we ship per region last month?", day=date(2027, 2, 3))
    assert "'2027-01-01'" in later
    assert "'2026-10-01'" not in later


def test_a_period_that_the_query_does_not_hold_has_to_be_the_same_days(catalog: Catalog) -> None:
    fixed = World(catalog, (pair("shipped orders last month", catalog, OWN),))
    assert fixed.sql("shipped orders last month", day=TODAY) != ""
    assert fixed.sql("shipped orders in October 2026", day=TODAY) != ""
    assert fixed.sql("shipped orders last month", day=date(2026, 12, 1)) == ""


def test_a_query_that_counts_from_the_present_day_keeps_its_words(catalog: Catalog) -> None:
    moving = "SELECT COUNT(*) AS n FROM orders WHERE ordered_at >= DATE('now', '-1 month')"
    world = World(catalog, (pair("orders in the last month", catalog, moving),))
    assert world.sql("orders in the last month", day=date(2027, 5, 1)) != ""
    assert world.sql("orders in October 2026", day=TODAY) == ""


def test_two_values_change_places_only_where_the_rules_read_it_so(catalog: Catalog) -> None:
    question = "revenue in France by store in Q1 2026"
    world = World(catalog, (pair(question, catalog),))
    moved = world.sql("revenue by store in Germany in Q2 2026")
    assert moved in ("", sql_of("revenue in Germany by store in Q2 2026", catalog))


def test_a_value_is_a_literal_of_the_tree_whatever_it_spells(catalog: Catalog) -> None:
    hostile = "O'Brien'; DROP TABLE orders --"
    table = next(table for table in catalog.tables if table.name == "returns")
    reason = table.by_name["reason"]
    held = replace(reason, values=(*reason.values, hostile))
    changed = replace(table, columns=tuple(held if c is reason else c for c in table.columns))
    wide = Catalog(tuple(changed if t is table else t for t in catalog.tables), catalog.dialects)
    world = World(wide, (pair("number of returns with reason Defective", wide),))
    assert world.sql("number of returns with reason \"O'Brien'; DROP TABLE orders --\"") in (
        "",
        "SELECT COUNT(*) AS returns FROM returns WHERE returns.reason = 'O''Brien''; DROP TABLE orders --'",
    )


def test_the_latest_approval_of_a_question_counts(catalog: Catalog) -> None:
    first = pair("shipped orders", catalog, OWN)
    second = pair("the shipped orders", catalog, OWN.replace("shipped", "delivered"))
    assert first.id == second.id
    other = World(catalog, (first, second))
    assert "delivered" in other.sql("shipped orders")


def test_nobody_of_another_tenant_is_answered_by_it(world: World) -> None:
    assert world.ask("customers without orders", Asker("other", "ann", ("member",))) is None


def test_a_pair_for_some_roles_is_for_these_only(catalog: Catalog) -> None:
    world = World(catalog, (pair("shipped orders", catalog, OWN, scope=("finance",)),))
    assert world.ask("shipped orders") is None
    assert world.ask("shipped orders", Asker("acme", "fay", ("member",), ("finance",))) is not None


@pytest.mark.parametrize("rules", [TableRules(allowed=False), TableRules(hidden=frozenset({"status"}))])
def test_who_may_not_see_what_it_reads_is_not_answered_by_it(catalog: Catalog, rules: TableRules) -> None:
    world = World(catalog, (pair("shipped orders", catalog, OWN),))
    everything = {(t.source, t.schema, t.name): TableRules() for t in catalog.tables}
    seen = visible(catalog, {**everything, ("shop", "", "orders"): rules})
    assert world.ask("shipped orders", catalog=seen) is None
    assert world.ask("shipped orders") is not None


def test_a_column_that_changed_makes_the_pair_stale_and_says_so(catalog: Catalog) -> None:
    query = pair("shipped orders", catalog, OWN)
    orders = next(table for table in catalog.tables if table.name == "orders")
    for status, said in ((None, "is gone"), (Column("status", DataType.INTEGER), "was text and is integer")):
        columns = tuple(status or column for column in orders.columns if status or column.name != "status")
        if status:
            columns = tuple(status if c.name == "status" else c for c in orders.columns)
        changed = replace(orders, columns=columns)
        later = Catalog(tuple(changed if t is orders else t for t in catalog.tables), catalog.dialects)
        assert World(later, (query,)).ask("shipped orders") is None
        (reason,) = unfit(query, later)
        assert said in reason
    gone = Catalog(tuple(t for t in catalog.tables if t is not orders), catalog.dialects)
    assert unfit(query, gone) == ("shop.orders is gone",)
    assert unfit(query, catalog) == ()


def test_new_rows_and_values_leave_a_pair_as_it_is(catalog: Catalog) -> None:
    query = pair("shipped orders", catalog, OWN)
    grown = Catalog(
        tuple(
            replace(t, rows=10**6, columns=tuple(replace(c, distinct=7, nulls=1) for c in t.columns))
            for t in catalog.tables
        ),
        catalog.dialects,
    )
    assert World(grown, (query,)).ask("shipped orders") is not None
