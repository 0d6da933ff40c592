"""Expressions and conditions in words."""

import pytest
import sqlglot

from knowledge.translation.assisted.describe import describe
from knowledge.translation.meaning.logic import in_prose

WORDS = {
    "SUM(price * quantity)": "sum of price times quantity",
    "COUNT(DISTINCT customer_id)": "number of different customer ids",
    "COUNT(*)": "number of rows",
    "SUM(total) / COUNT(*)": "sum of total divided by number of rows",
    "SUM(total * (1 - discount))": "sum of total times (1 less discount)",
    "status <> 'cancelled'": "status is not “cancelled”",
    "status IN ('paid', 'open')": "status is “paid” or “open”",
    "(a = 1 OR b = 2) AND c IS NULL": "either a is 1 or b is 2 and c is missing",
    "NOT shipped_at IS NULL": "not (shipped at is missing)",
    "total BETWEEN 5 AND 9": "total is from 5 to 9",
    "id IN (SELECT customer_id FROM orders WHERE total > 5)": "id is among those of orders where total is more than 5",
    "LOWER(name) = 'x'": "LOWER(name) is “x”",
}


@pytest.mark.parametrize("sql", WORDS)
def test_an_expression_is_told_in_words_as_far_as_there_are_any(sql: str) -> None:
    assert in_prose(sqlglot.parse_one(sql)) == WORDS[sql]


def test_the_conditions_of_a_query_that_no_rule_made_are_told_in_words() -> None:
    tree = sqlglot.parse_one("SELECT SUM(amount) FROM orders WHERE status = 'open' AND country <> 'Spain'")
    assert isinstance(tree, sqlglot.exp.Query)
    assert describe(tree, "sqlite") == "Total amount from orders, where status is “open” and country is not “Spain”."
