"""What Slack sends, and what it means."""

from typing import Any

import pytest

from bots.slack.events import opened_home, parse, unsure
from conversation.activity import Attachment, CardAction, Message
from conversation.principal import ConversationRef, Sender
from tests.bots.slack.payloads import FOLDER, payload

THREAD = ConversationRef("slack", "T1", "C1", "1700000000.000100")


def heard(name: str, *, known: bool = False) -> Message:
    activity = parse(payload(name), known=known)
    assert isinstance(activity, Message)
    return activity


def pressed(name: str) -> CardAction:
    activity = parse(payload(name))
    assert isinstance(activity, CardAction)
    return activity


def test_a_mention_starts_a_thread_at_its_own_message() -> None:
    assert heard("app_mention") == Message(
        id="slack:T1:C1:1700000000.000100",
        where=THREAD,
        sender=Sender("slack", "T1", "U1"),
        text="how many orders did we ship & bill in #sales?",
    )


def test_one_mention_that_arrives_as_two_events_is_one_activity() -> None:
    assert heard("app_mention") == heard("message_mention")


def test_a_direct_message_needs_no_mention_and_is_personal() -> None:
    message = heard("message_im")
    assert message.where == ConversationRef("slack", "T1", "D1", "", personal=True)
    assert message.text == "orders per region"


def test_a_thread_in_a_direct_message_is_a_place_of_its_own() -> None:
    assert heard("message_im_thread").where.thread == "1700000001.000100"


def test_a_second_participant_goes_on_in_a_known_thread_as_themselves() -> None:
    message = heard("message_thread", known=True)
    assert (message.where, message.sender.user) == (THREAD, "U2")


def test_a_thread_is_asked_about_only_where_the_payload_leaves_it_open() -> None:
    assert unsure(payload("message_thread")) == THREAD
    assert parse(payload("message_thread")) is None
    for name in ("app_mention", "message_im", "message_channel", "message_own", "press", "command", "message_edited"):
        assert unsure(payload(name)) is None


def test_a_reply_below_the_bots_own_message_needs_no_look_up() -> None:
    assert heard("message_thread_of_bot").text == "only Germany"


def test_words_to_somebody_else_in_our_thread_are_not_for_us() -> None:
    said = payload("message_thread")
    said["event"]["text"] = "<@U3> what do you think?"
    assert parse(said, known=True) is None


def test_an_address_and_a_similar_name_are_no_mentions() -> None:
    assert parse(payload("message_channel")) is None


def test_a_group_message_with_a_mention_is_for_us_and_unescaped() -> None:
    message = heard("message_mpim_mention")
    assert message.text == "orders < 5"
    assert not message.where.personal


@pytest.mark.parametrize(
    "name",
    ["message_edited", "message_deleted", "message_join", "message_own", "message_other_bot", "url_verification"],
)
def test_what_no_person_said_is_nothing(name: str) -> None:
    assert parse(payload(name), known=True) is None


def test_a_message_with_a_file_is_one_turn() -> None:
    message = heard("message_file")
    address = "https://files.slack.com/files-pri/T1-F1/download/sales.csv"
    assert message.attachments == (Attachment("sales.csv", "text/csv", address, 2048),)
    assert message.id == "slack:T1:C1:1700000007.000100"


def test_somebody_of_another_organisation_keeps_their_own_workspace() -> None:
    message = heard("message_connect")
    assert message.where.workspace == "T1"
    assert message.sender.workspace == "T9"


def test_an_installation_for_a_whole_enterprise_has_the_enterprise_as_workspace() -> None:
    assert heard("message_grid").where.workspace == "E1"


def test_a_command_is_a_message_with_an_id_of_its_own() -> None:
    message = heard("command")
    assert message.id == "slack:T1:C1:command:1.2.abc"
    assert message.text == "orders per region & month"
    assert message.where == ConversationRef("slack", "T1", "C1")


def test_a_command_in_a_direct_message_may_be_read_by_another_person() -> None:
    assert heard("command_im").where == ConversationRef("slack", "T1", "D1")


def test_a_press_brings_verb_payload_and_inputs_in_their_own_types() -> None:
    press = pressed("press")
    assert (press.verb, press.payload) == ("gate.decide", {"gate": "g1", "verdict": "approve"})
    assert press.inputs == {
        "reason": "looks fine",
        "limit": 12.5,
        "notify": True,
        "region": "north",
        "months": ["1", ""],
        "since": "2025-06-01",
        "empty": "",
        "none": None,
        "off": False,
    }
    assert (press.where, press.message) == (THREAD, "1700000011.000100")
    assert press.sender == Sender("slack", "T1", "U2", "ben")


def test_the_same_press_delivered_twice_has_one_id_and_another_press_has_another() -> None:
    again, later = payload("press"), payload("press")
    again["trigger_id"] = "9.9.other"
    later["actions"][0]["action_ts"] = "1700000021.000001"
    assert parse(again) == parse(payload("press"))
    assert pressed("press").id != getattr(parse(later), "id", "")


def test_two_people_who_press_in_one_instant_press_twice() -> None:
    other = payload("press")
    other["user"]["id"] = "U3"
    assert pressed("press").id != getattr(parse(other), "id", "")


def test_a_press_in_a_direct_message_is_personal() -> None:
    assert pressed("press_im").where == ConversationRef("slack", "T1", "D1", "", personal=True)


def test_a_press_on_a_message_that_only_one_person_sees_knows_its_thread() -> None:
    press = pressed("press_ephemeral")
    assert (press.where, press.message) == (THREAD, "1700000013.000100")


def test_a_press_on_the_home_tab_happens_in_the_persons_own_place() -> None:
    assert pressed("press_home").where == ConversationRef("slack", "T1", "U2", "", personal=True)


def test_a_press_on_a_message_that_began_a_thread_belongs_to_no_thread() -> None:
    top = payload("press")
    top["container"]["thread_ts"] = top["message"]["thread_ts"] = top["container"]["message_ts"]
    activity = parse(top)
    assert activity is not None
    assert activity.where.thread == ""


@pytest.mark.parametrize("name", ["press_link", "press_select", "view_submission", "app_home_opened"])
def test_what_asks_for_nothing_is_nothing(name: str) -> None:
    assert parse(payload(name)) is None


@pytest.mark.parametrize("value", ["", "{", "[]", "null", '"x"', '{"verb": 1}', '{"payload": {}}', "9" * 5_000])
def test_a_button_that_is_not_ours_is_nothing(value: str) -> None:
    press = payload("press")
    press["actions"][0]["value"] = value
    assert parse(press) is None


def test_the_home_tab_is_opened_by_a_person() -> None:
    assert opened_home(payload("app_home_opened")) == Sender("slack", "T1", "U1")
    assert opened_home(payload("app_home_messages")) is None
    assert opened_home(payload("app_mention")) is None


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.json")))
def test_no_hole_in_a_payload_raises(name: str) -> None:
    holes: list[Any] = [None, [], {}, "", 7, [None], {"a": []}]
    for hole in holes:
        for key in payload(name):
            parse({**payload(name), key: hole}, known=True)
        for key in payload(name).get("event", {}):
            said = payload(name)
            said["event"][key] = hole
            parse(said, known=True)
            unsure(said)
            opened_home(said)
