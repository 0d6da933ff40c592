"""Every card renders in Teams: valid Adaptive Cards within the platform's limits, in which no word acts as markup."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft6Validator

from bots.teams import limits
from bots.teams.render import render, size
from bots.teams.text import plain
from conversation.card import Card, Chart
from conversation.codec import JsonObject
from tests.contracts.cards import CARDS, INJECTION, cards

SCHEMA = json.loads((Path(__file__).parents[1] / "fixtures/schemas/adaptive-card-1.5.0.json").read_text())
VALIDATOR = Draft6Validator(SCHEMA)


def picture(_chart: Chart, run: str) -> str:
    return f"https://quillux.example/charts/{len(run)}.png"


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in a payload, outermost first; what a button carries is no part of the card."""
    if isinstance(value, dict):
        yield value
        for key, item in value.items():
            yield from nodes(item) if key != "data" else ()
    if isinstance(value, list):
        for item in value:
            yield from nodes(item)


def shown(made: JsonObject) -> str:
    """All words that a person could see."""
    keys = ("text", "title", "value", "altText", "label", "placeholder")
    return "\n".join(str(node[key]) for node in nodes(made) for key in keys if key in node)


def check(made: JsonObject) -> None:
    faults = [f"{list(fault.path)}: {fault.message[:200]}" for fault in VALIDATOR.iter_errors(made)]
    assert not faults, faults[:3]
    assert size(made) <= limits.CARD_BYTES
    json.dumps(made).encode()
    ids = [node["id"] for node in nodes(made) if "id" in node and "type" in node]
    assert len(ids) == len(set(ids))
    for node in nodes(made):
        match node.get("type"):
            case "Action.Execute":
                assert node["verb"]
                assert node["fallback"]["type"] == "Action.Submit"
                assert node["fallback"]["data"] == node["data"]
            case "TextBlock":
                assert plain(node["text"].strip())
            case "FactSet":
                assert all(plain(fact["title"].strip()) and plain(fact["value"].strip()) for fact in node["facts"])
            case "ActionSet" | "AdaptiveCard":
                visible = [action for action in node.get("actions", []) if action.get("mode") != "secondary"]
                assert len(visible) <= limits.SHOWN_BUTTONS
            case "Image":
                assert node["url"].startswith(("https://", "data:image/png;base64,"))


@pytest.mark.parametrize("name", CARDS)
def test_every_card_of_the_catalogue_is_valid_and_within_the_limits(name: str) -> None:
    check(render(CARDS[name], picture))


@pytest.mark.parametrize("name", CARDS)
def test_every_card_of_the_catalogue_is_valid_without_pictures(name: str) -> None:
    check(render(CARDS[name]))


@given(card=cards())
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_cards_that_nobody_thought_of_are_valid_and_within_the_limits(card: Card) -> None:
    check(render(card, picture))


@pytest.mark.parametrize("name", [name for name, card in CARDS.items() if card.buttons()])
def test_every_button_is_still_there_or_named(name: str) -> None:
    made = render(CARDS[name], picture)
    drawn = [node for node in nodes(made) if str(node.get("type", "")).startswith("Action.")]
    asked = [button for button in CARDS[name].buttons() if button.verb]
    executed = [node for node in drawn if node["type"] == "Action.Execute"]
    assert len(executed) >= len(asked) or size(made) > limits.CARD_BYTES * 0.8


def test_a_text_of_3001_characters_is_shown_whole() -> None:
    assert "x" * 3_001 in shown(render(CARDS["text of 3,001 characters"]))


def test_words_of_the_data_stay_words() -> None:
    made = render(CARDS["markup"])
    rich = [node["text"] for node in nodes(made) if node.get("type") == "TextRun"]
    assert any("<at>Ann</at>" in words and "**b**" in words for words in rich)
    assert "{{DATE(" in INJECTION
    assert "{{DATE(" not in shown(made)
    assert "msteams" not in made


def test_a_table_of_200_rows_shows_the_first_and_says_how_many_there_are() -> None:
    words = shown(render(CARDS["table of 200 rows"]))
    assert "Region 0" in words
    assert "The first 12 of 200 rows." in words


def test_a_wide_table_is_told_row_by_row() -> None:
    made = render(CARDS["wide table"])
    assert not [node for node in nodes(made) if node.get("type") == "Table"]
    assert "column_39" in shown(made)


def test_a_card_that_reads_from_right_to_left_says_so() -> None:
    assert render(CARDS["right to left"])["rtl"] is True
    assert "rtl" not in render(CARDS["answer"])


def test_a_chart_without_a_picture_is_told_in_words() -> None:
    assert "A bar chart: North 120, South 80." in shown(render(CARDS["chart"]))


def test_a_picture_too_large_for_a_message_is_told_in_words() -> None:
    made = render(CARDS["chart"], lambda _chart, _run: "data:image/png;base64," + "A" * limits.DATA_URI_BYTES)
    assert not [node for node in nodes(made) if node.get("type") == "Image"]
    assert "A bar chart: North 120, South 80." in shown(made)


def test_a_button_to_be_confirmed_asks_first() -> None:
    made = render(CARDS["button with confirmation"])
    asks = [node for node in nodes(made) if node.get("type") == "Action.ShowCard"]
    assert len(asks) == 1
    assert asks[0]["card"]["actions"][0]["verb"] == "admin.delete"


def test_details_are_folded_and_open_in_place() -> None:
    made = render(CARDS["details"])
    toggles = [node for node in nodes(made) if node.get("type") == "Action.ToggleVisibility"]
    folded = [node for node in nodes(made) if node.get("isVisible") is False]
    assert [node["id"] for node in folded] == toggles[0]["targetElements"]


def test_a_card_that_is_too_large_keeps_its_buttons() -> None:
    made = render(CARDS["everything at once"])
    verbs = [node["verb"] for node in nodes(made) if node.get("type") == "Action.Execute"]
    assert verbs.count("ask") == 20
    assert size(made) <= limits.CARD_BYTES


def test_long_code_is_cut_by_lines_and_says_so() -> None:
    assert "… 1940 more lines" in shown(render(CARDS["code"]))


def test_other_readings_stand_in_short_rows() -> None:
    rows = [node["actions"] for node in nodes(render(CARDS["alternatives"])) if node.get("type") == "ActionSet"]
    assert [len(row) for row in rows] == [3, 3]
