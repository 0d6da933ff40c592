"""Right before the effect of an approval: what was approved is compared with what is, and it begins once."""

from dataclasses import replace

import pytest

from conversation.gates import Gate
from conversation.run import Standing
from conversation.turn import TurnHandler
from tests.conversation.world import ANN, BEN, CAT, WordyFlow, World, alone, world


class BoundFlow(WordyFlow):
    """A flow whose rules and target can change while its gate waits."""

    def __init__(self) -> None:
        super().__init__()
        self.policy, self.version = "p1", ""

    async def standing(self, gate: Gate) -> Standing:
        return Standing(self.policy, self.version)


@pytest.fixture
async def here() -> World:
    made = world()
    flow = BoundFlow()
    ports = replace(made.ports, flows=(flow,))
    made = replace(made, flow=flow, ports=ports, handler=TurnHandler(ports))
    await made.meet(ANN, BEN, CAT)
    return made


def bound(here: World) -> BoundFlow:
    assert isinstance(here.flow, BoundFlow)
    return here.flow


async def said(here: World) -> list[str]:
    return [entry.what.removeprefix("gate.") for entry in await here.gates.audit.entries("acme")]


async def test_an_approved_action_begins_where_nothing_changed(here: World) -> None:
    run = await here.say(ANN, "heavy")
    await here.decide(BEN, run, "approve", alone(BEN))
    assert len(here.flow.resumed) == 1
    assert await said(here) == ["opened", "voted", "decided", "begun"]


@pytest.mark.parametrize(("policy", "version"), [("p2", ""), ("p1", "7")])
async def test_changed_rules_or_a_changed_target_run_nothing_and_every_copy_says_so(
    here: World, policy: str, version: str
) -> None:
    run = await here.say(ANN, "heavy")
    bound(here).policy, bound(here).version = policy, version
    await here.decide(BEN, run, "approve", alone(BEN))
    assert here.flow.resumed == []
    assert "Nothing was run" in here.seen(alone(CAT))[0]
    assert "Nothing was run" in here.seen()[-1]
    kept = await here.runs.get("acme", run)
    assert kept is not None
    assert kept.state == "failed"
    assert (await said(here))[-2:] == ["conflict", "superseded"]


async def test_an_approval_that_met_a_conflict_is_not_revived_when_the_change_is_taken_back(here: World) -> None:
    run = await here.say(ANN, "heavy")
    bound(here).version = "7"
    await here.decide(BEN, run, "approve", alone(BEN), id="press")
    bound(here).version = ""
    await here.decide(BEN, run, "approve", alone(BEN), id="press")
    await here.decide(CAT, run, "approve", alone(CAT))
    assert here.flow.resumed == []
    assert here.gates.all[f"{run}:gate"].begun == ""


async def test_a_rejection_needs_no_ground_to_stand_on(here: World) -> None:
    run = await here.say(ANN, "heavy")
    bound(here).version = "7"
    await here.decide(BEN, run, "reject", alone(BEN), reason="no")
    assert [decision.verdict for decision in here.flow.resumed] == ["reject"]
    assert "begun" not in await said(here)


async def test_the_same_press_after_a_crash_goes_on_though_its_own_effect_changed_the_target(here: World) -> None:
    run = await here.say(ANN, "heavy")
    await here.decide(BEN, run, "approve", alone(BEN), id="press")
    bound(here).version = "made by the effect itself"
    await here.decide(BEN, run, "approve", alone(BEN), id="press")
    assert len(here.flow.resumed) == 2
    assert (await said(here)).count("begun") == 1
