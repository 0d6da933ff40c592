"""Only reading gets through: a corpus of attacks, odd trees built by hand, and queries that people really ask."""

from contextlib import suppress
from pathlib import Path

import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from knowledge.catalog.model import Catalog, Column, DataType, Table
from knowledge.errors import KnowledgeError, NotAllowed, Refused, TooMuch
from knowledge.guard import guard, read_sql, render, tables_of
from knowledge.guard.allowed import FUNCTIONS, NODES

ATTACKS = [
    tuple(line.split(" | ", 1))
    for line in (Path(__file__).parents[1] / "fixtures/guard/attacks.txt").read_text().splitlines()
    if line and not line.startswith("#")
]


def catalog(dialect: str) -> Catalog:
    customers = Table(
        "shop",
        "customers",
        (Column("id", DataType.INTEGER), Column("name", DataType.TEXT), Column("joined", DataType.DATE)),
    )
    orders = Table(
        "shop",
        "orders",
        (
            Column("id", DataType.INTEGER),
            Column("customer_id", DataType.INTEGER),
            Column("total", DataType.NUMBER),
            Column("at", DataType.TIMESTAMP),
        ),
    )
    sales = Table("shop", "deals", (Column("deal id", DataType.INTEGER),), schema="sales")
    return Catalog((customers, orders, sales), {"shop": dialect})


def through(sql: str, dialect: str = "sqlite", rows: int = 100) -> str:
    tree = read_sql(sql, dialect)
    return render(guard(tree, catalog=catalog(dialect), source="shop", rows=rows), dialect)


@pytest.mark.parametrize(("dialect", "sql"), ATTACKS)
def test_an_attack_is_refused_with_words(dialect: str, sql: str) -> None:
    with pytest.raises((NotAllowed, Refused)) as refusal:
        through(sql, dialect)
    assert refusal.value.what.endswith(".")
    assert refusal.value.unchanged == "Nothing was changed."


def test_the_corpus_is_large() -> None:
    assert len(ATTACKS) >= 200


