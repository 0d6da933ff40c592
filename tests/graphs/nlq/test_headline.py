"""The answer in one line."""

import pytest

from conversation.cells import Column
from graphs.nlq.headline import headline

REGION, ORDERS = Column("region"), Column("orders", "integer")
MONTH, REVENUE = Column("month"), Column("revenue", "money", "EUR")


@pytest.mark.parametrize(
    ("columns", "rows", "words"),
    [
        ((ORDERS,), [[1234]], "Orders: 1,234"),
        ((REGION, ORDERS), [["North", 7]], "North: 7"),
        ((REGION, ORDERS), [["North", 7], ["South", 1200]], "South is highest with 1,200"),
        ((REGION, ORDERS), [[None, 9], ["South", 2]], "South is highest with 2"),
        (
            (MONTH, REVENUE),
            [["2026-01", 100.0], ["2026-02", 150.0]],
            "Revenue: €150.00 in 2026-02, +50.0 % against 2026-01",
        ),
        ((MONTH, REVENUE), [["2026-01", 0], ["2026-02", 150.0]], "Revenue: €150.00 in 2026-02"),
        ((REGION,), [["North"], ["South"]], "2 rows"),
        ((REGION, ORDERS), [[None, None], [None, None]], "2 rows"),
    ],
)
def test_the_rows_say_the_answer(columns: tuple[Column, ...], rows: list[list[object]], words: str) -> None:
    assert headline(columns, rows, len(rows)) == words


def test_no_rows_are_said_to_be_none() -> None:
    assert headline((REGION,), [], 0) == "No rows match."


def test_a_cut_result_names_no_leader() -> None:
    assert headline((REGION, ORDERS), [["North", 7], ["South", 9]], 50) == "50 rows"
