"""Times of gates: reminders, escalation, expiry that pauses, opening again, under clocks that jump."""

from dataclasses import dataclass, replace
from datetime import time

import pytest

from conversation.activity import CardAction
from conversation.card import Button, Card, Text
from conversation.errors import NotAllowed, PersonError
from conversation.gates import Deciders, Decision, Gate, Stage
from conversation.gates.able import Able
from conversation.gates.clock import QuietHours, Times, later, step_of
from conversation.gates.delegation import Delegation
from conversation.gates.timing import Timing
from conversation.principal import ConversationRef, Principal, Sender
from conversation.run import Run
from tests.conversation.world import ANN, BEN, CAT, CHANNEL, DAN, EVE, World, alone, world

ADA = Principal("ada", "acme", "Ada", ("member", "admin"))
NOW = "2026-01-01T00:00:00+00:00"  # a Thursday
TIMES = Times(4 * 3600, 24 * 3600, 72 * 3600, 24 * 3600, Deciders(roles=("admin",)))


def drawn(gate: Gate) -> Card:
    reopen = (Button("Reopen", "gate.reopen", {"gate": gate.id}),) if gate.state == "paused" else ()
    return Card((Text(f"{gate.title} {gate.state}"),), reopen)


@dataclass
class Timed:
    """A gate that Ann opened, and the clock over it."""

    world: World
    timing: Timing
    id: str = "g"

    async def gate(self) -> Gate:
        found = await self.world.gates.get("acme", self.id)
        assert found is not None
        return found

    async def tick(self, **much: float) -> None:
        """Time goes on, and every worker looks at once."""
        self.world.clock.forward(**much)
        now = self.world.clock.now()
        steps = [step_of(gate, now) for gate in await self.world.gates.due(now)]
        for due in [*steps, *steps]:
            if due is not None:
                await self.timing.step(due)

    async def vote(self, who: Principal, verdict: str = "approve") -> None:
        await self.world.gates.claim(await self.gate(), Decision(verdict, who, activity=f"{who.id}"))  # type: ignore[arg-type]

    def seen(self, who: Principal) -> list[str]:
        return self.world.seen(alone(who))

    def audit(self) -> list[str]:
        return [entry.what for entry in self.world.gates.audit.all["acme"]]

    async def reopen(self, who: Principal, id: str = "press") -> None:
        press = CardAction(id, alone(who), Sender("memory", "T1", who.id), "gate.reopen", {"gate": self.id})
        await self.timing.reopen(press, who)


async def timed(times: Times = TIMES, **changes: object) -> Timed:
    here = world()
    here.directory.people["ada"] = ADA
    await here.meet(ANN, BEN, CAT, DAN, EVE, ADA)
    able = Able(here.directory, here.delegations)
    timing = Timing(here.gates, here.runs, here.delivery, able, times, here.clock.now, drawn)
    await here.runs.begin(Run("r", "acme", CHANNEL, ANN, "heavy", created_at=NOW))
    gate = Gate("g", "acme", "r", "wordy", "i", "T", "", {}, ANN, ("approver",), "p", created_at=NOW)
    await here.gates.open(timing.timed(replace(gate, **changes)))  # type: ignore[arg-type]
    return Timed(here, timing)


async def test_a_gate_without_times_gets_the_operators_and_one_with_times_keeps_them() -> None:
    gate = await (await timed()).gate()
    assert (gate.remind_at, gate.escalate_at, gate.due_at) == tuple(later(NOW, hours * 3600) for hours in (4, 24, 72))
    assert gate.escalate_to == Deciders(roles=("admin",))
    own = await (await timed(due_at=later(NOW, 60), escalate_at=later(NOW, 30))).gate()
    assert (own.due_at, own.escalate_at, own.escalate_to) == (later(NOW, 60), later(NOW, 30), Deciders())
    never = await (await timed(Times())).gate()
    assert (never.remind_at, never.escalate_at, never.due_at) == ("", "", "")


async def test_only_those_who_can_act_are_reminded_and_once() -> None:
    here = await timed(stages=(Stage(Deciders(roles=("approver",)), 2),))
    await here.vote(BEN)
    await here.tick(hours=4)
    await here.tick(hours=1)
    assert here.seen(CAT) == ["Reminder: this still waits for a decision. / T open"]
    assert [here.seen(who) for who in (ANN, BEN, DAN, ADA, EVE)] == [[]] * 5
    assert here.world.seen() == []


async def test_a_reminder_that_falls_into_quiet_hours_waits_for_their_end() -> None:
    here = await timed(replace(TIMES, quiet=QuietHours(time(18), time(8), "Europe/Berlin")))
    assert (await here.gate()).remind_at == "2026-01-01T07:00:00.000000+00:00"
    here.timing = replace(here.timing, times=replace(TIMES, quiet=QuietHours(time(6), time(12), "UTC")))
    await here.tick(hours=8)
    assert here.seen(BEN) == []
    assert (await here.gate()).remind_at == "2026-01-01T12:00:00.000000+00:00"
    await here.tick(hours=4)
    assert len(here.seen(BEN)) == 1


