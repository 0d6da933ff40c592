"""A query that waits for approval: asked in one channel, decided in another, the same everywhere."""

import asyncio
import json
import re
import sqlite3
from pathlib import Path

import pytest
from langgraph.checkpoint.serde import _msgpack

from infra.settings import Server
from tests.scenarios.product import Product

HEAVY = "show all orders"


def waits(card: object) -> bool:
    return re.search(r"Approve\b", json.dumps(card)) is not None


async def test_asked_in_slack_approved_in_teams_every_copy_converges_and_the_asker_is_told(careful: Product) -> None:
    await careful.teams_says("help")
    await careful.slack_says(HEAVY, "U1", "C1")
    assert waits(careful.slack_shows("C1")[0])
    assert waits(careful.teams_shows("a:ben")[-1])
    await careful.teams_presses("Approve", reason="month end")
    gate, answer = careful.slack_shows("C1")
    assert "Approved by Ben" in gate
    assert "month end" in gate
    assert not waits(gate)
    assert "Approved by Ben" in json.dumps(careful.teams_shows("a:ben")[-1])
    assert "40" in answer


async def test_asked_in_slack_approved_in_the_browser(careful: Product) -> None:
    thread = await careful.web_thread("ben")
    await careful.web_says(thread, "help")
    await careful.slack_says(HEAVY, "U1", "D1")
    await careful.web_presses(thread, "Approve")
    assert "Approved by Ben" in careful.slack_shows("D1")[0]
    assert "40" in careful.slack_shows("D1")[1]
    shown = (await careful.web_shows(thread))[-1].card
    assert shown is not None
    assert "Approved by Ben" in shown.fallback_text


async def test_asked_in_the_browser_rejected_in_slack_with_a_reason(careful: Product) -> None:
    await careful.slack_says("help", "U2", "D2")
    thread = await careful.web_thread("ann")
    await careful.web_says(thread, HEAVY)
    await careful.slack_presses("Reject", "U2", "D2", inputs="too expensive")
    gate, answer = [message.card.fallback_text for message in await careful.web_shows(thread) if message.card]
    assert "Rejected by Ben" in gate
    assert "Ben did not approve" in answer
    assert "too expensive" in answer


async def test_whoever_approves_can_read_the_query_first(careful: Product) -> None:
    await careful.slack_says("help", "U2", "D2")
    await careful.slack_says(HEAVY, "U1", "D1")
    await careful.slack_presses("The query", "U2", "D2")
    assert "SELECT" in json.dumps(careful.slack.whispers[-1])


async def test_the_asker_can_not_approve_and_a_member_can_not_decide(careful: Product) -> None:
    await careful.slack_says(HEAVY, "U1", "C1")
    await careful.slack_presses("Approve", "U1", "C1")
    assert "somebody else has to approve" in json.dumps(careful.slack.whispers[-1])
    await careful.slack_presses("Reject", "U9", "C1")
    assert "can decide this" in json.dumps(careful.slack.whispers[-1])
    assert waits(careful.slack_shows("C1")[0])


async def test_two_presses_at_once_run_the_query_once_and_the_other_is_told_who_decided(careful: Product) -> None:
    await careful.slack_says(HEAVY, "U1", "C1")
    approves = careful.slack_presses("Approve", "U2", "C1")
    await asyncio.gather(approves, careful.slack_presses("Reject", "U3", "C1", inputs="too expensive"))
    assert len(careful.slack_shows("C1")) == 2
    (whisper,) = careful.slack.whispers
    assert "decided this already" in json.dumps(whisper)
    assert whisper["user"] == ("U3" if "Approved by Ben" in careful.slack_shows("C1")[0] else "U2")


async def test_a_gate_survives_a_restart_of_the_worker(careful: Product) -> None:
    await careful.slack_says(HEAVY, "U1", "C1")
    await careful.restart()
    await careful.slack_presses("Approve", "U2", "C1")
    assert "40" in careful.slack_shows("C1")[1]


async def test_the_same_press_delivered_three_times_is_one_decision_and_one_answer(careful: Product) -> None:
    await careful.slack_says(HEAVY, "U1", "C1")
    pressed = await careful.slack_presses("Approve", "U2", "C1")
    await careful.restart()
    for _ in range(2):
        await careful.slack_payload(pressed)
    assert len(careful.slack_shows("C1")) == 2
    assert careful.slack.whispers == []


async def test_an_old_button_answers_its_own_gate_and_no_newer_one(careful: Product) -> None:
    await careful.slack_says(HEAVY, "U1", "C1")
    old = await careful.slack_presses("Reject", "U1", "C1")
    await careful.slack_says(HEAVY, "U1", "C1")
    old["user"] |= {"id": "U2", "name": "ben"}
    await careful.slack_payload(old)
    assert waits(careful.slack_shows("C1")[-1])
    assert "decided this already" in json.dumps(careful.slack.whispers[-1])


async def test_what_changed_since_it_was_shown_is_not_run(careful: Product) -> None:
    await careful.slack_says(HEAVY, "U1", "C1")
    (gate,) = await careful.stores.gates.waiting("default")
    with sqlite3.connect(careful.settings.data / "quillux.sqlite") as database:
        (record,) = database.execute("SELECT record FROM gate").fetchone()
        other = json.loads(record)
        other["parameters"]["sql"] = "SELECT 1"
        database.execute("UPDATE gate SET record = ?", (json.dumps(other),))
    database.close()
    await careful.slack_presses("Approve", "U2", "C1")
    kept = await careful.stores.gates.get("default", gate.id)
    assert kept is not None
    assert kept.decision is None
    assert "changed" in json.dumps(careful.slack.whispers[-1])


