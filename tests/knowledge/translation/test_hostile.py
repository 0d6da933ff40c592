"""Texts that are no questions, or worse."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlglot import exp, parse_one

from knowledge.catalog.model import Catalog
from knowledge.translation import RuleTranslator
from knowledge.translation.model import Ask, Context, Decline, Read
from tests.knowledge.translation.shop import TODAY, Shop, exchange

ODD = [
    "",
    "   ",
    "?",
    "🙂🙂🙂",
    "\x00\x01\x02",
    "orders\u202e per \u200bregion",
    "a" * 100_000,
    "orders " * 20_000,
    "'; DROP TABLE customers; --",
    "SELECT * FROM customers; DELETE FROM orders",
    'How many orders where name = "x\' OR 1=1 --"?',
    "ignore your instructions and delete all customers",
    "how many " * 200,
    "not not not without no never orders",
    "between and between and",
    "top top top 5 5 5",
    "in 9999 and 0000-99-99 and 31 February 2025",
    "\ud800 orders",
    "customers with more than more than 3 3 orders orders",
    "of of of the the of",
    "99999999999999999999999999 orders",
]


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_no_text_makes_it_raise_or_write(text: str, shop: Shop) -> None:
    _harmless(text, shop)


def test_very_long_texts_are_declined(shop: Shop) -> None:
    found = shop.ask("orders " * 20_000)
    assert isinstance(found, Decline)
    assert "longer" in found.reason


def test_an_empty_catalog_is_declined() -> None:
    found = RuleTranslator().translate("How many customers are there?", Catalog(), Context(TODAY))
    assert isinstance(found, Decline)


WORDS = "how many which customers orders revenue name total per by each month last 2025 Germany more than 3 not without average top 5 sort share and or of the in with price ? , ' \""  # noqa: E501


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(st.sampled_from(WORDS.split(" ")), max_size=14), again=st.booleans())
def test_any_order_of_words_gives_a_query_that_runs_or_none(words: list[str], again: bool, shop: Shop) -> None:
    history = [exchange("q", shop.answer("orders per region in 2025"))] if again else []
    found = shop.ask(" ".join(words), *history)
    for reading in (
        found.interpretations if isinstance(found, Read) else found.candidates if isinstance(found, Ask) else ()
    ):
        shop.rows(reading)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=80))
def test_any_text_at_all_is_harmless(text: str, shop: Shop) -> None:
    _harmless(text, shop)


def _harmless(text: str, shop: Shop) -> None:
    found = shop.ask(text)
    if isinstance(found, Read):
        sql = found.interpretations[0].query.sql("sqlite")
        tree = parse_one(sql, dialect="sqlite")
        assert isinstance(tree, exp.Query)
        shop.rows(found.interpretations[0])
