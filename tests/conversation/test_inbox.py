"""What waits for a person: only what they can act on, why it is them, and several decided with one press."""

from dataclasses import replace
from datetime import timedelta, timezone

import pytest

from conversation.activity import CardAction
from conversation.card import Card, Input
from conversation.codec import Json, JsonObject
from conversation.gates import Deciders, Decision, Gate, Stage
from conversation.gates.batch import seal
from conversation.gates.delegation import Delegation
from conversation.gates.inbox import Inbox, InboxItem
from conversation.gates.inbox_cards import SHOWN
from conversation.gates.times import due, waited
from conversation.home import Home
from conversation.principal import Principal, Sender
from tests.conversation.world import ANN, BEN, CAT, DAN, EVE, LATER, NOW, World, alone, restarted, world


@pytest.fixture
async def here() -> World:
    made = world()
    await made.meet(ANN, BEN, CAT, DAN, EVE)
    return made


def gate(id: str = "g1", **changes: object) -> Gate:
    """A gate of Ann's that any approver may decide, changed."""
    made = Gate(
        id=id,
        tenant="acme",
        run=f"{id}:run",
        flow="wordy",
        interrupt="i1",
        title=f"Run {id}?",
        reason="It is heavy.",
        parameters={"n": 1},
        asked_by=ANN,
        roles=("approver",),
        policy="p1",
        created_at=NOW,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


async def items(here: World, who: Principal, now: str = LATER) -> list[InboxItem]:
    return list(await Inbox(here.gates, lambda: now).of(who))


async def test_only_what_a_person_can_act_on_is_in_their_inbox(here: World) -> None:
    for made in (
        gate("mine to decide"),
        gate("their own", asked_by=BEN),
        gate("another tenant's", tenant="other", asked_by=EVE),
        gate("for admins", roles=("admin",)),
        gate("decided", decision=Decision("approve", CAT), state="decided"),
        gate("paused", state="paused"),
        gate("voted on", votes=(Decision("approve", BEN),), stages=(Stage(Deciders(roles=("approver",)), 2),)),
        gate("not their stage yet", stages=(Stage(Deciders(users=("cat",))), Stage(Deciders(users=("ben",))))),
    ):
        await here.gates.open(made)
    assert [item.gate.id for item in await items(here, BEN)] == ["mine to decide"]
    assert await items(here, DAN) == []


@pytest.mark.parametrize(
    ("stage", "words"),
    [
        (Stage(Deciders(users=("ben",), roles=("approver",))), "named"),
        (Stage(Deciders(roles=("approver",))), "as approver"),
        (Stage(Deciders(groups=("sales",))), "in sales"),
    ],
)
async def test_it_says_why_it_is_them(here: World, stage: Stage, words: str) -> None:
    await here.gates.open(gate(stages=(stage,)))
    (item,) = await items(here, replace(BEN, groups=("sales",)))
    assert item.why == words


async def test_it_waits_for_the_second_stage_since_the_first_was_through(here: World) -> None:
    stages = (Stage(Deciders(users=("cat",))), Stage(Deciders(users=("ben",))))
    first = Decision("approve", CAT, at="2026-01-01T22:00:00+00:00")
    await here.gates.open(gate(stages=stages, stage=1, votes=(first,)))
    (item,) = await items(here, BEN)
    assert waited(item.since, LATER) == "since 2 hours"


@pytest.mark.parametrize(
    ("since", "words"),
    [
        ("2026-01-01T23:59:30+00:00", "since just now"),
        ("2026-01-01T23:59:00+00:00", "since 1 minute"),
        ("2026-01-01T22:00:00+00:00", "since 2 hours"),
        ("2025-12-30T23:00:00+00:00", "since 2 days"),
        ("2025-11-03T12:00:00+00:00", "since 3 November 2025"),
        ("2026-01-01T22:00:00", "since 2 hours"),
        ("2026-03-01T00:00:00+00:00", "since just now"),
        ("soon", ""),
        ("", ""),
    ],
)
def test_how_long_it_waits_is_said_in_words(since: str, words: str) -> None:
    assert waited(since, LATER) == words


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("2026-01-02T17:00:00+00:00", "due today 17:00 UTC"),
        ("2026-01-03T17:00:00+00:00", "due tomorrow 17:00 UTC"),
        ("2026-01-07T09:30:00+00:00", "due Wednesday 09:30 UTC"),
        ("2026-02-12T09:30:00+00:00", "due 12 February"),
        ("2026-01-01T21:00:00+00:00", "overdue since 3 hours"),
        ("2026-01-02T00:00:00+00:00", "due now"),
        ("", ""),
        ("whenever", ""),
    ],
)
def test_when_it_is_due_is_said_in_words(at: str, words: str) -> None:
    assert due(at, LATER) == words


