"""Decisions in another's place, as whole turns: who may, what the cards say, and what never becomes possible."""

import pytest

from conversation.gates.delegation import Delegation
from conversation.principal import Principal
from tests.conversation.world import ANN, BEN, CAT, DAN, World, alone, world

FOREVER = "2099-01-01T00:00:00+00:00"


@pytest.fixture
async def here() -> World:
    made = world()
    await made.meet(ANN, BEN, CAT, DAN)
    return made


async def gives(here: World, giver: Principal, to: Principal, until: str = FOREVER) -> None:
    given = Delegation("acme", giver.id, to.id, here.clock.now(), until, "away", f"{giver.id}>{to.id}")
    await here.delegations.give(given)


async def test_a_deputy_gets_a_copy_and_decides_and_every_copy_says_for_whom(here: World) -> None:
    await gives(here, CAT, DAN)
    run = await here.say(ANN, "heavy")
    assert len(here.seen(alone(DAN))) == 1
    await here.decide(DAN, run, "approve", alone(DAN))
    decision = here.gates.all[f"{run}:gate"].decision
    assert decision is not None
    assert (decision.by.id, decision.acting_for) == ("dan", "cat")
    for where in (alone(BEN), alone(CAT), alone(DAN)):
        assert "Approved by Dan for cat" in here.seen(where)[0]
    assert [one.by.id for one in here.flow.resumed] == ["dan"]
    voted = here.gates.audit.all["acme"][-2]
    assert (voted.actor, voted.acting_for) == ("dan", "cat")


async def test_the_asker_never_approves_through_anothers_hat(here: World) -> None:
    await gives(here, CAT, ANN)
    run = await here.say(ANN, "heavy")
    await here.decide(ANN, run, "approve")
    assert here.seen()[-1].startswith("[ann] You asked for this yourself")
    assert here.gates.all[f"{run}:gate"].decision is None


async def test_nobody_approves_in_the_askers_own_place(here: World) -> None:
    await gives(here, BEN, DAN)
    run = await here.say(BEN, "heavy")
    await here.decide(DAN, run, "approve")
    assert "Only approver can decide this" in here.seen()[-1]
    assert here.gates.all[f"{run}:gate"].decision is None


async def test_a_right_is_not_handed_on_and_ends_with_its_period(here: World) -> None:
    await gives(here, CAT, ANN)
    await gives(here, ANN, DAN)
    run = await here.say(BEN, "heavy")
    await here.decide(DAN, run, "approve")
    assert "Only approver can decide this" in here.seen()[-1]
    await here.delegations.end("acme", "cat>ann", by="cat", at=here.clock.now())
    await here.decide(ANN, run, "approve")
    assert "Only approver can decide this" in here.seen()[-1]
    await here.delegations.give(
        Delegation("acme", "cat", "ann", here.clock.now(), "2026-01-02T00:00:00+00:00", "", "x")
    )
    here.clock.forward(days=1)
    await here.decide(ANN, run, "approve")
    assert here.gates.all[f"{run}:gate"].decision is None


async def test_what_waits_for_a_deputy_says_for_whom(here: World) -> None:
    await gives(here, CAT, DAN)
    await here.say(ANN, "heavy")
    await here.say(DAN, "what waits for me?", alone(DAN))
    assert "for Cat" in here.seen(alone(DAN))[-1]


async def test_an_expired_gate_is_opened_again_with_its_button_and_then_decided(here: World) -> None:
    run = await here.say(ANN, "heavy")
    gate = here.gates.all[f"{run}:gate"]
    await here.gates.move(gate, "paused", by="clock", at=here.clock.now())
    await here.decide(BEN, run, "approve", alone(BEN))
    assert here.gates.all[gate.id].decision is None
    await here.press(DAN, "gate.reopen", {"gate": gate.id})
    assert "Only Ann and those who may decide this can open it again" in here.seen()[-1]
    await here.press(BEN, "gate.reopen", {"gate": gate.id}, alone(BEN))
    assert any("Ben opened this again" in line for line in here.seen(alone(CAT)))
    await here.decide(CAT, run, "approve", alone(CAT))
    assert [one.by.id for one in here.flow.resumed] == ["cat"]


@pytest.mark.parametrize("gate", ["", "unknown", None, 7, ["x"], {"a": 1}, "x" * 99_999])
async def test_a_forged_reopen_is_answered_with_words(here: World, gate: object) -> None:
    await here.press(BEN, "gate.reopen", {"gate": gate})  # type: ignore[dict-item]
    assert "not known" in here.seen()[-1]
