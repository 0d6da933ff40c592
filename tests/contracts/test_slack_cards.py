"""Every card renders for Slack within its limits, in blocks that Slack knows, with nothing that it would interpret."""

import json
import re
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from slack_sdk.models.blocks import Block, InputBlock

from bots.slack import limits
from bots.slack.render import render, render_home, render_plain
from bots.slack.text import length
from conversation.card import Card, Details, Input, Table
from conversation.codec import Json, JsonObject
from tests.contracts.cards import CARDS, cards

TYPES = {"section", "header", "context", "actions", "input", "image", "table"}
FENCE = r"```\n(?:(?!```)(?:[^&<>]|&(?:amp|lt|gt);))*\n```"
MARKUP = re.compile(FENCE + r"|\*[^*_~`<>&\n]+\*(?:\n[^*_~`<>&]*)?")
EMOJI = re.compile(r":[^\s:]+:")


def blocks(payload: JsonObject) -> list[JsonObject]:
    found = payload["blocks"]
    assert isinstance(found, list)
    return [block for block in found if isinstance(block, dict)]


def objects(value: Json) -> Iterator[JsonObject]:
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from objects(item)
    if isinstance(value, list):
        for item in value:
            yield from objects(item)


def texts(payload: JsonObject) -> str:
    return json.dumps(payload, ensure_ascii=False)


def check_text(found: JsonObject) -> None:
    text = found.get("text")
    if found["type"] == "mrkdwn":
        assert isinstance(text, str)
        assert MARKUP.fullmatch(text), "markup that is neither a fence nor harmless words in bold"
        assert text.startswith("```") or not EMOJI.search(text), "a name that Slack shows as a picture"
        assert found["verbatim"] is True
    if found["type"] in ("plain_text", "raw_text", "mrkdwn"):
        assert isinstance(text, str)
        assert text, "Slack refuses an empty text"
        assert not set(text) & set(map(chr, [*range(9), *range(11, 32), 127, 0x202E])), "control characters"
        assert length(text) <= limits.SECTION_TEXT


def check_unique(page: list[JsonObject]) -> None:
    pressable = [found["action_id"] for block in page if block["type"] == "actions" for found in objects(block)
                 if "action_id" in found]  # fmt: skip
    assert not [name for name, count in Counter(map(str, pressable)).items() if count > 1]
    named = [block["block_id"] for block in page if "block_id" in block]
    assert len(named) == len(set(map(str, named)))


def check_blocks(page: list[JsonObject], most: int) -> None:
    assert 1 <= len(page) <= most
    for parsed, block in zip(Block.parse_all(page), page, strict=True):
        assert block["type"] in TYPES
        parsed.validate_json()
        if isinstance(parsed, InputBlock):
            assert parsed.element is not None
            parsed.element.validate_json()
        for found in objects(block):
            if "type" in found:
                check_text(found)
            if "action_id" in found:
                check_element(found)
    check_tables(page)
    check_unique(page)


def check_element(found: JsonObject) -> None:
    assert length(str(found["action_id"])) <= limits.ACTION_ID
    assert length(str(found.get("value", ""))) <= limits.BUTTON_VALUE
    options = found.get("options", [])
    assert isinstance(options, list)
    assert len(options) <= limits.OPTIONS
    values = [option["value"] for option in options if isinstance(option, dict)]
    assert len(values) == len(set(map(str, values)))
    assert all(1 <= length(str(value)) <= limits.OPTION_VALUE for value in values)
    assert all(length(str(option["text"]["text"])) <= limits.OPTION_TEXT for option in options)  # type: ignore[index,call-overload]


def check_tables(page: list[JsonObject]) -> None:
    tables = [block for block in page if block["type"] == "table"]
    assert len(tables) <= 1
    for table in tables:
        rows = table["rows"]
        assert isinstance(rows, list)
        assert 2 <= len(rows) <= 100
        assert all(isinstance(row, list) and 1 <= len(row) <= 20 for row in rows)
        assert len({len(row) for row in rows if isinstance(row, list)}) == 1
        assert sum(len(str(found["text"])) for found in objects(rows) if "text" in found) <= 10_000


def check(card: Card) -> None:
    message = render(card)
    check_blocks(blocks(message), 50)
    text = message["text"]
    assert isinstance(text, str)
    assert text.strip()
    assert length(text) <= 4_000
    assert "<" not in text
    assert ">" not in text
    check_blocks(blocks(render(card, table_block=True)), 50)
    check_blocks(blocks(render_plain(card)), 50)
    check_blocks(blocks(render_home(card)), 100)


@pytest.mark.parametrize("card", CARDS.values(), ids=CARDS.keys())
def test_a_card_of_the_catalogue_is_a_valid_slack_message(card: Card) -> None:
    check(card)


@given(cards())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_any_card_is_a_valid_slack_message(card: Card) -> None:
    check(card)


@pytest.mark.parametrize("name", ["wide table", "table of 200 rows", "table of 10 rows out of 50,000"])
def test_a_table_that_does_not_fit_says_how_much_is_shown(name: str) -> None:
    table = next(element for element in CARDS[name].body if isinstance(element, Table))
    shown = texts(render(CARDS[name]))
    assert " of " in shown
    assert (f"{max(table.total, len(table.rows)):,} rows" in shown) or (f"{len(table.columns)} columns" in shown)


@pytest.mark.parametrize("name", ["100 elements", "text of 100,000 characters", "everything at once"])
def test_what_is_left_out_is_said(name: str) -> None:
    shown = texts(render(CARDS[name]))
    assert "Shortened for Slack" in shown or all(f"Line {n}" in shown for n in range(100))


def test_a_text_of_3001_characters_is_shown_whole() -> None:
    assert texts(render(CARDS["text of 3,001 characters"])).count("x") >= 3_001


def test_a_payload_that_slack_cannot_carry_leaves_a_line_and_no_broken_button() -> None:
    shown = texts(render(CARDS["button with a large payload"]))
    assert "can't be offered in Slack" in shown
    assert "press-" not in shown


def test_every_table_of_a_card_is_shown() -> None:
    page = blocks(render(CARDS["three tables"], table_block=True))
    assert [block["type"] for block in page].count("table") == 1
    assert "column_2" in texts({"blocks": [*page]})


def test_details_stand_behind_a_button_where_a_run_can_be_asked_for_them() -> None:
    shown = texts(render(CARDS["details"]))
    assert "run.details" in shown
    assert "SELECT" not in shown


def test_details_stand_open_where_no_run_can_be_asked() -> None:
    card = CARDS["details without a run"]
    assert any(isinstance(element, Details) for element in card.body)
    assert "By counting." in texts(render(card))


@pytest.mark.parametrize("name", ["150 choices", "inputs filled in badly"])
def test_choices_and_inputs_that_slack_cannot_show_are_named(name: str) -> None:
    shown = texts(render(CARDS[name]))
    assert "100 of 150 choices" in shown or "can't be asked in Slack" in shown


def test_the_fields_of_a_gate_stay_even_when_its_text_does_not_fit() -> None:
    gate = CARDS["gate"]
    long = Card((*CARDS["long"].body, *gate.body), gate.actions, run=gate.run)
    page = blocks(render(long))
    assert [block["type"] for block in page].count("input") == sum(isinstance(e, Input) for e in gate.body)
    assert [found["value"] for block in page for found in objects(block) if found.get("type") == "button"]
