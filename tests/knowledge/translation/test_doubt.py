"""What is assumed, asked back and declined."""

import pytest

from knowledge.translation.model import Ask, Decline
from tests.knowledge.translation.shop import Shop, exchange


def test_the_date_that_was_taken_is_an_assumption_with_the_others_as_options(shop: Shop) -> None:
    reading = shop.answer("How many orders did we ship per region last month?")
    (assumed,) = [a for a in reading.assumptions if a.id == "date:last month"]
    assert assumed.chosen == "shipments.shipped_at"
    assert "orders.ordered_at" in [option.id for option in assumed.options]
    assert "shipped at" in assumed.text


def test_choosing_another_date_changes_the_answer(shop: Shop) -> None:
    question = "How many orders did we ship per region last month?"
    reading = shop.answer(question, choices={"date:last month": "orders.ordered_at"})
    assert sorted(shop.rows(reading)) == [("North", 2), ("South", 1)]
    assert reading.assumptions[0].chosen == "orders.ordered_at"


def test_what_the_most_is_measured_by_can_be_chosen(shop: Shop) -> None:
    reading = shop.answer("top 2 customers")
    (assumed,) = [a for a in reading.assumptions if a.id.startswith("measure:")]
    assert {option.id for option in assumed.options} >= {"orders.total", "order_lines.revenue"}
    other = shop.answer("top 2 customers", choices={assumed.id: "order_lines.revenue"})
    assert "SUM(order_lines.revenue)" in other.query.sql("sqlite")


def test_a_name_that_many_tables_have_is_asked_about_with_complete_candidates(shop: Shop) -> None:
    found = shop.ask("show the names")
    assert isinstance(found, Ask)
    assert len(found.candidates) == len(found.labels) >= 2
    assert len({candidate.query.sql() for candidate in found.candidates}) == len(found.candidates)
    picked = found.assumption.options[1].id
    assert shop.answer("show the names", choices={found.assumption.id: picked}).query.sql().startswith("SELECT")


@pytest.mark.parametrize(
    "question",
    [
        "What's the weather in Berlin?",
        "Who is the president of Spain?",
        "How has technology changed contemporary art?",
        "Tell me a joke",
        "asdf qwer zxcv",
        "How many orders and shipments are there?",
        "How many VIP customers are in Germany?",
    ],
)
def test_what_the_data_does_not_hold_is_declined_with_suggestions(question: str, shop: Shop) -> None:
    found = shop.ask(question)
    assert isinstance(found, Decline), found
    assert found.reason
    assert found.suggestions


def test_every_suggestion_can_be_answered(shop: Shop) -> None:
    found = shop.ask("Tell me a joke")
    assert isinstance(found, Decline)
    assert all(shop.rows(shop.answer(suggestion)) for suggestion in found.suggestions)


def test_a_new_topic_is_not_read_as_a_follow_up(shop: Shop) -> None:
    first = shop.answer("How many orders did we ship per region last month?")
    second = shop.answer("How many products cost more than 15?", exchange("first", first))
    assert shop.rows(second) == [(3,)]


def test_memory_of_another_shape_is_ignored(shop: Shop) -> None:
    first = shop.answer("How many customers are there?")
    spoiled = exchange("How many customers are there?", first)
    for memory in (
        {},
        {"query": 1},
        {"query": {"source": "gone"}},
        {"query": {**first.memory["query"], "focus": "gone"}},
    ):
        odd = type(spoiled)(spoiled.question, spoiled.sql, spoiled.source, memory)
        assert isinstance(shop.ask("only Germany", odd), Decline)


def test_a_total_is_no_answer_where_the_groups_asked_for_are_not_in_the_data(shop: Shop) -> None:
    for question in ("number of orders per zodiac", "how many customers for each zodiac"):
        found = shop.ask(question)
        assert isinstance(found, Decline), question
        assert "zodiac" in found.reason
