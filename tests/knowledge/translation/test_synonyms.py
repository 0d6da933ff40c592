"""Words that the data does not use, taken for those that it does."""

import pytest

from knowledge.translation.model import Decline
from knowledge.translation.synonyms.thesaurus import key_of, made_of, thesaurus
from tests.knowledge.translation.shop import Shop

SAME = [
    ("How many clients are there?", "How many customers are there?"),
    ("How many nations are there?", "How many countries are there?"),
    ("names of goods", "names of products"),
    ("What is the cost of each good?", "What is the price of each product?"),
    ("List the towns of all shoppers", "List the cities of all customers"),
    ("number of purchases per condition", "number of orders per status"),
    ("How many zones are there?", "How many regions are there?"),
]


@pytest.mark.parametrize(("asked", "plain"), SAME, ids=[asked for asked, _ in SAME])
def test_another_word_for_a_name_gives_the_same_rows(asked: str, plain: str, shop: Shop) -> None:
    assert shop.rows(shop.answer(asked)) == shop.rows(shop.answer(plain))


def test_words_for_things_that_the_data_does_not_hold_are_still_declined(shop: Shop) -> None:
    for question in ("How many employees are there?", "List all aircraft", "average salary of each doctor"):
        assert isinstance(shop.ask(question), Decline), question


def test_words_of_one_line_stand_for_one_another_and_those_behind_it_less_well() -> None:
    known = made_of(["singer, vocalist; musician, artist", "artist, painter"])
    assert [key for key, _ in known.like(key_of(["singers"]))][:2] == [{"vocalist"}, {"musician"}]
    assert {next(iter(key)) for key, _ in known.like(key_of(["musician"]))} == {"singer", "vocalist"}


def test_the_commonest_meaning_of_a_word_comes_first() -> None:
    known = made_of(["bank, lender", "bank, shore"])
    assert [key for key, _ in known.like(key_of(["bank"]))] == [{"lender"}, {"shore"}]


def test_phrases_are_known_in_any_order_of_their_words() -> None:
    assert thesaurus("en").like(key_of(["date", "of", "birth"])) == thesaurus("en").like(key_of(["birth", "dates"]))


def test_a_language_without_a_thesaurus_has_no_synonyms() -> None:
    assert not thesaurus("xx").words
    assert not thesaurus("../en").words


def test_the_card_says_what_another_word_was_taken_for_and_offers_the_rest(shop: Shop) -> None:
    said = shop.answer("How many nations are there?").assumptions
    assert [(one.id, one.phrase, one.text, one.chosen) for one in said] == [
        ("link:nations", "nations", "“nations” was taken to mean countries.", "countries")
    ]
    assert not shop.answer("How many countries are there?").assumptions
