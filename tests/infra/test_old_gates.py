"""Gates that were recorded before gates had stages, votes and states."""

import json
import sqlite3
from pathlib import Path

from alembic import command
from sqlalchemy import create_engine

from conversation.gates import Decision, Gate, Lost, Won
from conversation.principal import Principal
from infra.store.engine import config, migrate, open_engine
from infra.store.gates import SqlGates

BEFORE = "0009"
BEN = Principal("ben", "acme", "Ben", ("approver",))


def person(id: str) -> dict[str, object]:
    return {"@": "Principal", "id": id, "tenant": "acme", "name": id.title(), "roles": ["approver"], "groups": []}


def record(id: str) -> dict[str, object]:
    """A gate as it was written at that time."""
    return {
        "@": "Gate",
        "id": id,
        "tenant": "acme",
        "run": "r",
        "flow": "nlq",
        "interrupt": "i",
        "title": "Run it?",
        "reason": "It is large.",
        "parameters": {"sql": "SELECT 'ö'", "rows_read": 1.0},
        "asked_by": person("ann"),
        "roles": ["approver", "approver"],
        "policy": "p",
        "allowed": ["approve", "reject"],
        "self_approval": False,
        "created_at": "2026-01-01T00:00:00.000000+00:00",
        "decision": None,
    }


def decision(by: str) -> str:
    return json.dumps(
        {
            "@": "Decision",
            "verdict": "reject",
            "by": person(by),
            "reason": "no",
            "inputs": {},
            "activity": "a",
            "at": "t",
        }
    )


def written_before(file: Path) -> None:
    """A database of that time with an open gate and a decided one."""
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        command.upgrade(config(connection), BEFORE)
    engine.dispose()
    with sqlite3.connect(file) as database:
        for id, decided in (("open", None), ("decided", decision("cat"))):
            row = (id, "acme", "r", json.dumps(record(id)), "old digest", decided is not None, decided, "2026-01-01")
            database.execute(
                "INSERT INTO gate (id, tenant, run, record, digest, decided, decision, created_at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                row,
            )
    database.close()


async def test_an_open_one_waits_in_the_inbox_and_is_decided_and_a_decided_one_stays_so(tmp_path: Path) -> None:
    written_before(tmp_path / "quillux.sqlite")
    migrate(f"sqlite:///{tmp_path / 'quillux.sqlite'}")
    engine = open_engine(f"sqlite+aiosqlite:///{tmp_path / 'quillux.sqlite'}")
    gates = SqlGates(engine)
    (gate,) = await gates.inbox(BEN, at="2026-01-02")
    assert gate.id == "open"
    won = await gates.claim(gate, Decision("approve", BEN, activity="press"))
    assert isinstance(won, Won)
    decided = await gates.get("acme", "decided")
    assert isinstance(decided, Gate)
    assert decided.decision is not None
    assert (decided.state, decided.decision.by.id, decided.decision.verdict) == ("decided", "cat", "reject")
    assert isinstance(await gates.claim(decided, Decision("approve", BEN, activity="late")), Lost)
    await engine.dispose()