GOOD = {
    "sqlite": [
        "SELECT count(*) FROM customers",
        "SELECT strftime('%Y-%m', at) AS month, sum(total) FROM orders GROUP BY month ORDER BY month",
        "SELECT c.name, sum(o.total) AS s FROM orders o JOIN customers c ON c.id = customer_id GROUP BY 1 HAVING s > 1",
        "SELECT name FROM customers WHERE joined >= date('now', 'start of month', '-1 month') COLLATE NOCASE",
        "WITH big AS (SELECT * FROM orders WHERE total > 5) SELECT count(*) FROM big",
        "WITH a AS (SELECT id FROM orders), b AS (SELECT id FROM a) SELECT * FROM b",
        "SELECT name FROM customers WHERE id NOT IN (SELECT customer_id FROM orders)",
        "SELECT total, rank() OVER (PARTITION BY customer_id ORDER BY total DESC) AS r FROM orders",
        "SELECT CASE WHEN total > 5 THEN 'big' ELSE 'small' END AS size, count(*) FROM orders GROUP BY 1",
        "SELECT name FROM main.customers UNION ALL SELECT 'x' EXCEPT SELECT 'y'",
        "SELECT 100.0 * count(DISTINCT customer_id) / nullif(count(*), 0) AS share FROM orders",
        "SELECT julianday('now') - julianday(at), total || '', -total, total % 2 FROM orders",
        "(SELECT name FROM customers)",
    ],
    "postgres": [
        "SELECT date_trunc('month', at), percentile_cont(0.5) WITHIN GROUP (ORDER BY total) FROM orders GROUP BY 1",
        "SELECT to_char(at, 'YYYY-MM'), at::date, at - interval '1 month' FROM public.orders",
        "SELECT count(*) FILTER (WHERE total > 5), string_agg(name, ',') FROM orders JOIN customers USING (id)",
        "SELECT name FROM customers WHERE name ILIKE '%a%' AND EXISTS (SELECT 1 FROM orders WHERE total > 1)",
        'SELECT "deal id" FROM sales.deals',
        "SELECT customer_id, sum(total) FROM orders GROUP BY ROLLUP (customer_id)",
        "SELECT DISTINCT ON (customer_id) customer_id, total FROM orders ORDER BY customer_id, total DESC",
        "SELECT sum(total) OVER w FROM orders WINDOW w AS (PARTITION BY customer_id)",
        "SELECT extract(year FROM at), age(at, at) FROM orders LIMIT 5 OFFSET 2",
    ],
    "mysql": [
        "SELECT date_format(at, '%Y-%m'), ifnull(sum(total), 0) FROM orders GROUP BY 1",
        "SELECT timestampdiff(DAY, joined, now()), `name` FROM customers WHERE name LIKE 'a\\\\_%'",
    ],
    "tsql": [
        "SELECT TOP 5 datename(month, at), SUM(total) FROM dbo.orders GROUP BY datename(month, at)",
        "SELECT [name], CONVERT(date, joined) FROM customers ORDER BY id OFFSET 0 ROWS FETCH NEXT 5 ROWS ONLY",
    ],
    "snowflake": [
        "SELECT DATE_TRUNC('month', at), IFF(total > 5, 1, 0), LISTAGG(total, ',') FROM orders GROUP BY 1, 2"
    ],
    "bigquery": ["SELECT DATE_TRUNC(joined, MONTH), SAFE_DIVIDE(1, id), COUNTIF(id > 1) FROM customers GROUP BY 1, 2"],
    "databricks": [
        "SELECT date_format(at, 'yyyy'), add_months(at, 1), percentile(total, 0.5) FROM orders GROUP BY 1, 2"
    ],
    "trino": ["SELECT date_trunc('month', at), approx_percentile(total, 0.5), max_by(id, at) FROM orders GROUP BY 1"],
    "clickhouse": ["SELECT toStartOfMonth(at), sumIf(total, total > 5), uniqExact(customer_id) FROM orders GROUP BY 1"],
    "redshift": ["SELECT dateadd(month, 1, at), nvl2(total, 1, 2), listagg(total, ',') FROM orders GROUP BY 1, 2"],
    "duckdb": [
        "SELECT date_trunc('month', at), median(total) FROM orders GROUP BY ALL",
        "SELECT strftime(at, '%Y-%m'), quantile_cont(total, 0.5) FROM orders GROUP BY 1",
        "SELECT monthname(at), year(at), arg_max(name, total) FROM orders JOIN customers USING (id) GROUP BY 1, 2",
        "SELECT * EXCLUDE (id) FROM orders QUALIFY row_number() OVER (ORDER BY total) = 1",
    ],
}


@pytest.mark.parametrize(("dialect", "sql"), [(dialect, sql) for dialect, many in GOOD.items() for sql in many])
def test_a_question_gets_through_and_stays_itself_when_checked_again(dialect: str, sql: str) -> None:
    once = through(sql, dialect)
    assert through(once, dialect) == once


def test_a_limit_is_written_into_every_query() -> None:
    assert through("SELECT name FROM customers").endswith("LIMIT 101")
    assert through("SELECT name FROM customers LIMIT 5").endswith("LIMIT 5")
    assert through("SELECT name FROM customers LIMIT 5000").endswith("LIMIT 101")
    fetch = "SELECT name FROM customers ORDER BY id OFFSET 1 ROWS FETCH FIRST"
    assert through(f"{fetch} 5 ROWS ONLY", "postgres").endswith("FETCH FIRST 5 ROWS ONLY")
    assert through(f"{fetch} 5000 ROWS ONLY", "postgres").endswith("LIMIT 101 OFFSET 1")
    with pytest.raises(NotAllowed):
        through(f"{fetch} 5 ROWS WITH TIES", "postgres")
    assert through("SELECT name FROM customers UNION SELECT name FROM customers").endswith("LIMIT 101")