@pytest.mark.parametrize(
    "words",
    [
        "What waits for me?",
        "my approvals",
        "show me my pending approvals",
        "Was wartet auf mich?",
        "meine offenen Freigaben",
        "Qu’est-ce qui m’attend ?",
        "mes approbations",
        "¿Qué me espera?",
        "aprobaciones pendientes",
    ],
)
async def test_asked_in_four_languages_it_is_shown(here: World, words: str) -> None:
    await here.say(ANN, "heavy")
    await here.say(BEN, words, alone(BEN))
    assert "1 request waits for you" in here.seen(alone(BEN))[-1]
    assert "Ann asks · as approver · since just now" in here.seen(alone(BEN))[-1]


@pytest.mark.parametrize("words", ["approvals by month", "which orders wait for approval?", "how many approvals"])
async def test_a_question_about_approvals_in_the_data_is_a_question(here: World, words: str) -> None:
    await here.say(BEN, words, alone(BEN))
    assert here.flow.started[-1][0] == words


async def test_an_inbox_asked_for_in_a_channel_is_shown_to_that_person_only(here: World) -> None:
    await here.say(ANN, "heavy", alone(ANN))
    await here.say(BEN, "what waits for me?")
    assert not any("heavy" in line for line in here.seen() if not line.startswith("[ben]"))
    assert any(line.startswith("[ben] 1 request waits for you") for line in here.seen())


async def test_nothing_waiting_is_said(here: World) -> None:
    await here.say(DAN, "what waits for me?", alone(DAN))
    assert here.seen(alone(DAN))[-1].startswith("Nothing waits for you")


async def test_the_next_page_takes_the_place_of_the_first(here: World) -> None:
    for number in range(SHOWN + 1):
        await here.gates.open(gate(f"g{number}"))
    run = await here.say(BEN, "what waits for me?", alone(BEN))
    assert f"{SHOWN} and more requests wait" in here.seen(alone(BEN))[-1]
    await here.press(BEN, "inbox.show", {"run": run, "after": f"g{SHOWN - 1}"}, alone(BEN))
    (shown,) = here.seen(alone(BEN))
    assert "1 request waits for you" in shown
    assert f"Run g{SHOWN}?" in shown


async def test_an_opened_gate_is_one_more_copy_that_converges(here: World) -> None:
    run = await here.say(ANN, "heavy")
    await here.press(BEN, "gate.open", {"gate": f"{run}:gate"}, alone(BEN))
    assert len(here.seen(alone(BEN))) == 2
    await here.decide(CAT, run, "approve", alone(CAT))
    assert all("Approved by Cat" in line for line in here.seen(alone(BEN)))


@pytest.mark.parametrize("who", [DAN, EVE])
async def test_nobody_else_opens_a_gate(here: World, who: Principal) -> None:
    run = await here.say(ANN, "heavy", alone(ANN))
    await here.press(who, "gate.open", {"gate": f"{run}:gate"}, alone(who))
    assert here.seen(alone(who))[-1].startswith(f"[{who.id}] This request is not known.")


async def ticked(here: World, who: Principal, count: int = 2) -> tuple[str, list[str]]:
    """Ann asks for heavy things, this person asks what waits; the run of that card, and the asked runs."""
    runs = [await here.say(ANN, f"heavy {number}", alone(ANN)) for number in range(count)]
    return await here.say(who, "what waits for me?", alone(who)), runs


def seals(here: World, runs: list[str]) -> JsonObject:
    return {"chosen": [seal(here.gates.all[f"{run}:gate"]) for run in runs]}


async def test_several_are_approved_with_one_press_and_each_is_told_of(here: World) -> None:
    run, asked = await ticked(here, BEN, 3)
    await here.press(
        BEN,
        "gate.batch",
        {"run": run, "verdict": "approve"},
        alone(BEN),
        inputs={**seals(here, asked[:2]), "reason": "month end"},
    )
    assert (
        "All 2 decided / Run “heavy 0” for Ann?: Approved / Run “heavy 1” for Ann?: Approved"
        in here.seen(alone(BEN))[-1]
    )
    assert [decision.reason for decision in here.flow.resumed] == ["month end", "month end"]
    assert here.gates.all[f"{asked[2]}:gate"].decision is None
    assert sum("After approve" in line for line in here.seen(alone(ANN))) == 2


async def test_of_a_batch_with_one_decided_meanwhile_the_others_are_decided(here: World) -> None:
    run, asked = await ticked(here, BEN)
    chosen = seals(here, asked)
    await here.decide(CAT, asked[0], "reject", alone(CAT), reason="no")
    await here.press(BEN, "gate.batch", {"run": run, "verdict": "approve"}, alone(BEN), inputs=chosen)
    told = here.seen(alone(BEN))[-1]
    assert "1 of 2 decided" in told
    assert "Run “heavy 0” for Ann?: Cat decided this already: reject." in told
    assert [decision.by.id for decision in here.flow.resumed] == ["cat", "ben"]


