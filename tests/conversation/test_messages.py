"""What becomes of words: one answer each, with the rights of whoever spoke."""

import asyncio

import pytest

from conversation.activity import MESSAGE_LIMIT
from conversation.card import Card, Text
from conversation.channel import MessageRef
from conversation.errors import ChannelRefused
from conversation.principal import Principal
from tests.conversation.world import ANN, BEN, CHANNEL, DAN, OTHER_CHANNEL, World, alone, restarted, until, world


@pytest.fixture
def here() -> World:
    return world()


async def test_a_question_gets_one_card_in_its_place(here: World) -> None:
    await here.say(ANN, "orders")
    assert here.seen() == ["Answer to orders / n / 1 / 2 [CSV]"]


async def test_a_second_delivery_changes_nothing(here: World) -> None:
    await here.say(ANN, "orders", id="slack:1")
    await here.say(ANN, "orders", id="slack:1")
    assert len(here.seen()) == 1
    assert len(here.flow.started) == 1


async def test_a_second_participant_asks_with_their_own_rights_in_the_same_conversation(here: World) -> None:
    await here.say(ANN, "orders")
    await here.say(DAN, "only Germany")
    assert here.flow.started == [("orders", "ann", {}), ("only Germany", "dan", {"last": "orders"})]


async def test_another_thread_remembers_nothing_of_this_one(here: World) -> None:
    await here.say(ANN, "orders")
    await here.say(ANN, "only Germany", OTHER_CHANNEL)
    assert here.flow.started[1] == ("only Germany", "ann", {})


async def test_somebody_without_access_is_told_so_alone(here: World) -> None:
    await here.say(Principal("mallory", "acme", "Mallory"), "orders")
    assert here.seen() == [
        "[mallory] You have no access to Quillux yet. / Nothing was changed. / Ask your administrator to add you."
    ]
    assert here.flow.started == []


@pytest.mark.parametrize("length", [MESSAGE_LIMIT + 1, 100_000])
async def test_a_message_that_is_too_long_is_refused_with_both_numbers(here: World, length: int) -> None:
    await here.say(ANN, "x" * length)
    (told,) = here.seen()
    assert told.startswith(f"[ann] Your message has {length:,} characters; up to {MESSAGE_LIMIT:,} are read.")
    assert here.runs.all == {}


async def test_control_characters_and_half_characters_do_not_reach_flow_or_store(here: World) -> None:
    run = await here.say(ANN, "or\x00de\x1b[31mrs\ud800\u202e by\tday\n")
    assert here.runs.all[run].text == "orde[31mrs by\tday"


async def test_a_fault_of_ours_is_a_card_with_a_reference_and_nothing_of_the_inside(here: World) -> None:
    run = await here.say(ANN, "broken")
    (told,) = here.seen()
    assert "Something went wrong inside Quillux." in told
    assert f"Reference: {run}" in told
    assert "secret" not in told
    assert "[Try again]" in told
    assert here.runs.all[run].state == "failed"


async def test_an_operators_error_says_what_and_carries_a_reference(here: World) -> None:
    run = await here.say(ANN, "away")
    (told,) = here.seen()
    assert "The warehouse is away." in told
    assert f"Reference: {run}" in told


async def test_try_again_asks_the_same_words_anew(here: World) -> None:
    run = await here.say(ANN, "away")
    await here.press(ANN, "run.retry", {"run": run})
    assert [text for text, *_ in here.flow.started] == ["away", "away"]
    assert len(here.seen()) == 2


async def test_a_message_that_somebody_deleted_is_posted_anew(here: World) -> None:
    run = await here.say(ANN, "orders")
    here.channel.gone.add("m1")
    await here.say(ANN, "orders", id=run)
    assert [shown.deed for shown in here.channel.transcript] == ["send", "send"]
    assert await here.posts.find("acme", run) == here.channel.transcript[-1].message


async def test_while_the_channel_is_down_the_answer_is_kept_and_shown_later_without_asking_again(here: World) -> None:
    here.channel.down = True
    with pytest.raises(ChannelRefused):
        await here.say(ANN, "orders", id="slack:1")
    assert here.runs.all["slack:1"].state == "completed"
    here.channel.down = False
    await here.say(ANN, "orders", id="slack:1")
    assert here.seen() == ["Answer to orders / n / 1 / 2 [CSV]"]
    assert len(here.flow.started) == 1


async def test_a_crash_between_post_and_record_adopts_the_post_where_it_can_be_found(here: World) -> None:
    sent = await _posted_but_not_recorded(here)
    await restarted(here).say(ANN, "orders", id="slack:1")
    assert here.seen() == ["Answer to orders / n / 1 / 2 [CSV]"]
    assert await here.posts.find("acme", "slack:1") == sent


async def test_a_crash_between_post_and_record_posts_again_where_nothing_can_be_looked_up(here: World) -> None:
    here.channel.searchable = False
    await _posted_but_not_recorded(here)
    await restarted(here).say(ANN, "orders", id="slack:1")
    assert len(here.seen()) == 2


async def test_a_crash_before_the_answer_leaves_the_question_to_be_answered_once(here: World) -> None:
    asking = asyncio.create_task(here.say(ANN, "slow orders", id="slack:1"))
    await until(lambda: bool(here.flow.started))
    asking.cancel()
    await asyncio.wait({asking})
    again = restarted(here)
    again.flow.release.set()
    await again.say(ANN, "slow orders", id="slack:1")
    assert here.seen() == ["Answer to slow orders / n / 1 / 2 [CSV]"]


async def test_where_a_person_was_met_alone_is_remembered(here: World) -> None:
    await here.say(BEN, "orders", alone(BEN))
    await here.say(BEN, "orders", CHANNEL)
    assert await here.directory.reach("acme", ("approver",)) == [(BEN, alone(BEN))]


async def _posted_but_not_recorded(here: World) -> MessageRef:
    """What a process leaves that dies between the post and its record."""
    await here.posts.reserve("acme", "slack:1")
    return await here.channel.send(CHANNEL, Card((Text("Looking"),)), key="slack:1")


async def test_a_question_past_the_allowance_is_refused_and_the_next_person_is_answered() -> None:
    at = world(per_minute=1)
    await at.say(ANN, "one")
    await at.say(ANN, "two")
    await at.say(BEN, "three")
    first, second, third = at.seen()
    assert "You asked more questions in this minute" in second
    assert "more questions" not in first + third
