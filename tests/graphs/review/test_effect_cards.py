"""What stands beside a question whose answer changes."""

import pytest

from conversation.card import Table
from conversation.cells import Column
from conversation.codec import Scalar
from graphs.review.effect import Answer, Difference, Effect
from graphs.review.effect_cards import effect
from graphs.review.evidence import Evidence

COUNTRY, REVENUE = Column("country"), Column("revenue", "number")


def answer(*rows: tuple[Scalar, ...], columns: tuple[Column, ...] = (COUNTRY, REVENUE)) -> Answer:
    return Answer("SELECT 1", "shop", "sqlite", "Revenue per country", Evidence(columns, rows, len(rows)))


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        (
            answer(("Norway", 8), ("Spain", 56_720.5)),
            answer(("Spain", 19_087.25), ("Norway", 8)),
            ("Spain: 56,720.50", "Spain: 19,087.25"),
        ),
        (answer(("Spain", 2), ("Norway", 1)), answer(("Spain", 2)), ("2 rows", "1 row")),
        (answer(("Spain", 2)), answer(("Spain", 2)), ("1 row", "1 row")),
        (answer(("Spain", 2)), answer(("Norway", 2)), ("1 row", "1 row")),
        (answer((2,), (3,), columns=(REVENUE,)), answer((4,), (3,), columns=(REVENUE,)), ("2 rows", "2 rows")),
        (answer((2,), columns=(REVENUE,)), answer((4,), columns=(REVENUE,)), ("2", "4")),
    ],
)
def test_as_many_rows_as_before_are_told_apart_by_one_of_them(
    before: Answer, after: Answer, shown: tuple[str, str]
) -> None:
    drawn = effect(Effect((Difference("revenue per country", 1, before, after),), 1, 1))
    (table,) = [one for one in drawn if isinstance(one, Table)]
    assert table.rows == (("revenue per country", 1, *shown),)
