"""What waits for a person, in every channel: listed, opened, decided one by one and together, the same everywhere."""

import json

import pytest

from conversation.gates import Deciders, Gate, Stage
from tests.scenarios.product import Product

HEAVY = "show all orders"
FRENCH = "show all open orders"


async def titles(careful: Product) -> list[str]:
    waiting = await careful.stores.gates.waiting("default")
    return [f"{number}. {gate.title}" for number, gate in enumerate(waiting, 1)]


async def gate(careful: Product, id: str) -> Gate:
    found = await careful.stores.gates.get("default", id)
    assert found is not None
    return found


async def test_a_person_met_in_three_channels_sees_one_truth_in_all_of_them(careful: Product) -> None:
    thread = await careful.web_thread("ben")
    await careful.web_says(thread, "help")
    await careful.slack_says("help", "U2", "D2")
    await careful.teams_says("help")
    await careful.slack_says(HEAVY, "U1", "C1")
    # Ben was met last in Teams, so his copy is there; elsewhere he opens it from his inbox.
    await careful.web_says(thread, "what waits for me?")
    await careful.web_presses(thread, "Open 1")
    await careful.slack_says("my approvals", "U2", "D2")
    await careful.slack_presses("Open 1", "U2", "D2")
    await careful.teams_presses("Approve", reason="month end")
    web = [shown.card.fallback_text for shown in await careful.web_shows(thread) if shown.card]
    for copy in (careful.slack_shows("C1")[0], careful.slack_shows("D2")[-1], web[-1]):
        assert "Approved by Ben" in copy
    assert "Approved by Ben" in json.dumps(careful.teams_shows("a:ben")[-1])
    assert "40" in careful.slack_shows("C1")[1]
    await careful.teams_says("Was wartet auf mich?")
    assert "Nothing waits for you" in json.dumps(careful.teams_shows("a:ben")[-1])


async def test_asked_in_teams_and_slack_decided_together_in_teams_each_asker_gets_their_own_answer(
    careful: Product,
) -> None:
    await careful.teams_says("help")
    await careful.slack_says(HEAVY, "U1", "D1")
    await careful.slack_says(FRENCH, "U1", "C1")
    both = await titles(careful)
    await careful.teams_says("what waits for me?")
    await careful.teams_presses("Approve chosen", chosen=both, reason="month end")
    told = json.dumps(careful.teams_shows("a:ben")[-1], ensure_ascii=False)
    assert "All 2 decided" in told
    assert told.count("Approved") >= 2
    assert "40" in careful.slack_shows("D1")[-1]
    assert "month end" in careful.slack_shows("D1")[0]
    assert "Approved by Ben" in careful.slack_shows("C1")[0]
    assert "32" in careful.slack_shows("C1")[-1]


async def test_several_are_rejected_together_in_slack_with_one_reason(careful: Product) -> None:
    await careful.slack_says("help", "U2", "D2")
    for text in (HEAVY, FRENCH):
        await careful.slack_says(text, "U1", "C1")
    both = await titles(careful)
    await careful.slack_says("mis aprobaciones", "U2", "D2")
    await careful.slack_presses("Reject chosen", "U2", "D2", chosen=both)
    assert "Say why you reject these" in json.dumps(careful.slack.whispers[-1])
    await careful.slack_presses("Reject chosen", "U2", "D2", chosen=both, inputs="too expensive")
    assert "All 2 decided" in careful.slack_shows("D2")[-1]
    assert sum("too expensive" in shown for shown in careful.slack_shows("C1")) >= 2
    assert await titles(careful) == []


async def test_one_of_a_batch_decided_meanwhile_in_another_channel_stands_and_the_others_are_decided(
    careful: Product,
) -> None:
    await careful.teams_says("help")
    for text in (HEAVY, FRENCH):
        await careful.slack_says(text, "U1", "C1")
    both = await titles(careful)
    await careful.teams_says("what waits for me?")
    await careful.slack_presses("Reject", "U3", "C1", inputs="no")  # the later of the two, by Cat
    await careful.teams_presses("Approve chosen", chosen=both)
    told = json.dumps(careful.teams_shows("a:ben")[-1], ensure_ascii=False)
    assert "1 of 2 decided" in told
    assert "Cat decided this already: reject." in told
    assert sum("Approved by Ben" in shown for shown in careful.slack_shows("C1")) == 1


