"""Buttons of an answer: looked up, never believed."""

from typing import Any

import pytest

from conversation.card import File, elements
from tests.conversation.world import ANN, BEN, CHANNEL, DAN, EVE, OTHER_CHANNEL, World, alone, world


@pytest.fixture
def here() -> World:
    return world()


async def test_details_are_shown_to_the_one_who_asks_for_them(here: World) -> None:
    run = await here.say(ANN, "orders")
    await here.press(DAN, "run.details", {"run": run})
    assert here.seen()[-1] == "[dan] How this was made / SELECT 1"


async def test_details_of_a_personal_answer_are_not_for_others(here: World) -> None:
    run = await here.say(ANN, "orders", alone(ANN))
    await here.press(DAN, "run.details", {"run": run}, alone(DAN))
    assert "is not known" in here.seen(alone(DAN))[-1]


async def test_an_answer_of_one_channel_can_not_be_opened_from_another_place(here: World) -> None:
    run = await here.say(ANN, "orders", CHANNEL)
    for verb in ("run.details", "run.csv", "run.retry", "run.feedback", "wordy.choose"):
        await here.press(DAN, verb, {"run": run, "value": "up"}, OTHER_CHANNEL)
    assert all("The answer behind this button is not known." in line for line in here.seen(OTHER_CHANNEL))
    assert here.feedback.all == {}


async def test_whoever_may_decide_can_open_what_is_to_be_decided(here: World) -> None:
    await here.meet(BEN, DAN)
    run = await here.say(ANN, "heavy", alone(ANN))
    await here.press(BEN, "run.details", {"run": run}, alone(BEN))
    await here.press(DAN, "run.details", {"run": run}, alone(DAN))
    assert here.seen(alone(BEN))[-1] == "[ben] The query / SELECT heavy"
    assert "is not known" in here.seen(alone(DAN))[-1]
    await here.decide(BEN, run, "reject", alone(BEN), reason="no")
    await here.press(BEN, "run.details", {"run": run}, alone(BEN))
    assert "is not known" in here.seen(alone(BEN))[-1]


async def test_the_whole_result_goes_to_people_with_the_same_rights_only(here: World) -> None:
    run = await here.say(ANN, "orders")
    await here.press(DAN, "run.csv", {"run": run})
    assert here.seen()[-1].startswith("[dan] Only people with the same rights as the asker")
    await here.press(ANN, "run.csv", {"run": run})
    files = [item for item in elements(here.channel.transcript[-1].card) if isinstance(item, File)]
    assert files == [File("answer.csv", f"result of {run}", "csv")]


async def test_an_answer_without_rows_has_nothing_to_download(here: World) -> None:
    run = await here.say(ANN, "away")
    await here.press(ANN, "run.csv", {"run": run})
    assert "no rows to download" in here.seen()[-1]


async def test_a_thumb_up_is_noted(here: World) -> None:
    run = await here.say(ANN, "orders")
    await here.press(DAN, "run.feedback", {"run": run, "value": "up"})
    assert here.feedback.all == {("acme", run, "dan"): ("up", "")}
    assert here.seen()[-1] == "[dan] Thank you, noted."


async def test_a_thumb_down_asks_why_and_keeps_the_reason(here: World) -> None:
    run = await here.say(ANN, "orders")
    await here.press(DAN, "run.feedback", {"run": run, "value": "down"})
    assert here.feedback.all["acme", run, "dan"] == ("down", "")
    send = here.channel.transcript[-1].card.actions[0]
    await here.press(DAN, send.verb, send.payload, inputs={"kind": "rows", "reason": "12 are missing"})
    assert here.feedback.all["acme", run, "dan"] == ("down", "Wrong rows or numbers: 12 are missing")
    assert here.seen()[-1].startswith("[dan] Thank you")


async def test_forged_feedback_is_kept_short_or_not_at_all(here: World) -> None:
    run = await here.say(ANN, "orders")
    await here.press(DAN, "run.feedback", {"run": run, "value": "sideways"})
    assert here.feedback.all == {}
    huge: Any = {"kind": ["x" * 50_000], "reason": {"a": "y" * 50_000}}
    await here.press(DAN, "run.feedback", {"run": run, "value": "down", "final": True}, inputs=huge)
    (_, reason), *_ = here.feedback.all.values()
    assert len(reason) <= 1_000


FORGED: list[Any] = [{}, {"run": None}, {"run": 7}, {"run": ["a"]}, {"run": {"a": {"b": [{}]}}}, {"run": "x" * 100_000}]
VERBS = [
    "run.stop",
    "run.details",
    "run.csv",
    "run.feedback",
    "run.retry",
    "run.unknown",
    "wordy.choose",
    "",
    "x" * 9_999,
]


@pytest.mark.parametrize("payload", FORGED, ids=range(len(FORGED)))
@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb[:12] or "empty")
async def test_a_forged_or_stale_button_is_answered_with_words(here: World, verb: str, payload: Any) -> None:
    await here.press(DAN, verb, payload)
    (told,) = here.seen()
    assert told.startswith("[dan] The answer behind this button is not known.")
    assert here.flow.started == []


@pytest.mark.parametrize("verb", ["run.unknown", "other.verb", "", "wordy"])
async def test_an_unknown_verb_on_a_known_answer_is_answered_with_words(here: World, verb: str) -> None:
    run = await here.say(ANN, "orders")
    await here.press(DAN, verb, {"run": run})
    assert "not known any more" in here.seen()[-1]


async def test_a_run_of_another_tenant_is_not_known(here: World) -> None:
    run = await here.say(ANN, "orders")
    await here.press(EVE, "run.details", {"run": run})
    assert "is not known" in here.seen()[-1]


@pytest.mark.parametrize("text", [None, 7, ["a"], {"a": "b"}])
async def test_a_button_that_asks_something_that_is_no_text_asks_nothing(here: World, text: Any) -> None:
    await here.press(DAN, "ask", {"text": text})
    assert [asked for asked, *_ in here.flow.started] in ([], [""])


async def test_a_button_that_asks_asks_with_the_rights_of_who_pressed(here: World) -> None:
    await here.press(DAN, "ask", {"text": "orders"})
    assert here.flow.started == [("orders", "dan", {})]


async def test_another_reading_changes_the_askers_card_in_place(here: World) -> None:
    run = await here.say(ANN, "orders")
    await here.press(ANN, "wordy.choose", {"run": run})
    assert len(here.seen()) == 1
    assert [shown.deed for shown in here.channel.transcript] == ["send", "update"]


async def test_another_reading_for_somebody_else_is_an_answer_of_their_own(here: World) -> None:
    run = await here.say(ANN, "orders")
    await here.press(DAN, "wordy.choose", {"run": run})
    assert len(here.seen()) == 2
    assert here.flow.started[1][1] == "dan"