def test_a_comment_does_not_reach_the_database() -> None:
    assert "secret" not in through("SELECT /* secret */ name -- secret\nFROM customers")


def test_the_tree_that_was_given_is_not_changed() -> None:
    tree = sqlglot.parse_one("SELECT name FROM customers", read="sqlite")
    guard(tree, catalog=catalog("sqlite"), source="shop", rows=5)
    assert tree.sql("sqlite") == "SELECT name FROM customers"


@pytest.mark.parametrize(
    "tree",
    [
        exp.select(exp.Literal(this="1; DROP TABLE customers", is_string=False)),
        exp.select(exp.Literal(this="a\0b", is_string=True)),
        exp.select(exp.column("name")).from_("customers").where(exp.Var(this="1 = 1; --")),
        exp.select(exp.Anonymous(this="count(*); --")),
        exp.select(exp.Anonymous(this=exp.to_identifier("load_extension"))),
        exp.select("name").from_(exp.Table(this=exp.Anonymous(this="readfile"))),
        exp.select("name").from_("customers").join(exp.Join(this=exp.to_table("orders"), side="left; drop")),
        exp.Command(this="DROP", expression="TABLE customers"),
        exp.select(exp.Interval(this=exp.Literal.string("1"), unit=exp.Var(this="day) ; --"))),
    ],
)
def test_a_tree_built_by_hand_cannot_smuggle_text(tree: exp.Expr) -> None:
    with pytest.raises(NotAllowed):
        guard(tree, catalog=catalog("sqlite"), source="shop", rows=5)


def test_a_name_with_odd_characters_is_quoted() -> None:
    odd = exp.select(exp.Alias(this=exp.Literal.number(1), alias=exp.Identifier(this="a; DROP TABLE x", quoted=False)))
    assert render(guard(odd, catalog=catalog("sqlite"), source="shop", rows=5), "sqlite") == (
        'SELECT 1 AS "a; DROP TABLE x" LIMIT 6'
    )


def test_a_function_called_by_its_name_only_is_read_as_what_it_is() -> None:
    call = exp.Anonymous(this="date_trunc", expressions=[exp.Literal.string("month"), exp.column("joined")])
    tree = exp.select(call).from_("customers")
    checked = guard(tree, catalog=catalog("duckdb"), source="shop", rows=5)
    assert render(checked, "duckdb") == "SELECT DATE_TRUNC('MONTH', joined) FROM customers LIMIT 6"


def test_a_giant_query_is_too_much() -> None:
    with pytest.raises(TooMuch):
        through("SELECT " + ", ".join(f"{number} AS a{number}" for number in range(6_000)))
    with pytest.raises(TooMuch):
        through("SELECT 1" + " " * 60_000)


def test_deep_nesting_is_refused_and_does_not_crash() -> None:
    deep: exp.Expr = exp.Literal.number(1)
    for _ in range(2_000):
        deep = exp.Paren(this=deep)
    with pytest.raises(TooMuch):
        render(guard(exp.select(deep), catalog=catalog("sqlite"), source="shop", rows=5), "sqlite")
    with pytest.raises(KnowledgeError):
        through("SELECT " + "(" * 3_000 + "1" + ")" * 3_000)


def everywhere() -> Catalog:
    return Catalog(
        (
            Table("shop", "orders", (Column("id", DataType.INTEGER),)),
            Table("shop", "orders", (Column("old_id", DataType.INTEGER),), schema="archive"),
            Table("Logs", "visits", (Column("order_id", DataType.INTEGER),)),
        ),
        {"shop": "postgres", "Logs": "duckdb"},
    )


def federated(sql: str) -> str:
    return render(guard(read_sql(sql, "duckdb"), catalog=everywhere(), source="*", rows=9), "duckdb")