async def test_an_escalation_lets_others_decide_and_tells_the_first_ones() -> None:
    here = await timed()
    assert (await here.gate()).why_not(ADA, "approve")
    await here.tick(hours=24)
    lead = "Nobody has decided this yet, so admin may decide it too. / T open"
    assert [here.seen(who) for who in (ADA, BEN, CAT)] == [[lead]] * 3
    gate = await here.gate()
    assert not gate.why_not(ADA, "approve")
    assert not gate.why_not(BEN, "approve")
    assert (gate.escalate_at, gate.remind_at) == ("", "")
    await here.tick(hours=1)
    assert len(here.seen(BEN)) == 1


async def test_an_escalation_takes_as_many_decisions_as_before() -> None:
    everybody = Stage(Deciders(roles=("approver",)), "all", electorate=("ben", "cat"))
    here = await timed(stages=(everybody,))
    await here.tick(hours=24)
    await here.vote(ADA)
    assert (await here.gate()).state == "open"
    await here.vote(BEN)
    assert (await here.gate()).state == "decided"


async def test_expiry_pauses_and_tells_whoever_asked_and_whoever_could_decide() -> None:
    here = await timed()
    await here.tick(hours=72)
    await here.tick(hours=72)
    gate = await here.gate()
    assert (gate.state, gate.decision) == ("paused", None)
    assert here.world.seen() == ["T paused [Reopen]"]
    assert here.seen(BEN) == here.seen(CAT) == ["T paused [Reopen]"]
    assert here.seen(DAN) == here.seen(EVE) == []
    assert here.audit() == ["gate.opened", "gate.expired"]


@pytest.mark.parametrize("who", [ANN, BEN])
async def test_whoever_asked_or_may_decide_opens_it_again_with_new_times(who: Principal) -> None:
    here = await timed()
    await here.tick(hours=80)
    await here.reopen(who)
    gate = await here.gate()
    now = here.world.clock.now()
    assert (gate.state, gate.due_at, gate.remind_at) == ("open", later(now, 24 * 3600), later(now, 4 * 3600))
    assert here.seen(CAT) == ["T open", f"{who.name} opened this again. / T open"]
    assert here.audit()[-2:] == ["gate.amended", "gate.reopened"]
    await here.reopen(who)
    assert len(here.seen(CAT)) == 2
    await here.tick(hours=24)
    assert (await here.gate()).state == "paused"
    await here.tick(days=9)
    assert here.seen(CAT)[-1] == "T paused [Reopen]"


async def test_nobody_else_opens_it_again() -> None:
    here = await timed()
    await here.tick(hours=80)
    for who, why in ((DAN, "Only Ann and those"), (EVE, "not known")):
        with pytest.raises(NotAllowed, match=why):
            await here.reopen(who)
    assert (await here.gate()).state == "paused"


async def test_what_is_decided_is_not_opened_again() -> None:
    here = await timed()
    await here.vote(BEN)
    with pytest.raises(PersonError, match="decided"):
        await here.reopen(ANN)


async def test_a_step_of_a_gate_that_was_decided_meanwhile_does_nothing() -> None:
    here = await timed()
    due = step_of(await here.gate(), later(NOW, 80 * 3600))
    assert due is not None
    await here.vote(BEN)
    await here.timing.step(due)
    assert (await here.gate()).state == "decided"
    assert here.world.seen() == here.seen(CAT) == []


async def test_a_deputy_is_reminded_in_the_place_of_who_asked_them_to_but_not_of_their_own_request() -> None:
    here = await timed()
    for to in (DAN, ANN):
        given = Delegation("acme", "cat", to.id, NOW, later(NOW, 9e5), "", to.id)
        await here.world.delegations.give(given)
    await here.tick(hours=4)
    assert len(here.seen(DAN)) == len(here.seen(CAT)) == 1
    assert here.seen(ANN) == []


async def test_a_clock_that_jumps_decides_nothing_loses_nothing_and_sends_nothing_twice() -> None:
    here = await timed()
    for jump in (100, -99.9, 50, -200, 3, 100, -100):
        await here.tick(hours=jump)
        assert (await here.gate()).decision is None
    assert (await here.gate()).state == "paused"
    assert len(here.seen(BEN)) == 1
    await here.reopen(ANN)
    for jump in (5, -3, 5, -5, 5):
        await here.tick(hours=jump)
    assert sum("Reminder" in line for line in here.seen(CAT)) == 1
    await here.vote(BEN)
    assert (await here.gate()).state == "decided"


async def test_a_step_that_a_crash_cut_off_is_finished_and_nobody_is_told_twice() -> None:
    here = await timed()
    gone = ConversationRef("gone", "T1", "D", "", True)
    await here.world.directory.met(BEN, gone)
    here.world.channel.down = True
    due = step_of(await here.gate(), later(NOW, 80 * 3600))
    assert due is not None
    await here.timing.step(due)
    here.world.channel.down = False
    for _ in range(3):
        await here.timing.step(due)
    assert here.seen(CAT) == here.world.seen() == ["T paused [Reopen]"]
