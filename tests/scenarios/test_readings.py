"""Other readings, questions back and refusals, with the buttons of each channel."""

import json
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.knowledge.translation.shop import SCHEMA
from tests.scenarios.product import Product, product

JOKE = "Tell me a joke"
NAMES = "show the names"


@pytest.fixture
async def rich(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Product]:
    """A shop in which words mean more than one thing."""
    with sqlite3.connect(tmp_path / "shop.sqlite") as database:
        database.executescript(SCHEMA)
    database.close()
    async with product(tmp_path, monkeypatch) as running:
        yield running


async def labels(rich: Product, run: str) -> list[str]:
    """The other readings on the card of a run."""
    found = await rich.stores.runs.get("default", run)
    assert found is not None
    assert found.card is not None
    return [button.label for button in found.card.alternatives]


async def test_another_reading_in_slack_changes_the_askers_card_in_place(rich: Product) -> None:
    await rich.slack_says("top 2 customers", "U1", "C1")
    before = rich.slack_shows("C1")
    label, *_ = await labels(rich, rich.taken[-1].id)
    await rich.slack_presses(label[:20], "U1", "C1")
    after = rich.slack_shows("C1")
    assert after[0] != before[0]
    assert len(rich.slack.named("chat.postMessage")) == 1


async def test_another_reading_for_somebody_else_is_an_answer_of_their_own(rich: Product) -> None:
    await rich.slack_says("top 2 customers", "U1", "C1")
    before = rich.slack_shows("C1")[0]
    label, *_ = await labels(rich, rich.taken[-1].id)
    await rich.slack_presses(label[:20], "U2", "C1")
    assert rich.slack_shows("C1")[0] == before
    assert len(rich.slack.named("chat.postMessage")) == 2


async def test_a_question_back_in_slack_is_answered_by_its_button(rich: Product) -> None:
    await rich.slack_says(NAMES, "U1", "C1")
    assert "What do you mean" in rich.slack_shows("C1")[0]
    label, *_ = await labels(rich, rich.taken[-1].id)
    await rich.slack_presses(label[:20], "U1", "C1")
    assert len(rich.slack.named("chat.postMessage")) == 1
    assert "What do you mean" not in rich.slack_shows("C1")[0]


async def test_a_question_back_in_teams_is_answered_by_its_button(rich: Product) -> None:
    await rich.teams_says(NAMES)
    assert "What do you mean" in json.dumps(rich.teams_shows("a:ben"))
    label, *_ = await labels(rich, rich.taken[-1].id)
    await rich.teams_presses(label[:20])
    (card,) = rich.teams_shows("a:ben")
    assert "What do you mean" not in json.dumps(card)


async def test_a_question_back_in_the_browser_is_answered_by_its_button(rich: Product) -> None:
    thread = await rich.web_thread("ann")
    await rich.web_says(thread, NAMES)
    label, *_ = await labels(rich, rich.taken[-1].id)
    await rich.web_presses(thread, label)
    (shown,) = await rich.web_shows(thread)
    assert shown.card is not None
    assert "What do you mean" not in shown.card.fallback_text


async def test_what_the_data_does_not_hold_is_declined_with_a_question_that_can_be_asked(rich: Product) -> None:
    thread = await rich.web_thread("ann")
    for say in (rich.slack_says(JOKE, "U1", "C1"), rich.teams_says(JOKE), rich.web_says(thread, JOKE)):
        await say
        assert await labels(rich, rich.taken[-1].id)
    label, *_ = await labels(rich, rich.taken[-1].id)
    await rich.web_presses(thread, label)
    declined, answered = await rich.web_shows(thread)
    assert declined.card is not None
    assert answered.card is not None
    assert answered.card.run != declined.card.run


async def test_in_teams_and_in_the_browser_a_follow_up_changes_the_question_before(quillux: Product) -> None:
    thread = await quillux.web_thread("ann")
    for words in ("how many orders?", "only Germany"):
        await quillux.teams_says(words)
        await quillux.web_says(thread, words)
    assert "30" in json.dumps(quillux.teams_shows("a:ben")[-1])
    shown = (await quillux.web_shows(thread))[-1].card
    assert shown is not None
    assert "30" in shown.fallback_text


async def test_one_teams_message_that_is_delivered_again_is_answered_once(quillux: Product) -> None:
    for _ in range(3):
        await quillux.teams_says("how many orders?", id="1690009999")
    assert len(quillux.teams_shows("a:ben")) == 1


async def test_a_forged_choice_is_words_or_nothing(rich: Product) -> None:
    await rich.slack_says("top 2 customers", "U1", "C1")
    label, *_ = await labels(rich, rich.taken[-1].id)
    pressed = await rich.slack_presses(label[:20], "U1", "C1")
    value = json.loads(pressed["actions"][0]["value"])
    forged: list[Any] = [{"measure:x": "'; DROP TABLE orders"}, {"a": {"b": []}}, [], "x", None, {"k" * 900: "v" * 900}]
    for choices in forged:
        value["payload"]["choices"] = choices
        pressed["actions"][0] |= {"value": json.dumps(value), "action_ts": str(len(str(choices)))}
        await rich.slack_payload(pressed)
    await rich.slack_says("how many orders?", "U1", "D1")
    assert "6" in rich.slack_shows("D1")[-1]
    assert "inside Quillux" not in json.dumps(rich.slack.messages)
