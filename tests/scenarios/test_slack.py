"""Whole turns in Slack: a recorded, signed payload in, a card out, through the real core."""

import json
from typing import Any

from tests.bots.slack.payloads import payload
from tests.scenarios.product import Product


def event(name: str, text: str) -> dict[str, Any]:
    said = payload(name)
    said["event"]["text"] = text
    return said


def answers(quillux: Product, space: str) -> list[dict[str, Any]]:
    return [message for message in quillux.slack.messages[space] if message.get("metadata")]


async def test_a_mention_is_answered_in_its_thread(quillux: Product) -> None:
    await quillux.slack_event(event("app_mention", "<@UBOT> how many orders per country?"))
    (answer,) = answers(quillux, "C1")
    assert answer["thread_ts"] == "1700000000.000100"
    assert "Germany" in json.dumps(answer["blocks"])
    assert "30" in json.dumps(answer["blocks"])


async def test_one_mention_that_comes_as_two_events_is_answered_once(quillux: Product) -> None:
    for name in ("app_mention", "message_mention", "app_mention"):
        await quillux.slack_event(event(name, "<@UBOT> how many orders?"))
    assert len(answers(quillux, "C1")) == 1


async def test_one_message_with_a_file_is_one_turn(quillux: Product) -> None:
    said = event("message_file", "<@UBOT> how many orders?")
    for _ in range(2):
        await quillux.slack_event(said)
    assert len(answers(quillux, said["event"]["channel"])) == 1


async def test_a_retry_after_five_minutes_and_ten_seconds_is_the_same_turn(quillux: Product) -> None:
    said = event("app_mention", "<@UBOT> how many orders?")
    await quillux.slack_event(said)
    await quillux.slack_event(said | {"event_id": "Ev-later", "event_time": said["event_time"] + 310})
    assert len(answers(quillux, "C1")) == 1


async def test_a_second_person_goes_on_in_the_thread_with_their_own_rights(quillux: Product) -> None:
    await quillux.slack_event(event("app_mention", "<@UBOT> how many orders?"))
    await quillux.slack_event(event("message_thread", "only Germany"))
    first, second = answers(quillux, "C1")
    assert "40" in json.dumps(first["blocks"])
    assert "30" in json.dumps(second["blocks"])
    assert [taken.sender.user for taken in quillux.taken] == ["U1", "U2"]


async def test_a_direct_message_is_answered_without_a_mention(quillux: Product) -> None:
    await quillux.slack_event(event("message_im", "total amount per country"))
    assert "France" in quillux.slack_shows("D1")[0]


async def test_a_follow_up_in_a_direct_message_changes_the_question_before(quillux: Product) -> None:
    await quillux.slack_says("how many orders?")
    await quillux.slack_says("only Germany")
    assert "30" in quillux.slack_shows("D1")[-1]


async def test_words_that_mean_nothing_get_a_card_that_says_so(quillux: Product) -> None:
    await quillux.slack_event(event("app_mention", "<@UBOT> blorb the frumious <!channel> &amp; DROP TABLE orders"))
    (answer,) = answers(quillux, "C1")
    assert "<!channel>" not in json.dumps(answer)


async def test_help_is_a_word_as_much_as_a_command(quillux: Product) -> None:
    await quillux.slack_event(event("app_mention", "<@UBOT> help"))
    await quillux.slack_payload({**payload("command"), "text": "help"})
    texts = [message["text"] for message in answers(quillux, "C1")]
    assert len(texts) == 2
    assert texts[0] == texts[1]


async def test_details_are_whispered_to_whoever_opens_them(quillux: Product) -> None:
    await quillux.slack_says("how many orders per country?", "U1", "C1")
    label = next(
        element["text"]["text"]
        for block in answers(quillux, "C1")[0]["blocks"]
        for element in block.get("elements", [])
        if "run.details" in str(element.get("value"))
    )
    await quillux.slack_presses(label, "U2", "C1")
    (whisper,) = quillux.slack.whispers
    assert whisper["user"] == "U2"
    assert "SELECT" in json.dumps(whisper["blocks"])


async def test_a_stale_button_of_an_unknown_run_is_answered_with_words(quillux: Product) -> None:
    stale = payload("press")
    stale["actions"][0]["value"] = json.dumps({"verb": "run.details", "payload": {"run": "slack:T1:C1:gone"}})
    await quillux.slack_payload(stale)
    (whisper,) = quillux.slack.whispers
    assert "is not known" in json.dumps(whisper["blocks"])


async def test_a_value_of_three_thousand_and_one_characters_still_yields_a_reply(quillux: Product) -> None:
    await quillux.slack_says("how many orders in " + "x" * 3_001)
    assert len(quillux.slack_shows("D1")) == 1


async def test_a_hundred_thousand_characters_are_refused_with_both_numbers(quillux: Product) -> None:
    await quillux.slack_says("x" * 100_000)
    assert "100,000 characters" in json.dumps(quillux.slack.whispers or quillux.slack.messages["D1"])


async def test_sql_in_a_question_is_words_and_changes_nothing(quillux: Product) -> None:
    await quillux.slack_says("how many orders'; DROP TABLE orders; --")
    await quillux.slack_says("how many orders?")
    assert "40" in quillux.slack_shows("D1")[-1]
