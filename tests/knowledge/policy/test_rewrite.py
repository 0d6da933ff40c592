"""Rules are written into every scope of a query, and nothing a query does brings back what they take away."""

from collections.abc import Iterator

import pytest

from knowledge.catalog.model import Catalog, Column, DataType, Table
from knowledge.errors import NotAllowed
from knowledge.guard import guard, read_sql, render, tables_of
from knowledge.policy import Mask, Masking, TableRules, apply, key_of
from tests.knowledge.policy.world import (
    CUSTOMERS,
    RULES,
    SALT,
    Duck,
    Lite,
    guarded,
    parsed,
    rewritten,
    seen_catalog,
    seen_customers,
)

QUERIES = [
    "SELECT * FROM customers",
    "SELECT c.* FROM customers AS c",
    "SELECT count(*) FROM customers WHERE age >= 30",
    "SELECT * FROM customers JOIN orders USING (email)",
    "SELECT count(*) FROM customers NATURAL JOIN cities",
    "SELECT c.name, o.total FROM customers c LEFT JOIN orders o ON o.customer_id = c.id",
    "SELECT a.id, b.id FROM customers a JOIN customers b ON a.region = b.region AND a.id < b.id",
    "SELECT name FROM customers WHERE id IN (SELECT customer_id FROM orders)",
    "SELECT name FROM customers c WHERE EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id)",
    "SELECT name, (SELECT max(total) FROM orders o WHERE o.customer_id = c.id) AS most FROM customers c",
    "WITH customers AS (SELECT * FROM customers WHERE id > 3) SELECT * FROM customers",
    "WITH x AS (SELECT * FROM customers), y AS (SELECT id FROM x) SELECT count(*) FROM y JOIN orders o ON y.id = o.id",
    "SELECT id, email FROM customers UNION SELECT id, email FROM orders",
    "SELECT id FROM orders EXCEPT SELECT id FROM customers",
    "SELECT * FROM (SELECT * FROM (SELECT email, age FROM customers) AS a) AS b",
    "SELECT id, row_number() OVER (PARTITION BY region ORDER BY joined, id) AS n FROM customers",
    "SELECT age, count(*) FROM customers GROUP BY age HAVING count(*) > 1",
    "SELECT note, phone FROM customers ORDER BY phone, id",
    "SELECT * FROM cities, (customers AS c JOIN orders AS o ON c.id = o.customer_id)",
    'SELECT "Customers"."EMAIL" FROM main.CUSTOMERS AS "Customers"',
    "SELECT min(joined), max(age) FROM customers",
    "SELECT main.customers.name FROM main.customers",
]


@pytest.fixture(scope="module", params=[Lite, Duck])
def shop(request: pytest.FixtureRequest) -> Iterator[Lite | Duck]:
    world = request.param()
    yield world
    world.close()


@pytest.mark.parametrize("sql", QUERIES)
def test_a_restricted_query_gives_what_a_restricted_copy_gives(shop: Lite | Duck, sql: str) -> None:
    dialect = shop.dialect
    expected = shop.ask(render(guarded(parsed(sql, dialect), dialect, seen_catalog(dialect)), dialect), full=False)
    assert sorted(map(repr, shop.ask(rewritten(parsed(sql, dialect), dialect), full=True))) == sorted(
        map(repr, expected)
    )
    assert expected


def test_the_copy_itself_is_as_the_rules_say(shop: Lite | Duck) -> None:
    seen = shop.ask("SELECT * FROM customers WHERE name = 'Zoe'", full=False)
    assert [(row[1], row[3], row[4], str(row[5]), row[7]) for row in seen] == [("Zoe", 40, "***xx", "2024-05-01", None)]
    assert 5 < len(seen_customers()) < 30


def test_a_condition_sees_what_is_shown_and_nothing_else(shop: Lite | Duck) -> None:
    for condition in ("email LIKE '%@%'", "note IS NOT NULL", "age = 44", "phone LIKE '%sesame%'"):
        sql = f"SELECT count(*) FROM customers WHERE {condition}"
        assert shop.ask(rewritten(parsed(sql, shop.dialect), shop.dialect), full=True) == [(0,)]


def test_a_hidden_column_can_be_used_nowhere(shop: Lite | Duck) -> None:
    for sql in (
        "SELECT pin FROM customers",
        "SELECT 1 FROM customers WHERE pin LIKE 's%'",
        "SELECT id FROM customers ORDER BY pin",
        "SELECT 1 FROM customers c JOIN orders o ON c.pin = o.email",
    ):
        with pytest.raises(shop.error):
            shop.ask(rewritten(parsed(sql, shop.dialect), shop.dialect), full=True)


