"""Queries that mean the same have one text; those that do not, never."""

import pytest
import sqlglot

from knowledge.cache.normal import normalised
from knowledge.catalog.model import Column, DataType, Table
from tests.knowledge.cache.world import CUSTOMERS, ORDERS


def text(sql: str, dialect: str = "postgres", *tables: Table) -> str:
    return normalised(sqlglot.parse_one(sql, read=dialect), dialect, tables or (ORDERS, CUSTOMERS))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SELECT amount FROM orders", "select   amount\nfrom orders -- all of them"),
        ("SELECT amount FROM orders", 'SELECT "amount" FROM "orders"'),
        ("SELECT o.amount FROM orders AS o", "SELECT x.amount FROM orders x"),
        (
            "SELECT SUM(o.amount) AS s FROM orders AS o JOIN customers AS c ON o.id = c.id",
            "SELECT SUM(a.amount) AS s FROM orders AS a JOIN customers AS b ON a.id = b.id",
        ),
        (
            "SELECT s.amount FROM (SELECT amount FROM orders) AS s",
            "SELECT t.amount FROM (SELECT amount FROM orders) AS t",
        ),
        ("SELECT amount FROM orders WHERE ID > 1", "SELECT amount FROM orders WHERE id > 1"),
    ],
)
def test_the_same_question_has_one_text(one: str, other: str) -> None:
    assert text(one) == text(other)


@pytest.mark.parametrize(
    ("dialect", "one", "other"),
    [
        ("postgres", "SELECT amount FROM orders WHERE id = 1", "SELECT amount FROM orders WHERE id = 2"),
        ("postgres", "SELECT amount FROM orders WHERE id = 'a'", "SELECT amount FROM orders WHERE id = 'A'"),
        ("postgres", "SELECT amount AS a FROM orders", "SELECT amount AS b FROM orders"),
        ("postgres", "SELECT amount AS a FROM orders", 'SELECT amount AS "A" FROM orders'),
        ("sqlite", "SELECT amount AS a FROM orders", "SELECT amount AS A FROM orders"),
        ("sqlite", "SELECT SUM(o.amount) FROM orders AS o", "SELECT SUM(p.amount) FROM orders AS p"),
        ("postgres", 'SELECT amount FROM "Orders"', "SELECT amount FROM orders"),
        ("postgres", "SELECT o.id FROM orders o, customers c", "SELECT c.id FROM orders o, customers c"),
        ("mysql", "SELECT amount FROM Orders", "SELECT amount FROM orders"),
        (
            "postgres",
            "SELECT o.id FROM orders o WHERE EXISTS (SELECT 1 AS x FROM customers c WHERE c.id = o.id)",
            "SELECT o.id FROM orders o WHERE EXISTS (SELECT 1 AS x FROM customers c WHERE c.id = c.id)",
        ),
        (
            "postgres",
            "SELECT o.id FROM orders o WHERE EXISTS (SELECT 1 AS x FROM customers o WHERE o.id = 1)",
            "SELECT p.id FROM orders p WHERE EXISTS (SELECT 1 AS x FROM customers o WHERE p.id = 1)",
        ),
        ("postgres", "SELECT _t0.id FROM customers a, orders _t0", "SELECT a.id FROM customers a, orders b"),
    ],
)
def test_another_question_has_another_text(dialect: str, one: str, other: str) -> None:
    assert text(one, dialect) != text(other, dialect)


def test_names_that_differ_only_in_case_stay_as_they_are() -> None:
    table = Table("web", "orders", (Column("a", DataType.TEXT), Column("A", DataType.TEXT)))
    assert text('SELECT "a" AS x FROM orders', "duckdb", table) != text('SELECT "A" AS x FROM orders', "duckdb", table)


def test_the_query_itself_is_left_alone() -> None:
    query = sqlglot.parse_one("SELECT o.Amount FROM orders AS o", read="postgres")
    before = query.sql("postgres")
    normalised(query, "postgres", (ORDERS,))
    assert query.sql("postgres") == before
