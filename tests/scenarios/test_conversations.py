"""A conversation of ten turns, with a change of topic, in each channel."""

import json
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.knowledge.translation.shop import SCHEMA
from tests.scenarios.product import Product, product

TALK = (
    ("Show the names and prices of all products", ("Hammer", "Saw", "Kite", "Robot")),
    ("Which of those cost more than 15?", ("Hammer", "Saw", "Robot")),
    ("sort them by price in descending order", ("Robot", "Saw", "Hammer")),
    ("the second one", ("Saw",)),
    ("How many orders per status?", ("paid", "open", "cancelled")),
    ("which status has the most?", ("paid",)),
    ("Who placed them?", ("Anna Ash", "Ben Birch", "Cleo Cedar")),
    ("only the ones from Germany", ("Anna Ash",)),
    ("What is her city?", ("Berlin",)),
    ("How many customers are there?", ("4",)),
)
"""What is said, and what the answer must show."""


@pytest.fixture
async def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Product]:
    """The shop of the translator's tests behind all channels."""
    with sqlite3.connect(tmp_path / "shop.sqlite") as database:
        database.executescript(SCHEMA)
    database.close()
    async with product(tmp_path, monkeypatch) as running:
        yield running


def shows(told: str, words: tuple[str, ...], said: str) -> None:
    """Every word stands in what a channel shows."""
    missing = [word for word in words if word not in told]
    assert not missing, (said, missing, told)


async def test_ten_turns_in_slack_go_on_from_one_another(shop: Product) -> None:
    thread = ""
    for said, words in TALK:
        ts = await shop.slack_says(said, "U1", "C1", thread=thread)
        thread = thread or ts
        cards = [card for card in shop.slack_shows("C1") if card != "null"]
        shows(cards[-1], words, said)


async def test_ten_turns_in_teams_go_on_from_one_another(shop: Product) -> None:
    for said, words in TALK:
        await shop.teams_says(said)
        shows(json.dumps(shop.teams_shows("a:ben")[-1], ensure_ascii=False), words, said)


async def test_ten_turns_in_the_browser_go_on_from_one_another(shop: Product) -> None:
    thread = await shop.web_thread("ann")
    for said, words in TALK:
        await shop.web_says(thread, said)
        card = (await shop.web_shows(thread))[-1].card
        assert card is not None
        shows(card.fallback_text, words, said)
