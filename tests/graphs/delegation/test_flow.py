"""Delegations in words, over in-memory twins: given, listed, ended, and both people told."""

from datetime import UTC

import pytest

from conversation.principal import Principal
from graphs.delegation.flow import DelegationFlow, Office
from tests.conversation.world import ANN, BEN, CAT, DAN, World, alone, world

OTHER_BEN = Principal("ben2", "acme", "Ben", ("member",))


@pytest.fixture
async def here() -> World:
    made = world()
    made.directory.people["ben2"] = OTHER_BEN
    office = Office(made.delegations, made.directory, made.delivery, made.clock.now, UTC)
    made = made.with_flow(DelegationFlow(office))
    await made.meet(ANN, BEN, CAT)
    return made


async def acting_for(here: World, who: Principal) -> list[str]:
    return [giver.id for giver in await here.delegations.acting_for(who, here.clock.now())]


async def test_a_delegation_is_given_and_both_are_told(here: World) -> None:
    await here.say(CAT, "delegate my approvals to dan until Friday because I am away")
    assert here.seen()[-1].startswith("Dan decides in your place until Friday, 2 January 2026")
    assert "Reason: I am away" in here.seen()[-1]
    assert "could not be told" in here.seen()[-1]
    await here.say(CAT, "delegate my approvals to ann until Friday because I am away")
    (told,) = here.seen(alone(ANN))
    assert told.startswith("Cat asked you to decide in their place / Until Friday, 2 January 2026")
    assert await acting_for(here, DAN) == await acting_for(here, ANN) == ["cat"]


async def test_a_turn_that_is_handled_again_gives_it_once(here: World) -> None:
    for _ in range(3):
        await here.say(CAT, "delegate my approvals to ann until Friday", id="m1")
    assert len(here.delegations.all) == 1
    assert len(here.seen(alone(ANN))) == 1


async def test_a_name_of_two_people_is_asked_and_the_button_gives_it(here: World) -> None:
    run = await here.say(CAT, "delegate my approvals to Ben until Friday")
    assert here.seen()[-1].startswith("Who is “Ben”?")
    await here.press(CAT, "delegation.give", {"run": run, "to": "ben2", "giver": "cat"})
    assert await acting_for(here, OTHER_BEN) == ["cat"]


async def test_nobody_gives_by_a_button_that_somebody_else_was_asked(here: World) -> None:
    run = await here.say(CAT, "delegate my approvals to Ben until Friday")
    await here.press(ANN, "delegation.give", {"run": run, "to": "ben2", "giver": "cat"})
    assert "Somebody else was asked this" in here.seen()[-1]
    assert here.delegations.all == {}


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("to nobody-known until Friday", "I know nobody called “nobody-known”"),
        ("to eve until Friday", "I know nobody called “eve”"),
        ("to cat until Friday", "You decide in your own place anyway"),
        ("to ann", "Until when?"),
        ("to ann until soon", "I can't read “soon” as an end"),
        ("to ann until 2025-12-24", "Wednesday, 24 December 2025 is over already"),
        ("to ann until 2027-12-24", "A delegation lasts 90 days at most"),
        (f"to ann until Friday because {'x' * 1_001}", "The reason has more than 1,000 characters"),
    ],
)
async def test_what_can_not_be_is_said_and_gives_nothing(here: World, words: str, answer: str) -> None:
    await here.say(CAT, f"delegate my approvals {words}")
    assert answer in here.seen()[-1]
    assert here.delegations.all == {}


async def test_it_is_listed_for_both_and_ended_by_words(here: World) -> None:
    await here.say(CAT, "delegate my approvals to ann until Friday because I am away")
    await here.say(CAT, "who decides for me?")
    assert "These decide in your place / Ann: until Friday, 2 January 2026: I am away" in here.seen()[-1]
    await here.say(ANN, "for whom do I decide?")
    assert "You decide in the place of / Cat: until" in here.seen()[-1]
    await here.say(CAT, "end my delegation")
    assert here.seen()[-1] == "Ann no longer decides in your place."
    assert here.seen(alone(ANN))[-1] == "Cat ended it: you no longer decide in the place of Cat."
    assert await acting_for(here, ANN) == []
    await here.say(CAT, "end my delegation")
    assert here.seen()[-1].startswith("Nobody decides in your place")


async def test_whoever_was_asked_may_end_it_too_and_nobody_else(here: World) -> None:
    one = await here.say(CAT, "delegate my approvals to ann until Friday")
    await here.press(DAN, "delegation.end", {"run": one, "delegation": one})
    assert "This delegation is not known" in here.seen()[-1]
    await here.press(ANN, "delegation.end", {"run": one, "delegation": one})
    assert here.seen()[-1] == "You no longer decide in the place of Cat."
    assert here.seen(alone(CAT))[-1] == "Ann ended it and no longer decides in your place."
    assert await acting_for(here, ANN) == []


async def test_a_new_one_to_the_same_person_takes_the_place_of_the_old(here: World) -> None:
    await here.say(CAT, "delegate my approvals to ann until Friday")
    here.clock.forward(hours=1)
    await here.say(CAT, "delegate my approvals to ann until tomorrow")
    (now,) = await here.delegations.of("acme", "cat", here.clock.now())
    assert now.until.startswith("2026-01-03")


@pytest.mark.parametrize("payload", [{}, {"delegation": None}, {"delegation": ["x"]}, {"delegation": "x" * 9_999}])
async def test_a_forged_press_ends_nothing(here: World, payload: dict[str, object]) -> None:
    run = await here.say(CAT, "delegate my approvals to ann until Friday")
    await here.press(ANN, "delegation.end", {"run": run, **payload})  # type: ignore[dict-item]
    assert "not known" in here.seen()[-1]
    assert await acting_for(here, ANN) == ["cat"]
