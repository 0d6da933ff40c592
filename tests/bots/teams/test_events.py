"""Payloads of Teams become activities, or nothing where they are not for us."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.teams.events import parse
from bots.teams.inputs import inputs, render_input
from bots.teams.references import reference
from conversation.activity import CardAction, Message
from conversation.card import Choice, Input
from conversation.codec import decode, encode
from conversation.principal import ConversationRef, Sender
from tests.bots.teams.payloads import ANN, APP_ID, FOLDER, TENANT, payload

ALL = sorted(path.stem for path in FOLDER.glob("*.json"))


def message(name: str, **changes: Any) -> Message:
    found = parse(payload(name, **changes))
    assert isinstance(found, Message)
    return found


def press(name: str, **changes: Any) -> CardAction:
    found = parse(payload(name, **changes))
    assert isinstance(found, CardAction)
    return found


def test_a_personal_message_says_who_where_and_what() -> None:
    found = message("message_personal")
    assert found.id == f"teams:{TENANT}:a:1personal:1700000000001"
    assert found.where == ConversationRef("teams", TENANT, "a:1personal", "", True)
    assert found.sender == Sender("teams", TENANT, ANN, "Ann Example")
    assert found.text == "How many orders did we ship last month?"
    assert found.attachments == ()


def test_a_channel_message_belongs_to_the_thread_of_its_root() -> None:
    root, reply = message("message_channel"), message("message_channel_reply")
    assert root.where.space == "19:abc0123456789@thread.tacv2"
    assert root.where == reply.where
    assert root.where.thread == "1700000000001"
    assert not root.where.personal
    assert root.id != reply.id


def test_a_second_participant_asks_in_the_same_thread_as_themselves() -> None:
    assert message("message_channel_reply").sender.name == "Bob Example"


def test_the_mention_of_the_bot_is_taken_out_and_entities_of_html_are_read() -> None:
    assert message("message_channel").text == "orders & returns per region?"


def test_a_mention_is_known_by_its_entity_and_other_people_stay_named() -> None:
    found = message("message_group")
    assert found.text == "Ann Example and what is <at>Quillux</at> typed by hand?"
    assert found.where == ConversationRef("teams", TENANT, "19:meet@thread.v2", "", False)


def test_a_person_without_an_entra_id_is_known_by_the_id_of_teams() -> None:
    assert message("message_personal", **{"from": {"id": "29:guest"}}).sender.user == "29:guest"


def test_a_file_comes_with_the_message_and_is_one_activity() -> None:
    found = message("message_file")
    assert [file.name for file in found.attachments] == ["f.csv"]
    assert found.text == "look at this"


@pytest.mark.parametrize(
    "name",
    [
        "message_group_unmentioned",
        "message_from_bot",
        "message_update",
        "message_delete",
        "message_reaction",
        "conversation_update",
        "installation_update",
        "typing",
        "invoke_unknown",
    ],
)
def test_what_is_not_for_us_is_nothing(name: str) -> None:
    assert parse(payload(name)) is None


def test_our_own_message_is_nothing() -> None:
    assert parse(payload("message_personal", **{"from": {"id": f"28:{APP_ID}"}})) is None


def test_an_execute_and_a_submit_are_the_same_press() -> None:
    executed, submitted = press("invoke_execute"), press("submit")
    for found in (executed, submitted):
        assert found.verb == "gate.decide"
        assert found.payload == {"gate": "gate-1", "verdict": "approve", "reason": "forged?"}
        assert found.inputs == {"reason": "looks fine"}
        assert found.message == "1699999999999"
    assert executed.id == f"teams:{TENANT}:a:1personal:f:5c1e"
    assert submitted.id == f"teams:{TENANT}:a:1personal:1700000000009"


def test_a_press_without_an_id_is_the_same_press_when_delivered_again() -> None:
    first, again = press("invoke_execute", id=None), press("invoke_execute", id=None)
    later = press("invoke_execute", id=None, timestamp="2025-06-01T09:00:01Z")
    assert first.id == again.id
    assert first.id != later.id


def test_a_submit_without_a_verb_is_nothing() -> None:
    assert parse(payload("submit", value={"payload": {}})) is None


def test_inputs_cannot_replace_what_the_button_carries() -> None:
    value = {"verb": "ask", "payload": {"text": "right"}, "in:1:text:payload": "wrong", "text": "wrong"}
    found = press("submit", value=value)
    assert found.payload == {"text": "right"}
    assert found.inputs == {"payload": "wrong"}


@pytest.mark.parametrize("name", ALL)
def test_an_activity_survives_storage(name: str) -> None:
    found = parse(payload(name))
    assert decode(encode(found)) == found


def test_inputs_keep_their_types() -> None:
    data = {"in:1:number:n": "12", "in:2:number:x": "1.5", "in:3:toggle:on": "true", "in:4:choices:many": "a,b%2Cc"}
    assert inputs({**data, "other": 1}) == {"n": 12, "x": 1.5, "on": True, "many": ["a", "b,c"]}
    assert inputs({"in:1:number:n": "many", "in:2:choices:c": "", "in:3:date:d": "2025-06-01"}) == {
        "n": "many",
        "c": [],
        "d": "2025-06-01",
    }


@given(values=st.lists(st.text(min_size=1, max_size=20), min_size=1, max_size=5, unique=True))
def test_chosen_values_come_back_as_they_were(values: list[str]) -> None:
    field = Input("pick", "Pick", "choices", choices=tuple(Choice(value, value) for value in values))
    made = render_input(field, 1)
    choices = made["choices"]
    assert isinstance(choices, list)
    chosen = ",".join(choice["value"] for choice in choices if isinstance(choice, dict))  # type: ignore[misc]
    assert inputs({str(made["id"]): chosen}) == {"pick": values}


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@given(name=st.sampled_from(ALL), changes=st.dictionaries(st.sampled_from(sorted(payload("submit"))), _JSON))
def test_hostile_payloads_never_raise(name: str, changes: dict[str, Any]) -> None:
    activity = payload(name, **changes)
    parse(activity)
    reference(activity)


def test_the_reference_names_the_person_of_a_personal_conversation_only() -> None:
    personal, channel = reference(payload("message_personal")), reference(payload("message_channel"))
    assert personal is not None
    assert channel is not None
    assert (personal.person, personal.kind, personal.bot) == (ANN, "personal", f"28:{APP_ID}")
    assert (channel.person, channel.kind, channel.where.thread) == ("", "channel", "")
    assert decode(encode(channel)) == channel
