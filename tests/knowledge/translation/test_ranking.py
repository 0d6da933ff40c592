"""Several readings of one question: what may be weighed, and what the trained model makes of it."""

import json
from datetime import date

import pytest

from knowledge.translation import RuleTranslator
from knowledge.translation.ir import Field, Item, Order, Query
from knowledge.translation.model import Context, Read
from knowledge.translation.ranking.candidates import sound
from knowledge.translation.ranking.model import WEIGHTS, Ranker, Tree, ranker_of, trained
from tests.knowledge.translation.shop import Shop

COUNT = Item(Field("orders", "*"), "count")
CITY = Item(Field("customers", "city"))
TOTAL = Item(Field("orders", "total"))


def test_a_query_is_grouped_by_all_that_it_shows_beside_an_aggregate() -> None:
    made = sound(Query("db", "orders", (CITY, COUNT)))
    assert made is not None
    assert made.group == (CITY,)


def test_groups_are_not_sorted_by_what_they_do_not_have() -> None:
    assert sound(Query("db", "orders", (CITY, COUNT), group=(CITY,), order=(Order(TOTAL),))) is None


def test_the_side_of_a_threshold_decides_the_leaf() -> None:
    tree = Tree((0, 1), (0.5, 2.0), (~0, ~1), (1, ~2), (1.0, 2.0, 3.0))
    assert [tree.vote(values) for values in ([0.5, 9], [0.6, 2.0], [0.6, 2.1])] == [1.0, 2.0, 3.0]


@pytest.mark.parametrize("data", [{}, {"width": 1, "trees": [{}], "judges": []}, {"width": "x"}])
def test_broken_weights_are_refused(data: dict[str, object]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        ranker_of(data)


def test_the_weights_that_come_along_fit_the_features(shop: Shop) -> None:
    """After a change of features or edits the ranker must be trained again, else it is not used."""
    from knowledge.translation.ranking import choosing

    seen: list[int] = []

    class Watched(Ranker):
        __slots__ = ()

        def vote(self, values: list[float]) -> float:  # type: ignore[override]
            seen.append(len(values))
            return super().vote(values)

    known = trained()
    assert known is not None
    assert choosing.SHOWN > 1
    ranker = Watched(known.width, known.trees, known.judges)
    found = RuleTranslator(ranker=ranker).translate("orders per city", shop.catalog, Context(date(2026, 11, 21)))
    assert isinstance(found, Read)
    assert set(seen) == {known.width}


def test_the_weights_are_small_and_name_nothing() -> None:
    text = WEIGHTS.read_text()
    assert len(text) < 5_000_000
    assert set(json.loads(text)) == {"width", "judges", "trees"}


def test_confidence_falls_from_reading_to_reading(shop: Shop) -> None:
    found = RuleTranslator().translate("names of customers with orders", shop.catalog, Context(date(2026, 11, 21)))
    assert isinstance(found, Read)
    sure = [one.confidence for one in found.interpretations]
    assert sure == sorted(sure, reverse=True)
    assert len({one.query.sql() for one in found.interpretations}) == len(sure)