async def test_a_batch_after_a_restart_delivered_twice_decides_each_once(careful: Product) -> None:
    await careful.slack_says("help", "U2", "D2")
    for text in (HEAVY, FRENCH):
        await careful.slack_says(text, "U1", "C1")
    both = await titles(careful)
    await careful.slack_says("what waits for me?", "U2", "D2")
    await careful.restart()
    pressed = await careful.slack_presses("Approve chosen", "U2", "D2", chosen=both)
    await careful.restart()
    await careful.slack_payload(pressed)
    assert len(careful.slack_shows("C1")) == 4
    assert "All 2 decided" in careful.slack_shows("D2")[-1]


async def test_a_copy_that_was_deleted_and_one_out_of_reach_hold_up_nobody(careful: Product) -> None:
    await careful.teams_says("help")
    await careful.slack_says(HEAVY, "U1", "C1")
    await careful.slack_says("my approvals", "U2", "D2")
    await careful.slack_presses("Open 1", "U2", "D2")
    careful.slack.messages["D2"].clear()  # Ben deleted his copy in Slack
    careful.teams.answers.append((403, {}))  # and Teams does not let the bot in
    thread = await careful.web_thread("cat")
    await careful.web_says(thread, "what waits for me?")
    await careful.web_presses(thread, "Open 1")
    await careful.web_presses(thread, "Approve", reason="fine")
    assert "Approved by Cat" in careful.slack_shows("C1")[0]
    assert "40" in careful.slack_shows("C1")[1]
    web = [shown.card.fallback_text for shown in await careful.web_shows(thread) if shown.card]
    assert "Approved by Cat" in web[-1]


async def test_a_vote_that_still_needs_others_leaves_the_inbox_of_who_gave_it(careful: Product) -> None:
    await careful.teams_says("help")
    await careful.slack_says(HEAVY, "U1", "C1")
    (waiting,) = await careful.stores.gates.waiting("default")
    two = (Stage(Deciders(roles=("approver",)), 2),)
    await careful.stores.gates.amend(waiting, by="test", at="2026-01-01T00:00:00+00:00", note="two", stages=two)
    await careful.teams_presses("Approve", reason="fine")
    assert (await gate(careful, waiting.id)).decision is None
    await careful.teams_says("what waits for me?")
    assert "Nothing waits for you" in json.dumps(careful.teams_shows("a:ben")[-1])
    await careful.slack_says("what waits for me?", "U3", "D3")
    assert "1 request waits for you" in careful.slack_shows("D3")[-1]
    await careful.slack_presses("Open 1", "U3", "D3")
    await careful.slack_presses("Approve", "U3", "D3", inputs="fine")
    assert (await gate(careful, waiting.id)).decision is not None
    assert "40" in careful.slack_shows("C1")[-1]


async def test_the_home_tab_of_slack_says_what_waits_and_leads_to_it(careful: Product) -> None:
    await careful.slack_says(HEAVY, "U1", "C1")
    home = await careful.slack_opens_home("U2")
    assert "1 waiting for your decision" in home
    assert "Ann asks · as approver · since just now" in home
    await careful.slack_presses_home("Show all approvals", "U2")
    assert "1 request waits for you" in careful.slack_shows("D2")[-1]


@pytest.mark.parametrize("user", ["U1", "U9"])
async def test_nobody_else_is_told_of_what_waits(careful: Product, user: str) -> None:
    await careful.slack_says(HEAVY, "U1", "C1")
    await careful.slack_says("what waits for me?", user, f"D{user[1:]}")
    assert "Nothing waits for you" in careful.slack_shows(f"D{user[1:]}")[-1]


async def test_an_inbox_asked_for_in_a_channel_of_slack_is_whispered(careful: Product) -> None:
    await careful.slack_says(HEAVY, "U1", "D1")
    await careful.slack_says("what waits for me?", "U2", "C1")
    assert "1 request waits for you" in json.dumps(careful.slack.whispers[-1])
    assert careful.slack.whispers[-1]["user"] == "U2"
    assert "orders" not in careful.slack_shows("C1")[-1]


async def test_a_forged_batch_with_a_gate_of_ones_own_and_one_unknown_decides_nothing(careful: Product) -> None:
    await careful.teams_says(HEAVY)  # Ben's own
    (own,) = await careful.stores.gates.waiting("default")
    await careful.slack_says("what waits for me?", "U2", "D2")
    await careful.slack_says("help", "U2", "D2")
    pressed = await careful.slack_presses("amount of orders", "U2", "D2")
    chosen = [{"gate": own.id, "seal": "x"}, {"gate": "unknown", "seal": "y"}]
    forged = {"verb": "gate.batch", "payload": {"verdict": "approve", "chosen": chosen}}
    pressed["actions"][0] |= {"value": json.dumps(forged), "action_ts": "9.9"}
    await careful.slack_payload(pressed)
    assert "0 of 2 decided" in careful.slack_shows("D2")[-1]
    assert (await gate(careful, own.id)).decision is None
