"""`quillux source new`: what it writes is installed, passes its tests and is opened by its scheme."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.infra.cli.conftest import Quillux

ROOT = Path(__file__).parents[3]


def python(*words: str, at: Path, also: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": f"{also}{os.pathsep}{ROOT}"}
    return subprocess.run(
        [sys.executable, *words], cwd=at, env=environment, capture_output=True, text=True, timeout=300
    )


def test_a_new_source_is_installed_keeps_all_promises_and_is_opened_by_its_scheme(
    quillux: Quillux, folder: Path, tmp_path: Path
) -> None:
    assert quillux("source", "new", "notes").returncode == 0
    home, target = folder / "quillux-source-notes", tmp_path / "target"
    pip = (
        "-m",
        "pip",
        "install",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "--target",
        str(target),
        ".",
    )
    installed = python(*pip, at=home, also=target)
    assert installed.returncode == 0, installed.stderr
    plugin = ("-p", "knowledge.sources.sdk.conformance", "-p", "no:cacheprovider")
    tested = python("-m", "pytest", "-q", *plugin, at=home, also=target)
    assert tested.returncode == 0, tested.stdout
    assert "23 passed" in tested.stdout
    text = (
        "from knowledge.sources.registry import open_source; import asyncio;"
        "print([t.name for t in asyncio.run(open_source('notes://tests', 'mine').introspect())])"
    )
    opened = python("-c", text, at=home, also=target)
    assert opened.stdout.strip() == "['lines']", opened.stderr


def test_its_source_is_under_thirty_lines(quillux: Quillux, folder: Path) -> None:
    quillux("source", "new", "notes")
    source = (folder / "quillux-source-notes" / "quillux_source_notes" / "__init__.py").read_text()
    assert len([line for line in source.splitlines() if line.strip()]) < 30


@pytest.mark.parametrize(("name", "code"), [("Not A Scheme", 2), ("../escape", 2), ("sqlite", 4), ("postgresql", 4)])
def test_a_name_that_can_not_be_is_refused(quillux: Quillux, folder: Path, name: str, code: int) -> None:
    done = quillux("source", "new", name)
    assert done.returncode == code
    assert "Nothing was written" in done.stderr
    assert not list(folder.glob("quillux-source*"))


def test_what_is_there_is_not_overwritten(quillux: Quillux, folder: Path) -> None:
    assert quillux("source", "new", "notes").returncode == 0
    assert quillux("source", "new", "notes").returncode == 4
