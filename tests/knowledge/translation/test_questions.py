"""Questions about a small shop and the rows that answer them."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from knowledge.translation.model import Exchange
from tests.knowledge.translation.shop import Shop, exchange

FOLDER = Path(__file__).parent
QUESTIONS = yaml.safe_load((FOLDER / "questions.yaml").read_text("utf-8"))
CONVERSATIONS = yaml.safe_load((FOLDER / "conversations.yaml").read_text("utf-8"))


@pytest.mark.parametrize("case", QUESTIONS, ids=lambda case: case["ask"])
def test_the_question_is_answered_with_the_right_rows(case: dict[str, Any], shop: Shop) -> None:
    reading = shop.answer(case["ask"])
    assert sorted(shop.rows(reading)) == sorted(map(tuple, case["rows"])), reading.query.sql("sqlite")


@pytest.mark.parametrize("turns", CONVERSATIONS, ids=lambda turns: turns[0]["ask"])
def test_each_turn_of_the_conversation_is_answered_with_the_right_rows(turns: list[dict[str, Any]], shop: Shop) -> None:
    history: tuple[Exchange, ...] = ()
    for turn in turns:
        reading = shop.answer(turn["ask"], *history)
        history = (*history, exchange(turn["ask"], reading, shop.rows(reading)))
        assert sorted(shop.rows(reading)) == sorted(map(tuple, turn["rows"])), (
            turn["ask"],
            reading.query.sql("sqlite"),
        )


@pytest.mark.parametrize("case", QUESTIONS, ids=lambda case: case["ask"])
def test_every_answer_says_in_words_what_it_did(case: dict[str, Any], shop: Shop) -> None:
    reading = shop.answer(case["ask"])
    assert reading.explanation.endswith(".")
    assert "_" not in reading.explanation
    assert 0 < reading.confidence <= 1


def test_a_sorted_answer_comes_in_that_order(shop: Shop) -> None:
    reading = shop.answer("names and prices of products sorted by price descending")
    assert [price for _, price in shop.rows(reading)] == [60.0, 30.0, 20.0, 10.0]
