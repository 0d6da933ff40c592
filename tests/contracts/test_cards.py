"""What holds for every card before any channel sees it."""

import json

import pytest
from hypothesis import HealthCheck, given, settings

from conversation.card import Card
from conversation.codec import decode_as, encode
from tests.contracts.cards import CARDS, cards


@pytest.mark.parametrize("card", CARDS.values(), ids=CARDS.keys())
def test_a_card_of_the_catalogue_has_words(card: Card) -> None:
    assert card.fallback_text.strip()


@pytest.mark.parametrize("card", CARDS.values(), ids=CARDS.keys())
def test_a_card_of_the_catalogue_survives_json(card: Card) -> None:
    assert decode_as(Card, json.loads(json.dumps(encode(card)))) == card


@given(cards())
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_any_card_has_words_and_survives_json(card: Card) -> None:
    assert card.fallback_text.strip()
    again = decode_as(Card, json.loads(json.dumps(encode(card))))
    assert repr(again) == repr(card)  # by their texts, because NaN equals nothing


def test_the_catalogue_is_large_enough() -> None:
    assert len(CARDS) >= 30
