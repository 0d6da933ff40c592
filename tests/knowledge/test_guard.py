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
from knowledge.guard import guard, read_sql, render
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
    assert len(ATTACKS) >= 150


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
