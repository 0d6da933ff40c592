"""Gates in a turn: who may decide, one decision, every copy brought to the same state."""

import asyncio

import pytest

from conversation.errors import ChannelRefused
from conversation.principal import ConversationRef
from tests.conversation.world import ANN, BEN, CAT, CHANNEL, DAN, EVE, World, alone, restarted, world


@pytest.fixture
async def here() -> World:
    made = world()
    await made.meet(ANN, BEN, CAT, DAN, EVE)
    return made


async def test_whoever_may_decide_gets_a_copy_and_nobody_else(here: World) -> None:
    await here.say(ANN, "heavy", CHANNEL)
    places = [shown.message.where.space for shown in here.channel.transcript]
    assert places == ["C1", "D-ben", "D-cat"]


async def test_an_approval_runs_it_updates_every_copy_and_tells_the_asker(here: World) -> None:
    run = await here.say(ANN, "heavy")
    await here.decide(BEN, run, "approve", alone(BEN))
    decided = "Run “heavy” for Ann? / Approved by Ben / Asked by: Ann / Decided by: Ben / When: 1 Jan 2026, 00:00 UTC"
    assert here.seen() == [decided, "After approve: heavy"]
    assert here.seen(alone(BEN)) == [decided]
    assert here.seen(alone(CAT)) == [decided]
    assert [decision.by.id for decision in here.flow.resumed] == ["ben"]


async def test_two_presses_at_once_run_it_once_and_the_loser_is_told_who_decided(here: World) -> None:
    run = await here.say(ANN, "heavy")
    await asyncio.gather(
        here.decide(BEN, run, "approve", alone(BEN)), here.decide(CAT, run, "reject", alone(CAT), reason="no")
    )
    assert len(here.flow.resumed) == 1
    told = [line for who in (BEN, CAT) for line in here.seen(alone(who)) if "decided this already" in line]
    winner = here.flow.resumed[0].by
    assert told == [
        f"[{'cat' if winner == BEN else 'ben'}] {winner.name} decided this already, so your press changed nothing."
    ]


async def test_of_two_hundred_presses_one_decides_and_each_other_is_told(here: World) -> None:
    run = await here.say(ANN, "heavy")
    await asyncio.gather(*(here.decide(BEN, run, "approve", alone(BEN)) for _ in range(200)))
    assert len(here.flow.resumed) == 1
    assert sum("decided this already" in line for line in here.seen(alone(BEN))) == 199


async def test_the_same_press_delivered_again_is_the_same_decision(here: World) -> None:
    run = await here.say(ANN, "heavy")
    for _ in range(3):
        await here.decide(BEN, run, "approve", id="press:1")
    assert not any("already" in line for line in here.seen())
    assert here.seen()[1:] == ["After approve: heavy"]


async def test_the_asker_may_not_approve_their_own(here: World) -> None:
    run = await here.say(BEN, "heavy")
    await here.decide(BEN, run, "approve")
    assert here.seen()[-1].startswith("[ben] You asked for this yourself, so somebody else has to approve it.")
    assert here.gates.all[f"{run}:gate"].decision is None


async def test_the_asker_may_take_it_back(here: World) -> None:
    run = await here.say(ANN, "heavy")
    await here.decide(ANN, run, "reject", reason="not needed")
    assert "After reject: heavy" in here.seen()[-1]
    assert "Reason: not needed" in here.seen(alone(BEN))[0]


@pytest.mark.parametrize("verdict", ["approve", "reject"])
async def test_a_member_may_decide_nothing(here: World, verdict: str) -> None:
    run = await here.say(ANN, "heavy")
    await here.decide(DAN, run, verdict)
    assert here.seen()[-1] == "[dan] Only approver can decide this. / The request is still open."
    assert here.flow.resumed == []


@pytest.mark.parametrize("verdict", ["edit", "respond", "yes", "", None, 1, ["approve"], {"approve": True}])
async def test_a_verdict_that_the_gate_does_not_know_decides_nothing(here: World, verdict: object) -> None:
    run = await here.say(ANN, "heavy")
    await here.press(BEN, "gate.decide", {"gate": f"{run}:gate", "verdict": verdict})  # type: ignore[dict-item]
    assert here.seen()[-1].startswith("[ben] ")
    assert here.gates.all[f"{run}:gate"].decision is None


async def test_a_gate_of_another_tenant_is_not_known(here: World) -> None:
    run = await here.say(ANN, "heavy")
    await here.decide(EVE, run, "approve", alone(EVE))
    assert here.seen(alone(EVE))[-1].startswith("[eve] This request is not known.")
    assert here.flow.resumed == []


@pytest.mark.parametrize("gate", ["", "unknown", None, 7, ["x"], {"a": {"b": []}}, "x" * 100_000])
async def test_a_forged_gate_is_answered_with_words(here: World, gate: object) -> None:
    await here.press(BEN, "gate.decide", {"gate": gate, "verdict": "approve"})  # type: ignore[dict-item]
    assert here.seen() == [
        "[ben] This request is not known. / Nothing was changed. / It may belong to another organisation."
    ]


async def test_a_reason_that_is_too_long_leaves_the_request_open(here: World) -> None:
    run = await here.say(ANN, "heavy")
    await here.decide(BEN, run, "approve", reason="x" * 1_001)
    assert "The reason has 1,001 characters" in here.seen()[-1]
    assert here.gates.all[f"{run}:gate"].decision is None


async def test_an_approver_who_can_not_be_reached_keeps_nobody_else_from_being_asked(here: World) -> None:
    nowhere = ConversationRef("gone", "T1", "D-ben", "", True)
    await here.directory.met(BEN, nowhere)
    await here.say(ANN, "heavy")
    assert len(here.seen(alone(CAT))) == 1
    assert len(here.seen()) == 1


async def test_a_copy_that_can_not_be_updated_does_not_hold_up_the_others(here: World) -> None:
    run = await here.say(ANN, "heavy")
    here.channel.gone.add("m2")
    await here.decide(CAT, run, "approve", alone(CAT))
    assert "Approved by Cat" in here.seen(alone(CAT))[0]
    assert here.seen()[-1] == "After approve: heavy"


async def test_a_gate_survives_a_restart(here: World) -> None:
    run = await here.say(ANN, "heavy")
    again = restarted(here)
    await again.decide(BEN, run, "approve", alone(BEN))
    assert here.seen()[-1] == "After approve: heavy"


async def test_a_crash_after_the_claim_is_finished_by_the_same_press(here: World) -> None:
    here.flow.release.set()
    run = await here.say(ANN, "slow heavy")
    here.channel.down = True
    with pytest.raises(ChannelRefused):
        await here.decide(BEN, run, "approve", id="press:1")
    here.channel.down = False
    again = restarted(here)
    again.flow.release.set()
    await again.decide(BEN, run, "approve", id="press:1")
    assert here.seen()[-1] == "After approve: slow heavy"
    assert "Approved by Ben" in here.seen(alone(CAT))[0]


async def test_stop_at_a_gate_says_how_to_take_the_request_back(here: World) -> None:
    run = await here.say(ANN, "heavy")
    await here.press(ANN, "run.stop", {"run": run})
    assert "waits for approval" in here.seen()[-1]
    await here.decide(BEN, run, "approve")
    assert here.seen()[-1] == "After approve: heavy"
