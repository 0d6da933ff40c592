"""Tokens and passwords from the command line."""

import subprocess
import sys
from pathlib import Path

from infra.identity.passwords import verify_password
from infra.identity.tokens import signing_secret, verify
from infra.settings import Settings
from tests.infra.cli.conftest import ROOT, Quillux

PEOPLE = "tenant = 'acme'\n[[people]]\nid = 'ada'\nname = 'Ada'\nroles = ['member', 'approver']\n"


def test_a_token_speaks_for_its_person_and_stands_alone_on_standard_output(quillux: Quillux, folder: Path) -> None:
    (folder / "quillux.toml").write_text(PEOPLE)
    done = quillux("token", "ada", "--days", "3")
    assert done.returncode == 0, done.stderr
    assert "Ada (member, approver), good for 3 days" in done.stderr
    assert len(done.stdout.split()) == 1
    sender = verify(signing_secret(Settings(data=folder / ".data")), done.stdout.strip())
    assert sender is not None
    assert (sender.channel, sender.workspace, sender.user, sender.name) == ("api", "acme", "ada", "Ada")


def test_nobody_gets_a_token_for_a_person_who_is_not_there(quillux: Quillux, folder: Path) -> None:
    (folder / "quillux.toml").write_text(PEOPLE)
    done = quillux("token", "eve")
    assert (done.returncode, done.stdout) == (4, "")
    assert quillux("token", "eve", "--anybody").returncode == 0
    assert quillux("token", "eve", "--anybody", env={"QUILLUX_OPEN_ACCESS": "false"}).returncode == 4


def test_the_signing_secret_is_readable_by_us_alone(quillux: Quillux, folder: Path) -> None:
    (folder / "quillux.toml").write_text(PEOPLE)
    quillux("token", "ada")
    assert (folder / ".data" / "secret").stat().st_mode & 0o777 == 0o600


def test_a_password_becomes_a_hash_that_verifies(folder: Path) -> None:
    command = [sys.executable, "-m", "infra.cli.main", "password", "--stdin"]
    done = subprocess.run(
        command, input="correct horse\n", cwd=folder, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert verify_password("correct horse", done.stdout.strip())
    assert "correct" not in done.stdout + done.stderr
    short = subprocess.run(
        command, input="short\n", cwd=folder, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert (short.returncode, short.stdout) == (2, "")
