"""Fresh sign-ins: bound to one person and one action, five minutes long, spent once."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from conversation.gates import Gate
from conversation.gates.ceremony import Proof, Proofs
from conversation.principal import Principal
from infra.store import proof_rows
from infra.store.engine import open_engine
from infra.store.proofs import SqlProofs
from tests.fakes.proofs import MemoryProofs

ANN = Principal("ann", "acme", "Ann")
BEN = Principal("ben", "acme", "Ben", ("approver",))
GATE = Gate("g1", "acme", "r1", "nlq", "i1", "Run it?", "", {"sql": "SELECT 1"}, ANN, ("approver",), "p1", risk="high")
AT = "2026-01-01T12:00:00.000000+00:00"
PROOF = Proof("p1", "acme", "ben", "g1", GATE.digest, AT)


@pytest.fixture(params=["memory", "sqlite"])
async def proofs(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Proofs]:
    if request.param == "memory":
        yield MemoryProofs()
        return
    engine = open_engine(f"sqlite+aiosqlite:///{tmp_path / 'proofs.sqlite'}")
    async with engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all, [SQLModel.metadata.tables["proof"]])
    assert proof_rows
    yield SqlProofs(engine)
    await engine.dispose()


async def test_a_fresh_sign_in_is_spent_once(proofs: Proofs) -> None:
    await proofs.give(PROOF)
    await proofs.give(PROOF)
    assert await proofs.standing(BEN, GATE, AT)
    assert await proofs.spend(BEN, GATE, "press:1", AT)
    assert not await proofs.standing(BEN, GATE, AT)
    assert not await proofs.spend(BEN, GATE, "press:2", AT)
    assert await proofs.covers(BEN, GATE, "press:1")
    assert not await proofs.covers(BEN, GATE, "press:2")
    assert not await proofs.covers(BEN, GATE, "")


@pytest.mark.parametrize(
    ("who", "gate"),
    [
        (ANN, GATE),
        (Principal("ben", "other", "Ben"), GATE),
        (BEN, replace(GATE, id="g2")),
        (BEN, replace(GATE, parameters={"sql": "DROP TABLE x"})),
    ],
)
async def test_it_is_good_for_nobody_else_and_for_no_other_action(proofs: Proofs, who: Principal, gate: Gate) -> None:
    await proofs.give(PROOF)
    assert not await proofs.standing(who, gate, AT)
    assert not await proofs.spend(who, gate, "press:1", AT)
    assert await proofs.spend(BEN, GATE, "press:1", AT)
    assert not await proofs.covers(who, gate, "press:1")


@pytest.mark.parametrize(
    ("now", "fresh"),
    [
        ("2026-01-01T12:04:59.000000+00:00", True),
        ("2026-01-01T12:05:00.000000+00:00", False),
        ("2026-01-01T11:59:59.000000+00:00", False),
    ],
)
async def test_it_lasts_five_minutes(proofs: Proofs, now: str, fresh: bool) -> None:
    await proofs.give(PROOF)
    assert await proofs.standing(BEN, GATE, now) is fresh
    assert await proofs.spend(BEN, GATE, "press:1", now) is fresh
