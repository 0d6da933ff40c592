"""Columns of a result get their kind and unit from the query and the catalog; values become JSON."""

import json
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pyarrow as pa
import pytest
import sqlglot

from knowledge.catalog.model import Column, DataType, ForeignKey, Table
from knowledge.table_view import ColumnView, column_kinds, scalars

ORDERS = Table(
    "shop",
    "orders",
    (
        Column("order_id", DataType.INTEGER),
        Column("customer_id", DataType.INTEGER),
        Column("total", DataType.NUMBER, unit="EUR"),
        Column("shipping", DataType.NUMBER, unit="EUR"),
        Column("weight", DataType.NUMBER, unit="kg"),
        Column("quantity", DataType.INTEGER),
    ),
    primary_key=("order_id",),
    keys=(ForeignKey(("customer_id",), "customers", ("customer_id",)),),
)


@pytest.mark.parametrize(
    ("expression", "value", "expected"),
    [
        ("total", 1.5, ColumnView("x", "money", "EUR")),
        ("sum(total)", 1.5, ColumnView("x", "money", "EUR")),
        ("round(avg(o.total), 2)", 1.5, ColumnView("x", "money", "EUR")),
        ("sum(total + shipping)", 1.5, ColumnView("x", "money", "EUR")),
        ("sum(quantity * total)", 1.5, ColumnView("x", "money", "EUR")),
        ("sum(total) / count(DISTINCT customer_id)", 1.5, ColumnView("x", "money", "EUR")),
        ("sum(total) / sum(shipping)", 1.5, ColumnView("x", "number")),
        ("sum(total) * 100.0 / sum(shipping)", 1.5, ColumnView("x", "percent")),
        ("100.0 * count(customer_id) / count(*)", 1.5, ColumnView("x", "percent")),
        ("round(100.0 * sum(CASE WHEN total > 5 THEN 1 ELSE 0 END) / count(*), 1)", 1.5, ColumnView("x", "percent")),
        ("sum(CASE WHEN quantity > 5 THEN total ELSE 0 END)", 1.5, ColumnView("x", "money", "EUR")),
        ("sum(total) OVER (ORDER BY order_id)", 1.5, ColumnView("x", "money", "EUR")),
        ("max(weight)", 1.5, ColumnView("x", "number", "kg")),
        ("total * weight", 1.5, ColumnView("x", "number")),
        ("count(*)", 3, ColumnView("x", "integer")),
        ("customer_id", 3, ColumnView("x", "text")),
        ("sum(total)", 3, ColumnView("x", "money", "EUR")),
    ],
)
def test_a_column_has_the_unit_of_what_it_is_made_from(expression: str, value: float, expected: ColumnView) -> None:
    query = sqlglot.parse_one(f"SELECT {expression} AS x FROM orders AS o", read="sqlite")
    assert column_kinds(pa.table({"x": [value]}), query, [ORDERS]) == [expected]


def test_a_unit_is_carried_through_a_subquery() -> None:
    query = sqlglot.parse_one(
        "WITH a AS (SELECT sum(total) AS t FROM orders GROUP BY customer_id) SELECT avg(t) FROM a"
    )
    assert column_kinds(pa.table({"avg(t)": [1.5]}), query, [ORDERS]) == [ColumnView("avg(t)", "money", "EUR")]


def test_a_star_is_known_by_its_names() -> None:
    query = sqlglot.parse_one("SELECT * FROM orders")
    table = pa.table({"order_id": [1], "total": [2.5]})
    assert column_kinds(table, query, [ORDERS]) == [ColumnView("order_id", "text"), ColumnView("total", "money", "EUR")]


def test_without_a_query_the_types_alone_decide() -> None:
    table = pa.table(
        {"d": [date(2025, 1, 1)], "t": [datetime(2025, 1, 1)], "b": [True], "n": [1.5], "s": ["x"], "i": [1]}
    )
    kinds = [view.kind for view in column_kinds(table)]
    assert kinds == ["date", "time", "boolean", "number", "text", "integer"]


def test_every_value_becomes_json() -> None:
    table = pa.table(
        {
            "date": [date(2025, 1, 2), None],
            "moment": [datetime(2025, 1, 2, 3, 4, 5), None],
            "zoned": [datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC), None],
            "hour": [time(3, 4), None],
            "money": [Decimal("12.50"), None],
            "nan": [float("nan"), float("inf")],
            "bytes": [b"\0\1", None],
            "list": [[1, 2], None],
        }
    )
    first, second = scalars(table)
    assert first[:7] == (
        "2025-01-02",
        "2025-01-02 03:04:05",
        "2025-01-02 03:04:05+00:00",
        "03:04:00",
        12.5,
        None,
        "2 bytes",
    )
    assert set(second) == {None}
    json.dumps(first, allow_nan=False)


def test_a_page_of_rows_is_cut_out() -> None:
    table = pa.table({"n": list(range(10))})
    assert scalars(table, 8, 5) == [(8,), (9,)]
    assert scalars(table, 20, 5) == []
