"""Every card of the catalogue, and many that nobody thought of, can be drawn by the page."""

import json
from typing import Any, cast

import pytest
from hypothesis import given, settings

from conversation.card import Card
from tests.contracts.cards import CARDS, cards
from web import limits
from web.port import WebMessage
from web.render import address, element, step

KNOWN = {"Text", "Facts", "Table", "Code", "Chart", "Image", "File", "Progress", "Input", "Details"}


def check(card: Card) -> None:
    message = WebMessage("m1", "acme", "t1", "", card, 7, "2025-06-01T00:00:00Z")
    text = json.dumps(element(message), allow_nan=False)
    assert len(text) <= 2 * limits.CARD_BYTES
    drawn = cast("dict[str, Any]", json.loads(text))["props"]["card"]
    assert drawn["fallback"]
    for item in drawn["body"] + [part for fold in drawn["body"] if fold["@"] == "Details" for part in fold["body"]]:
        assert item["@"] in KNOWN
        assert not item.get("url") or item["url"].startswith(("https://", "http://", "/"))
        if item["@"] == "Table":
            assert all(len(row) == len(item["columns"]) for row in item["rows"])
    for button in drawn["actions"] + drawn["alternatives"]:
        assert button["label"].strip()
        assert button["verb"] or button["url"]
    words = step(message)["output"]
    assert isinstance(words, str)
    assert words.strip()
    assert "![" not in words


@pytest.mark.parametrize("name", CARDS)
def test_a_card_of_the_catalogue_becomes_bounded_props_and_words(name: str) -> None:
    check(CARDS[name])


@settings(max_examples=60, deadline=None)
@given(cards())
def test_any_card_becomes_bounded_props_and_words(card: Card) -> None:
    check(card)


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "/\\evil.example", "ftp://x", "https://", "x"]
)
def test_an_address_that_a_browser_should_not_open_is_dropped(url: str) -> None:
    assert address(url) == ""


@pytest.mark.parametrize("url", ["https://quillux.example/r/1", "/v1/results/a.csv"])
def test_a_good_address_is_kept(url: str) -> None:
    assert address(url) == url
