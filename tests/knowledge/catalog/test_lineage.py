"""What views are made of."""

import pytest

from knowledge.catalog.lineage import Origin, made_from, of, with_reads
from knowledge.catalog.model import Catalog, Column, DataType, Table


def table(name: str, *columns: str, schema: str = "", sql: str = "") -> Table:
    made = tuple(Column(column, DataType.TEXT) for column in columns)
    return Table("shop", name, made, schema=schema, definition=sql, kind="view" if sql else "table")


def shop(*views: Table) -> Catalog:
    tables = (
        table("orders", "id", "customer_id", "amount"),
        table("customers", "id", "name", "country"),
        table("Orders", "id", "note", schema="archive"),
        *views,
    )
    return Catalog(with_reads(tables, "postgres"), {"shop": "postgres"})


def view(catalog: Catalog, name: str) -> Table:
    return next(each for each in catalog.tables if each.name == name)


def test_a_view_reads_the_tables_of_its_query_and_no_names_of_its_own() -> None:
    sql = """CREATE VIEW totals AS WITH big AS (SELECT * FROM public.orders WHERE amount > 10)
    SELECT c.country, sum(big.amount) AS total FROM big JOIN customers c ON c.id = big.customer_id
    WHERE c.id IN (SELECT id FROM archive."Orders") GROUP BY 1"""
    catalog = shop(table("totals", "country", "total", sql=sql))
    assert set(view(catalog, "totals").reads) == {"orders", "customers", "archive.Orders"}


def test_columns_are_followed_through_expressions_and_views() -> None:
    catalog = shop(
        table("totals", "land", "total", sql=(
            "SELECT c.country AS land, sum(o.amount) AS total FROM orders o JOIN customers c ON c.id = o.customer_id "
            "GROUP BY 1"
        )),
        table("top", "who", "much", sql="SELECT land, total * 2 AS t FROM totals"),
    )  # fmt: skip
    assert of(catalog, view(catalog, "totals"), "land") == (Origin("", "customers", "country"),)
    assert of(catalog, view(catalog, "top"), "MUCH") == (Origin("", "orders", "amount"),)
    assert of(catalog, view(catalog, "top"), "who") == (Origin("", "customers", "country"),)
    assert {each.name for each in made_from(catalog, view(catalog, "top"))} == {"totals", "orders", "customers"}


def test_a_star_is_followed_by_what_the_catalog_knows() -> None:
    catalog = shop(table("all_orders", "id", "customer_id", "amount", sql="SELECT * FROM orders"))
    assert of(catalog, view(catalog, "all_orders"), "amount") == (Origin("", "orders", "amount"),)


def test_a_column_of_a_stored_table_is_its_own_origin() -> None:
    catalog = shop()
    assert of(catalog, view(catalog, "orders"), "amount") == (Origin("", "orders", "amount"),)
    assert of(catalog, view(catalog, "orders"), "nothing") == ()


@pytest.mark.parametrize(
    "sql",
    ["SELECT FROM WHERE", "not sql at all (", "DROP TABLE orders", "(" * 5_000, "SELECT 1", "\x00", "a" * 300_000],
)
def test_a_definition_that_cannot_be_read_leaves_the_view_without(sql: str) -> None:
    catalog = shop(table("odd", "x", sql=sql))
    assert view(catalog, "odd").reads == ()
    assert of(catalog, view(catalog, "odd"), "x") == ()


def test_views_that_read_each_other_end() -> None:
    catalog = shop(
        table("a", "x", sql="SELECT x FROM b"), table("b", "x", sql="SELECT x FROM a"),
    )  # fmt: skip
    assert of(catalog, view(catalog, "a"), "x") == ()
    assert {each.name for each in made_from(catalog, view(catalog, "a"))} == {"a", "b"}