def test_a_forbidden_table_is_refused_wherever_it_stands() -> None:
    rules = {**RULES, key_of(CUSTOMERS): TableRules(allowed=False)}
    for sql in ("SELECT 1 FROM customers", "SELECT 1 FROM cities WHERE EXISTS (SELECT 1 FROM customers)"):
        with pytest.raises(NotAllowed, match="may not see"):
            rewritten(parsed(sql, "sqlite"), "sqlite", rules)
    with pytest.raises(NotAllowed, match="may not see"):
        rewritten(parsed("SELECT 1 FROM customers", "sqlite"), "sqlite", {})


@pytest.mark.parametrize(
    "condition", ["missing = 1", "1 = 1; DROP TABLE x", "EXISTS (SELECT 1)", "random() > 1", "a.b = 1"]
)
def test_a_filter_that_cannot_be_kept_shows_nothing(condition: str) -> None:
    rules = {**RULES, key_of(CUSTOMERS): TableRules(filters=(condition,))}
    with pytest.raises(NotAllowed, match="can't be kept"):
        rewritten(parsed("SELECT name FROM customers", "duckdb"), "duckdb", rules)


def test_a_query_without_restricted_tables_stays_as_it_is() -> None:
    assert rewritten(parsed("SELECT city FROM cities", "sqlite"), "sqlite") == "SELECT city FROM cities LIMIT 5001"


def test_the_salt_reaches_the_database_and_no_person() -> None:
    query = guarded(parsed("SELECT email FROM customers", "postgres"), "postgres")
    written = apply(query, {key_of(CUSTOMERS): CUSTOMERS}, RULES, "postgres")
    assert SALT in render(written, "postgres")
    assert SALT not in render(written, "postgres", pretty=True)
    assert SALT not in repr(RULES)


def test_a_condition_that_can_fail_waits_for_the_filter() -> None:
    def postgres(sql: str) -> str:
        return rewritten(parsed(sql, "postgres"), "postgres")

    assert "OFFSET 0" in postgres("SELECT 1 FROM customers WHERE 1 / (id - 31) > 0")
    assert "OFFSET 0" in postgres("SELECT 1 FROM customers c JOIN orders o ON CAST(c.name AS INT) = o.id")
    assert "OFFSET 0" not in postgres("SELECT 1 FROM customers WHERE id > 5 AND name LIKE 'A%' AND region IN ('EU')")
    assert "OFFSET 0" not in postgres("SELECT sum(1 / o.id) FROM orders o JOIN customers c ON o.customer_id = c.id")


@pytest.mark.parametrize(
    "dialect", ["mysql", "tsql", "snowflake", "bigquery", "databricks", "trino", "clickhouse", "redshift"]
)
def test_rules_are_written_in_every_dialect(dialect: str) -> None:
    sql = rewritten(parsed("SELECT * FROM customers WHERE 1 / id > 0", dialect), dialect)
    (inner,) = [
        select
        for select in parsed(sql, dialect).find_all(type(parsed("SELECT 1", dialect)))
        if select.args.get("where") and select.parent_select
    ]
    assert "EU" in inner.args["where"].sql()
    assert "pin" not in sql
    assert "MD5" in sql


def test_tables_of_one_name_in_two_schemas_keep_their_own_rules() -> None:
    old = Table("shop", "orders", (Column("id", DataType.INTEGER), Column("old", DataType.TEXT)), schema="archive")
    new = Table("shop", "orders", (Column("id", DataType.INTEGER), Column("new", DataType.TEXT)))
    catalog = Catalog((old, new), {"shop": "postgres"})
    query = guard(
        read_sql("SELECT archive.orders.old, public.orders.new FROM archive.orders, public.orders", "postgres"),
        catalog=catalog, source="shop", rows=5,
    )  # fmt: skip
    tables = {key_of(table): table for table in tables_of(query, catalog, "shop")}
    rules = {key_of(old): TableRules(masks={"old": Mask(Masking.NULL)}), key_of(new): TableRules(filters=("id > 1",))}
    assert render(apply(query, tables, rules, "postgres"), "postgres") == (
        'SELECT orders.old, orders_2.new FROM (SELECT t."id", CASE WHEN 1 = 0 THEN t."old" END AS "old" FROM '
        'archive.orders AS t) AS orders, (SELECT t."id", t."new" FROM orders AS t WHERE (t."id" > 1)) AS orders_2 '
        "LIMIT 6"
    )
