"""`quillux audit`, as the real command."""

import asyncio
import json
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from infra.cli.main import app
from infra.store.audit import SqlAudit
from infra.store.engine import open_engine
from tests.contracts.stores import migrated


async def _fill(url: str) -> None:
    engine = open_engine(url)
    audit = SqlAudit(engine)
    for n in range(3):
        await audit.append(
            "default",
            at=f"2026-03-0{n + 1}T10:00:00",
            actor="ann",
            acting_for="ben" if n else "",
            channel="slack",
            what="gate.voted",
            subject=f"gate:{n}",
            detail={"verdict": "approve", "reason": "fine \x1b[2J"},
        )
    await engine.dispose()


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database with three entries, to which the settings lead."""
    file = tmp_path / "data" / "quillux.sqlite"
    file.parent.mkdir()
    file.write_bytes(migrated().read_bytes())
    asyncio.run(_fill(f"sqlite+aiosqlite:///{file}"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QUILLUX_DATA", str(file.parent))
    return file


def quillux(*words: str) -> Result:
    return CliRunner().invoke(app, ["audit", *words])


def test_a_whole_log_is_verified_shown_and_exported(log: Path) -> None:
    done = quillux("verify")
    assert done.exit_code == 0, done.stderr
    assert "3 entries" in done.stderr
    end = done.stdout.strip()
    assert quillux("verify", "--head", end).exit_code == 0
    shown = quillux("show", "--subject", "gate:1").stdout
    assert "gate.voted" in shown
    assert "ann for ben in slack  gate:1  (verdict: approve; reason: fine" in shown
    assert "\x1b" not in shown
    assert len(json.loads(quillux("show", "--limit", "2", "--json").stdout)) == 2
    assert quillux("export", "--out", "log.jsonl").exit_code == 0
    from_file = quillux("verify", "log.jsonl", "--head", end)
    assert (from_file.exit_code, from_file.stdout.strip()) == (0, end)


def test_a_log_that_was_tampered_with_is_named_and_ends_with_a_code(log: Path) -> None:
    with sqlite3.connect(log) as database:
        database.execute("DROP TRIGGER audit_entry_kept")
        database.execute("UPDATE audit_entry SET actor = 'mallory' WHERE seq = 2")
    database.close()
    done = quillux("verify")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "Entry 2 is not what was written." in done.stderr
    quillux("export", "--out", "log.jsonl")
    assert "Entry 2" in quillux("verify", "log.jsonl").stderr


def test_an_end_that_was_noted_shows_a_log_that_was_rewritten_or_begun_anew(log: Path) -> None:
    assert "ends before entry 9" in quillux("verify", "--head", f"9:{'0' * 64}").stderr
    assert "it was rewritten" in quillux("verify", "--head", f"2:{'0' * 64}").stderr
    assert quillux("verify", "--head", "odd").exit_code == 4


@pytest.mark.parametrize("words", ["no json", "[1]", '{"seq": 1}', '{"seq": "1"}', "[" * 50_000])
def test_a_file_that_is_no_log_is_refused(words: str, log: Path) -> None:
    Path("odd.jsonl").write_text(words)
    assert quillux("verify", "odd.jsonl").exit_code == 4
    assert quillux("verify", "missing.jsonl").exit_code == 2