def test_a_query_over_several_sources_names_each_table_with_its_source() -> None:
    sql = "SELECT count(*) FROM shop.orders AS o JOIN logs.main.visits AS v ON v.order_id = o.id"
    assert federated(sql) == (
        "SELECT COUNT(*) FROM shop.orders AS o JOIN logs.visits AS v ON v.order_id = o.id LIMIT 10"
    )
    assert federated("SELECT shop.public.orders.id FROM shop.public.orders") == (
        "SELECT orders.id FROM shop.orders LIMIT 10"
    )
    assert [
        table.schema for table in tables_of(read_sql("TABLE shop.archive.orders", "duckdb"), everywhere(), "*")
    ] == ["archive"]


@pytest.mark.parametrize(
    "name",
    ["orders", "public.orders", "other.orders", "shop.visits", "shop.other.orders", "logs.public.visits", "a.b.c.d"],
)
def test_a_table_without_its_source_or_of_another_is_refused(name: str) -> None:
    with pytest.raises(NotAllowed) as refusal:
        federated(f"SELECT 1 FROM {name}")
    assert refusal.value.what.endswith(".")


def test_a_with_of_a_tables_name_cannot_hide_the_table() -> None:
    assert through("WITH orders AS (SELECT total FROM orders) SELECT total FROM orders", "postgres") == (
        'WITH "orders_2" AS (SELECT total FROM orders) SELECT total FROM "orders_2" AS orders LIMIT 101'
    )
    assert through('WITH "Orders" AS (SELECT 1 AS id) SELECT id FROM orders', "postgres") == (
        'WITH "Orders" AS (SELECT 1 AS id) SELECT id FROM "Orders" AS orders LIMIT 101'
    )


def test_a_table_is_written_as_its_catalog_spells_it() -> None:
    assert through('SELECT id FROM "ORDERS"', "postgres") == 'SELECT id FROM "orders" AS "ORDERS" LIMIT 101'
    assert through('SELECT "deal id" FROM Sales.DEALS', "postgres") == (
        'SELECT "deal id" FROM sales.deals AS DEALS LIMIT 101'
    )


def test_tables_that_differ_only_in_case_are_refused() -> None:
    two = tuple(Table("shop", name, (Column("id", DataType.INTEGER),)) for name in ("orders", "Orders"))
    with pytest.raises(NotAllowed, match="upper and lower case"):
        guard(read_sql("SELECT id FROM orders", "postgres"), catalog=Catalog(two), source="shop", rows=5)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200), st.sampled_from(["sqlite", "postgres", "duckdb"]))
def test_any_text_is_answered_or_refused(text: str, dialect: str) -> None:
    with suppress(KnowledgeError):
        through(text, dialect)


_WORDS = (
    "SELECT FROM WHERE customers orders name total , ( ) * ; -- /* */ ' \" 1 = UNION WITH AS a DROP TABLE pg_sleep(1) "
    "read_csv('x') sqlite_master INTO LIMIT GROUP BY count(*) JOIN ON PRAGMA ATTACH $$ :: regclass E'\\x' [ ] { }"
)
PIECES = st.sampled_from(_WORDS.split())


@settings(max_examples=600, deadline=None)
@given(st.lists(PIECES, min_size=1, max_size=25), st.sampled_from(["sqlite", "postgres", "duckdb"]))
def test_whatever_gets_through_is_one_query_of_allowed_parts(pieces: list[str], dialect: str) -> None:
    try:
        sql = through(" ".join(["SELECT", *pieces]), dialect)
    except KnowledgeError:
        return
    (statement,) = sqlglot.parse(sql, read=dialect)
    assert isinstance(statement, exp.Query)
    for node in statement.walk():
        assert type(node) in NODES or node.name.lower() in FUNCTIONS[dialect]
    assert {table.name for table in statement.find_all(exp.Table)} <= {"customers", "orders", "a"}
