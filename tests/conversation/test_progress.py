"""Work that takes its time is seen, and can be stopped."""

import asyncio

import pytest

from tests.conversation.world import ANN, BEN, DAN, World, until, words, world


@pytest.fixture
def here() -> World:
    made = world()
    made.channel.status_after = 0
    return made


async def test_work_under_way_is_shown_and_its_card_becomes_the_answer(here: World) -> None:
    asking = asyncio.create_task(here.say(ANN, "slow orders"))
    await until(lambda: bool(here.channel.transcript))
    assert here.seen() == ["Reading orders [Stop]"] or here.seen() == ["Looking at your data [Stop]"]
    here.flow.release.set()
    await asking
    assert here.seen() == ["Answer to slow orders / n / 1 / 2 [CSV]"]


async def test_the_asker_stops_a_question(here: World) -> None:
    asking = asyncio.create_task(here.say(ANN, "slow orders", id="r1"))
    await until(lambda: bool(here.channel.transcript))
    await here.press(ANN, "run.stop", {"run": "r1"})
    await asking
    assert here.flow.cancelled == 1
    assert here.runs.all["r1"].state == "canceled"
    assert here.seen() == [
        "You stopped this question. / Nothing was changed. / Ask again whenever you like. [Try again]"
    ]


async def test_somebody_else_can_not_stop_it(here: World) -> None:
    asking = asyncio.create_task(here.say(ANN, "slow orders", id="r1"))
    await until(lambda: bool(here.channel.transcript))
    await here.press(DAN, "run.stop", {"run": "r1"})
    here.flow.release.set()
    await asking
    assert here.seen()[-1] == "[dan] Only Ann can stop this question. / It goes on."
    assert here.runs.all["r1"].state == "completed"


async def test_stop_after_the_end_says_so(here: World) -> None:
    run = await here.say(ANN, "orders")
    await here.press(ANN, "run.stop", {"run": run})
    assert here.seen()[-1] == "[ann] This question was finished already."


async def test_work_after_an_approval_can_be_stopped_too(here: World) -> None:
    here.flow.release.set()
    run = await here.say(ANN, "slow heavy", id="r1")
    here.flow.release.clear()
    deciding = asyncio.create_task(here.decide(BEN, run, "approve"))
    await until(lambda: any("[Stop]" in words(shown.card) for shown in here.channel.transcript[1:]))
    await here.press(ANN, "run.stop", {"run": run})
    await deciding
    assert here.runs.all["r1"].state == "canceled"


async def test_a_channel_that_goes_down_while_work_is_shown_does_not_stop_the_work(here: World) -> None:
    asking = asyncio.create_task(here.say(ANN, "slow orders", id="r1"))
    await until(lambda: bool(here.channel.transcript))
    here.channel.down = True
    await asyncio.sleep(0)
    here.channel.down = False
    here.flow.release.set()
    await asking
    assert here.seen() == ["Answer to slow orders / n / 1 / 2 [CSV]"]
