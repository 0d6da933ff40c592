"""The bound on the number of groups."""

import pytest
import sqlglot

from knowledge.catalog.model import Column, DataType, Table
from knowledge.groups import most_groups

TABLES = (
    Table(
        "s", "regions", (Column("id", DataType.INTEGER, distinct=5), Column("name", DataType.TEXT, distinct=5)), rows=5
    ),
    Table("s", "orders", (Column("status", DataType.TEXT, distinct=3), Column("at", DataType.DATE)), rows=1_000),
)


@pytest.mark.parametrize(
    ("sql", "most"),
    [
        ("SELECT name, COUNT(*) FROM regions GROUP BY regions.id, regions.name", 5),
        ("SELECT r.name, o.status FROM regions r JOIN orders o GROUP BY r.id, r.name, o.status", 20),
        ("SELECT COUNT(*) FROM orders", None),
        ("SELECT orders.at, COUNT(*) FROM orders GROUP BY orders.at", None),
        ("SELECT STRFTIME('%Y', orders.at) FROM orders GROUP BY STRFTIME('%Y', orders.at)", None),
        ("SELECT x.y FROM x GROUP BY x.y", None),
    ],
)
def test_groups_are_bounded_by_the_distinct_values_of_their_columns(sql: str, most: int | None) -> None:
    assert most_groups(sqlglot.parse_one(sql, read="sqlite"), TABLES) == most