async def test_what_was_edited_since_it_was_shown_is_not_decided(here: World) -> None:
    run, asked = await ticked(here, BEN)
    chosen = seals(here, asked)
    id = f"{asked[0]}:gate"
    here.gates.all[id] = replace(here.gates.all[id], parameters={"text": "all"}, revision=2)
    await here.press(BEN, "gate.batch", {"run": run, "verdict": "approve"}, alone(BEN), inputs=chosen)
    assert "It has changed since it was shown." in here.seen(alone(BEN))[-1]
    assert here.gates.all[id].decision is None
    assert here.gates.all[f"{asked[1]}:gate"].decision is not None


@pytest.mark.parametrize("risk", ["medium", "high"])
async def test_what_is_not_of_low_risk_is_never_decided_in_a_batch(here: World, risk: str) -> None:
    _, asked = await ticked(here, BEN)
    id = f"{asked[0]}:gate"
    here.gates.all[id] = replace(here.gates.all[id], risk=risk)  # type: ignore[arg-type]
    chosen: list[Json] = [{"gate": f"{one}:gate", "seal": seal(here.gates.all[f"{one}:gate"])} for one in asked]
    payload: JsonObject = {"verdict": "approve", "chosen": chosen}
    await here.press(BEN, "gate.batch", payload, alone(BEN))
    assert f"Of {risk} risk, so it is decided on its own." in here.seen(alone(BEN))[-1]
    assert here.gates.all[id].decision is None
    again = await here.say(BEN, "what waits for me?", alone(BEN))
    card = here.runs.all[again].card
    assert card is not None
    assert not [element for element in card.body if isinstance(element, Input)]


async def test_a_batch_delivered_three_times_decides_once(here: World) -> None:
    run, asked = await ticked(here, BEN)
    chosen = seals(here, asked)
    for _ in range(3):
        await here.press(BEN, "gate.batch", {"run": run, "verdict": "approve"}, alone(BEN), inputs=chosen, id="press:1")
    assert len(here.flow.resumed) == 2
    assert "All 2 decided" in here.seen(alone(BEN))[-1]


async def test_a_batch_survives_a_restart(here: World) -> None:
    run, asked = await ticked(here, BEN)
    again = restarted(here)
    await again.press(BEN, "gate.batch", {"run": run, "verdict": "approve"}, alone(BEN), inputs=seals(here, asked))
    assert len(again.flow.resumed) == 2


@pytest.mark.parametrize(
    ("payload", "inputs", "words"),
    [
        ({"verdict": "approve"}, {}, "Nothing was chosen."),
        ({"verdict": "approve"}, {"chosen": []}, "Nothing was chosen."),
        ({"verdict": "approve"}, {"chosen": ["forged"]}, "not what the card showed"),
        ({"verdict": "approve"}, {"chosen": [["g"]]}, "not what the card showed"),
        ({"verdict": "approve"}, {"chosen": {"g": 1}}, "not what the card showed"),
        ({"verdict": "edit"}, {"chosen": ["x"]}, "approved or rejected together"),
        ({"verdict": None}, {}, "approved or rejected together"),
        ({"verdict": "approve", "chosen": ["g1"]}, {}, "could not be read"),
        ({"verdict": "approve", "chosen": [{"gate": 1, "seal": None}]}, {}, "could not be read"),
        ({"verdict": "approve", "run": "unknown"}, {"chosen": ["x"]}, "is not known"),
        ({"verdict": "approve", "run": 7}, {"chosen": ["x"]}, "is not known"),
        ({"verdict": "approve", "chosen": [{"gate": f"g{n}", "seal": ""} for n in range(51)]}, {}, "up to 50"),
        ({"verdict": "reject", "chosen": [{"gate": "g1", "seal": "x"}]}, {"reason": " "}, "Say why"),
        ({"verdict": "reject", "chosen": [{"gate": "g1", "seal": "x"}]}, {"reason": "x" * 1_001}, "1,001 characters"),
    ],
)
async def test_a_forged_batch_decides_nothing_and_is_answered_with_words(
    here: World, payload: JsonObject, inputs: JsonObject, words: str
) -> None:
    await here.gates.open(gate())
    await here.press(BEN, "gate.batch", payload, alone(BEN), inputs=inputs)
    assert words in here.seen(alone(BEN))[-1]
    assert here.gates.all["g1"].decision is None