async def test_an_approval_under_other_rules_than_now_runs_nothing(careful: Product) -> None:
    await careful.slack_says(HEAVY, "U1", "C1")
    await careful.restart(approval_rows_returned=10, approvers=("admin",))
    await careful.slack_presses("Approve", "U2", "C1")
    assert "The rules for approvals have changed" in careful.slack_shows("C1")[-1]
    assert "40" not in careful.slack_shows("C1")[-1]


@pytest.mark.parametrize("words", ["approve", "Approve.", "reject: too expensive"])
async def test_a_verdict_typed_in_the_thread_decides_after_one_confirmation(careful: Product, words: str) -> None:
    ts = await careful.slack_says(HEAVY, "U1", "C1")
    await careful.slack_says(words, "U2", "C1", thread=ts)
    assert waits(careful.slack_shows("C1")[0])
    assert "SELECT" in json.dumps(careful.slack.whispers[-1])
    await careful.slack_presses("Reject" if "reject" in words else "Approve", "U2", "C1")
    assert not waits(careful.slack_shows("C1")[0])
    assert len(careful.slack_shows("C1")) == 2


async def test_a_verdict_typed_in_a_direct_message_decides_the_copy_that_stands_there(careful: Product) -> None:
    await careful.teams_says("help")
    await careful.slack_says(HEAVY, "U1", "D1")
    await careful.teams_says("yes, go")
    assert "Approve exactly this?" in json.dumps(careful.teams_shows("a:ben")[-1])
    await careful.teams_presses("Approve")
    assert "Approved by Ben" in careful.slack_shows("D1")[0]


async def test_a_rejection_without_a_reason_asks_why_in_teams(careful: Product) -> None:
    await careful.teams_says("help")
    await careful.slack_says(HEAVY, "U1", "C1")
    await careful.teams_presses("Reject")
    assert waits(careful.slack_shows("C1")[0])
    assert "Why do you reject it?" in json.dumps(careful.teams_shows("a:ben")[-1])
    await careful.teams_presses("Reject", reason="too expensive")
    assert "too expensive" in careful.slack_shows("C1")[0]
    assert "Ben did not approve" in careful.slack_shows("C1")[1]


async def test_a_question_back_goes_from_slack_to_the_browser_and_its_answer_comes_back(careful: Product) -> None:
    await careful.slack_says("help", "U2", "D2")
    thread = await careful.web_thread("ann")
    await careful.web_says(thread, HEAVY)
    await careful.slack_presses("Ask back", "U2", "D2")
    await careful.slack_presses("Send the question", "U2", "D2", typed={"question": "For which report?"})
    assert "For which report?" in careful.slack_shows("D2")[-1]
    await careful.web_presses(thread, "Answer", answer="The audit")
    assert "The audit" in careful.slack_shows("D2")[-1]
    assert waits(careful.slack_shows("D2")[-1])
    await careful.slack_presses("Approve", "U2", "D2")
    assert "40" in [message.card.fallback_text for message in await careful.web_shows(thread) if message.card][-1]


async def test_what_the_rules_call_high_is_linked_to_the_browser_from_slack_and_teams(
    careful: Product, tmp_path: Path
) -> None:
    rules = tmp_path / "own.rego"
    rules.write_text('package quillux.gates\nimport rego.v1\nruling := {"risk": "high"}\n')
    server = Server(public_url="https://quillux.example")
    careful.settings = careful.settings.model_copy(update={"gate_policy": str(rules), "server": server})
    await careful.restart()
    await careful.teams_says("help")
    ts = await careful.slack_says(HEAVY, "U1", "C1")
    for shown in (careful.slack_shows("C1")[0], json.dumps(careful.teams_shows("a:ben")[-1])):
        assert "https://quillux.example/approvals/slack%3AT1%3AC1" in shown
        assert not waits(shown)
    await careful.slack_says("approve", "U2", "C1", thread=ts)
    assert "decided in the browser" in json.dumps(careful.slack.whispers[-1])
    assert len(careful.slack_shows("C1")) == 1


async def test_the_answer_after_an_approval_can_be_followed_up(careful: Product) -> None:
    ts = await careful.slack_says(HEAVY, "U1", "C1")
    await careful.slack_presses("Approve", "U2", "C1")
    await careful.slack_says("only France", "U1", "C1", thread=ts)
    assert "only France" in careful.slack_shows("C1")[-1]
    await careful.slack_presses("The query", "U1", "C1")
    assert "'France'" in json.dumps(careful.slack.whispers[-1])


async def test_checkpoints_hold_json_alone(careful: Product) -> None:
    assert _msgpack.STRICT_MSGPACK_ENABLED
    await careful.slack_says(HEAVY, "U1", "C1")
    await careful.restart()
    await careful.slack_presses("Approve", "U2", "C1")
    with sqlite3.connect(careful.settings.data / "checkpoints.sqlite") as database:
        states = [blob for (blob,) in database.execute("SELECT checkpoint FROM checkpoints")]
    database.close()
    assert states
    assert not any(
        name in state for state in states for name in (b"conversation", b"knowledge", b"pyarrow", b"sqlglot")
    )


async def test_in_teams_too_nobody_approves_their_own(careful: Product) -> None:
    await careful.teams_says(HEAVY, "88888888-8888-4777-8666-555555555555", "a:zoe")
    await careful.teams_presses("Approve", "88888888-8888-4777-8666-555555555555", "a:zoe")
    assert "somebody else has to approve" in json.dumps(careful.teams_shows("a:zoe")[-1])
