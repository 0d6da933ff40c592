"""`quillux gates`, beside a real worker."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from conversation.activity import Message
from conversation.gates import Deciders, Gate, Stage
from conversation.principal import ConversationRef, Principal, Sender
from conversation.run import Run
from infra.bootstrap import turn_handler
from infra.cli import gating
from infra.cli.main import app
from infra.durable import TurnQueue, TurnWorker
from infra.settings import Settings, load
from infra.stores import open_stores, prepare

SETTINGS = """
data = "data"

[answers]
approval_rows_returned = 2

[[sources]]
name = "shop"
address = "sqlite:///shop.db"

[[people]]
id = "ann"
name = "Ann"

[[people]]
id = "ben"
name = "Ben"
roles = ["member", "approver"]
"""
ANN = Principal("ann", "default", "Ann", ("member",))


@pytest.fixture
def settings(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    (folder / "quillux.toml").write_text(SETTINGS)
    monkeypatch.chdir(folder)
    made = load()
    prepare(made)
    return made


async def quillux(*words: str) -> Result:
    """The command, in a thread beside the worker."""
    return await asyncio.to_thread(CliRunner().invoke, app, list(words))


@asynccontextmanager
async def at_work(settings: Settings) -> AsyncIterator[None]:
    async with turn_handler(settings) as handler:
        worker = TurnWorker(settings, handler.handle)
        await worker.start()
        try:
            yield
        finally:
            await worker.stop()


async def asked(settings: Settings, id: str, text: str = "show all orders") -> None:
    where = ConversationRef("api", "default", "ann", id, personal=True)
    queue = TurnQueue(settings)
    await queue.hand_over(Message(f"api:default:ann:{id}", where, Sender("api", "default", "ann"), text))
    await queue.stop()


async def run_of(settings: Settings, id: str, *states: str) -> Run:
    """The run, once it is in one of these states."""
    stores = open_stores(settings)
    try:
        async with asyncio.timeout(30):
            while True:
                run = await stores.runs.get("default", f"api:default:ann:{id}")
                if run is not None and run.state in states:
                    return run
                await asyncio.sleep(0.02)
    finally:
        await stores.engine.dispose()


async def opened(settings: Settings, *gates: Gate) -> None:
    stores = open_stores(settings)
    for gate in gates:
        await stores.gates.open(gate)
    await stores.engine.dispose()


def gate(id: str, **changes: object) -> Gate:
    made = Gate(id, "default", f"{id}:run", "nlq", "i1", f"Run {id}?", "Heavy.", {"n": 1}, ANN, ("approver",), "p1")
    return replace(made, **changes)  # type: ignore[arg-type]


async def test_what_waits_is_listed_shown_and_decided_and_the_run_goes_on(settings: Settings) -> None:
    async with at_work(settings):
        await asked(settings, "q1")
        await run_of(settings, "q1", "input-required")
        listed = await quillux("gates", "list", "--by", "ben")
        assert "Ann asks · as approver · since just now" in listed.stdout, listed.stderr
        id = listed.stdout.splitlines()[0]
        shown = await quillux("gates", "show", id, "--by", "ben")
        assert "SELECT" in shown.stdout
        digest = next(line.split()[1] for line in shown.stdout.splitlines() if line.startswith("  digest"))
        refused = await quillux("gates", "approve", id, "--by", "ben", "--digest", "other")
        assert (refused.exit_code, "not the action of this digest" in refused.stderr) == (4, True)
        done = await quillux("gates", "approve", id, "--by", "ben", "--digest", digest)
        assert (done.exit_code, ": approved" in done.stdout) == (0, True), done.stdout + done.stderr
        assert (await run_of(settings, "q1", "completed")).card is not None
        again = await quillux("gates", "approve", id, "--by", "ben")
        assert (again.exit_code, "Ben decided this already: approve." in again.stderr) == (4, True)


async def test_several_are_rejected_with_one_reason_and_each_is_told_of(settings: Settings) -> None:
    two = (Stage(Deciders(roles=("approver",)), 2),)
    await opened(settings, gate("g1"), gate("g2", risk="medium"), gate("g3", stages=two))
    async with at_work(settings):
        ids = ("g1", "g2", "g3")
        done = await quillux("gates", "reject", *ids, "--by", "ben", "--reason", "too much")
    assert done.stdout.splitlines() == [
        "Run g1?: rejected",
        "Run g2?: Of medium risk, so it is decided on its own.",
        "Run g3?: rejected",
    ], done.stderr
    assert done.exit_code == 4


async def test_what_may_not_be_decided_here_is_said_with_what_to_do(settings: Settings) -> None:
    await opened(settings, gate("high/1", risk="high"), gate("medium", risk="medium"), gate("theirs", roles=("admin",)))
    for words, code, told in (
        (("approve", "high/1", "--by", "ben"), 4, "/approvals/high%2F1"),
        (("approve", "medium", "--by", "ben"), 4, "Add --reason."),
        (("approve", "theirs", "--by", "ben"), 4, "no request 'theirs' that you can see"),
        (("reject", "medium", "--by", "ben", "--reason", " "), 2, "Say why"),
        (("list", "--by", "eve"), 4, "These are: ann, ben."),
    ):
        done = await quillux("gates", *words)
        assert (done.exit_code, told in done.stderr) == (code, True), done.stderr
    listed = await quillux("gates", "list", "--by", "ben", "--json")
    assert [(item["id"], item["risk"]) for item in json.loads(listed.stdout)] == [
        ("high/1", "high"),
        ("medium", "medium"),
    ]


async def test_without_a_worker_the_decision_is_kept_and_given_later(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    await opened(settings, gate("g1"))
    monkeypatch.setattr(gating, "PATIENCE", 0.01)
    (outcome,) = await gating.decided(["g1"], "ben", "reject", "too much", "")
    assert outcome.state == "waiting"
    stores = open_stores(settings)
    async with at_work(settings), asyncio.timeout(30):
        while (await stores.gates.get("default", "g1") or gate("g1")).decision is None:
            await asyncio.sleep(0.02)
    await stores.engine.dispose()
