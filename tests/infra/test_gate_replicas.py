"""Several processes, as the replicas of a deployment, press the same button at the same moment."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from conversation.audit import Verified
from conversation.gates import Gate
from conversation.principal import Principal
from infra.store.audit import SqlAudit
from infra.store.engine import open_engine
from infra.store.gates import SqlGates
from tests.contracts.stores import migrated, postgres
from tests.contracts.test_stores import POSTGRES
from tests.infra.pressing import PRESSES
from tests.postgres import postgres_server

ROOT = Path(__file__).parents[2]
GATE = Gate(
    id="gate:1",
    tenant="acme",
    run="r",
    flow="f",
    interrupt="i",
    title="?",
    reason="",
    parameters={},
    asked_by=Principal("ann", "acme", "Ann"),
    roles=("approver",),
    policy="p",
    target_version="1",
)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres_server() as address:
        yield address


@pytest.mark.parametrize("kind", ["sqlite", POSTGRES])
async def test_of_two_hundred_presses_on_three_replicas_one_decides_and_one_begins_the_effect(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'quillux.sqlite'}"
    (tmp_path / "quillux.sqlite").write_bytes(migrated().read_bytes())
    if kind == "postgres":
        address = request.getfixturevalue("server")
        async with postgres(address):
            url = address.replace("postgresql://", "postgresql+psycopg://", 1)
    engine = open_engine(url)
    await SqlGates(engine).open(GATE)
    with ExitStack() as stack:
        replicas = [stack.enter_context(replica(url, f"replica {n}")) for n in range(3)]
        for one in replicas:
            assert one.stdout is not None
            assert one.stdout.readline() == "here\n"
        told = [json.loads(one.communicate(timeout=300)[0]) for one in go_at_once(replicas)]
    assert sum(len(one["won"]) for one in told) == 1
    assert sum(one["lost"] for one in told) == 3 * PRESSES - 1
    assert sum(len(one["begun"]) for one in told) == 1
    audit = SqlAudit(engine)
    assert isinstance(await audit.verify("acme"), Verified)
    said = [entry.what for entry in await audit.entries("acme")]
    assert (said.count("gate.decided"), said.count("gate.begun")) == (1, 1)
    await engine.dispose()


def replica(url: str, name: str) -> "subprocess.Popen[str]":
    """A process that waits for a word."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.infra.pressing", url, name],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def go_at_once(replicas: "list[subprocess.Popen[str]]") -> "list[subprocess.Popen[str]]":
    """Give every replica the word before waiting for any."""
    for one in replicas:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    return replicas
