"""An answer made with the asker's own rights is not read by others until the asker shares it."""

import pytest

from tests.conversation.world import ANN, CHANNEL, DAN, World, alone, world


@pytest.fixture
def here() -> World:
    return world()


async def test_in_a_shared_place_only_the_asker_sees_it(here: World) -> None:
    await here.say(ANN, "own rights", CHANNEL)
    shared, whispered = here.seen(CHANNEL)[-2:]
    assert "shown to Ann only" in shared
    assert "[Show me] [Share here]" in shared or "Show me" in shared
    assert whispered.startswith("[ann] ")
    assert "own rights" in whispered


async def test_where_nobody_reads_along_it_is_simply_shown(here: World) -> None:
    await here.say(ANN, "own rights", alone(ANN))
    assert len(here.seen(alone(ANN))) == 1
    assert "shown to Ann only" not in here.seen(alone(ANN))[0]


async def test_others_can_open_nothing_of_it(here: World) -> None:
    run = await here.say(ANN, "own rights", CHANNEL)
    for verb in ("run.reveal", "run.share", "run.details", "run.csv"):
        await here.press(DAN, verb, {"run": run}, CHANNEL)
        assert "is not known" in here.seen(CHANNEL)[-1]


async def test_the_asker_sees_it_again_and_shares_it(here: World) -> None:
    run = await here.say(ANN, "own rights", CHANNEL)
    await here.press(ANN, "run.reveal", {"run": run}, CHANNEL)
    assert here.seen(CHANNEL)[-1].startswith("[ann] ")
    await here.press(ANN, "run.share", {"run": run}, CHANNEL)
    assert not any("shown to Ann only" in line for line in here.seen(CHANNEL))
    await here.press(DAN, "run.details", {"run": run}, CHANNEL)
    assert here.seen(CHANNEL)[-1] == "[dan] How this was made / SELECT 1"


async def test_a_follow_up_still_knows_the_question_after_sharing(here: World) -> None:
    run = await here.say(ANN, "own rights", CHANNEL)
    await here.press(ANN, "run.share", {"run": run}, CHANNEL)
    await here.say(ANN, "and by month?", CHANNEL)
    assert here.flow.started[-1][2] == {"last": "own rights"}
