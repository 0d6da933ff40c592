"""Which turns wait for each other."""

from conversation.activity import CardAction, Message
from conversation.principal import ConversationRef, Sender
from infra.durable import LANES, lane
from infra.settings import Settings

ANN = Sender("api", "acme", "ann")


def said(thread: str, space: str = "ann") -> Message:
    return Message("m", ConversationRef("api", "acme", space, thread), ANN, "orders")


def test_turns_of_one_conversation_share_a_lane() -> None:
    assert lane(said("c1")) == lane(said("c1"))


def test_however_many_conversations_one_space_takes_a_few_lanes() -> None:
    assert len({lane(said(f"c{n}")) for n in range(1_000)}) == LANES
    assert Settings.model_fields["worker_concurrency"].default > LANES


def test_two_spaces_never_wait_for_each_other() -> None:
    assert lane(said("c1", "ann")) != lane(said("c1", "ben"))


def test_stop_does_not_wait_behind_what_it_stops() -> None:
    stop = CardAction("s", said("c1").where, ANN, "run.stop", {"run": "m"})
    assert lane(stop) != lane(said("c1"))


def test_a_thread_named_by_half_a_character_has_a_lane() -> None:
    assert lane(said("\ud800"))