async def test_a_batch_holds_no_gate_of_another_tenant_and_none_that_is_not_theirs(here: World) -> None:
    for made in (
        gate("theirs", tenant="other", asked_by=EVE),
        gate("admins'", roles=("admin",)),
        gate("own", asked_by=BEN),
    ):
        await here.gates.open(made)
    chosen: list[Json] = [{"gate": id, "seal": seal(made)} for id, made in here.gates.all.items()]
    await here.press(BEN, "gate.batch", {"verdict": "approve", "chosen": chosen}, alone(BEN))
    told = here.seen(alone(BEN))[-1]
    assert "0 of 3 decided" in told
    for words in ("Unknown request: Not known", "Only admin can decide this.", "You asked for this yourself"):
        assert words in told
    assert not any(made.decision for made in here.gates.all.values())


async def test_the_ticks_of_another_persons_card_count_for_nothing(here: World) -> None:
    run, asked = await ticked(here, CAT)
    await here.press(BEN, "gate.batch", {"run": run, "verdict": "approve"}, alone(BEN), inputs=seals(here, asked))
    assert "is not known" in here.seen(alone(BEN))[-1]
    assert here.flow.resumed == []


async def test_one_asker_out_of_reach_keeps_no_other_answer_from_coming(here: World) -> None:
    run, asked = await ticked(here, BEN)
    nowhere = replace(here.runs.all[asked[0]].where, channel="gone")
    here.runs.all[asked[0]] = replace(here.runs.all[asked[0]], where=nowhere)
    await here.press(BEN, "gate.batch", {"run": run, "verdict": "approve"}, alone(BEN), inputs=seals(here, asked))
    assert sum("After approve" in line for line in here.seen(alone(ANN))) == 1


async def test_the_conversation_goes_on_after_a_batch(here: World) -> None:
    await here.say(BEN, "a question", alone(BEN))
    run, asked = await ticked(here, BEN)
    await here.press(BEN, "gate.batch", {"run": run, "verdict": "approve"}, alone(BEN), inputs=seals(here, asked))
    await here.say(BEN, "a follow-up", alone(BEN))
    assert here.flow.started[-1][2]["last"] == "a question"


async def home(here: World, who: Principal) -> Card:
    made = Home(here.directory, here.runs, Inbox(here.gates, lambda: LATER))
    return await made.card(Sender("memory", "T1", who.id))


async def test_the_home_tab_says_what_waits_and_why(here: World) -> None:
    await here.say(ANN, "heavy")
    await here.gates.open(gate(due_at="2026-01-03T17:00:00+00:00", risk="high"))
    card = await home(here, BEN)
    assert "2 waiting for your decision" in card.fallback_text
    assert "Ann asks · as approver · since 1 day · due tomorrow 17:00 UTC · high risk" in card.fallback_text
    assert [button.verb for button in card.actions] == ["gate.open", "gate.open", "ask"]
    assert "decision" not in (await home(here, ANN)).fallback_text


async def test_looking_into_the_inbox_is_no_recent_question(here: World) -> None:
    await here.say(BEN, "what waits for me?", alone(BEN))
    assert "None yet." in (await home(here, BEN)).fallback_text


async def test_what_is_delegated_waits_too_and_can_be_decided_together(here: World) -> None:
    given = Delegation("acme", "cat", "dan", "2025-12-31T00:00:00+00:00", "2026-01-09T00:00:00+00:00", "away", "d1")
    await here.delegations.give(given)
    run, asked = await ticked(here, DAN)
    assert "Ann asks · for Cat · since just now" in here.seen(alone(DAN))[-1]
    await here.press(DAN, "gate.batch", {"run": run, "verdict": "approve"}, alone(DAN), inputs=seals(here, asked))
    assert "All 2 decided" in here.seen(alone(DAN))[-1]
    assert [(decision.by.id, decision.acting_for) for decision in here.flow.resumed] == [("dan", "cat")] * 2


async def test_times_are_told_in_the_zone_of_the_settings(here: World) -> None:
    await here.gates.open(gate(due_at="2026-01-02T23:30:00+00:00"))
    zone = timezone(timedelta(hours=1))
    (item,) = await Inbox(here.gates, lambda: LATER, zone=zone).of(BEN)
    assert due(item.due, LATER, zone) == "due tomorrow 00:30"


async def test_what_was_escalated_to_somebody_says_so(here: World) -> None:
    widened = (Stage(Deciders(users=("cat",), roles=("approver",))),)
    await here.gates.open(gate(stages=widened, escalate_to=Deciders(roles=("approver",)), escalate_at=""))
    (item,) = await items(here, BEN)
    assert item.why == "escalated to you"


async def test_a_decision_on_a_page_of_the_browser_is_of_the_browser_in_the_audit(here: World) -> None:
    run = await here.say(ANN, "heavy")
    where = replace(alone(BEN), channel="api")
    payload: JsonObject = {"gate": f"{run}:gate", "verdict": "approve"}
    await here.handler.handle(CardAction("p1", where, Sender("web", "T1", "ben"), "gate.decide", payload))
    decision = here.gates.all[f"{run}:gate"].decision
    assert decision is not None
    assert decision.channel == "web"
