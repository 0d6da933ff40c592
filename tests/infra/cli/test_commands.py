"""Commands as a person types them: real processes, their output and their exit codes."""

import json
import sys
import tomllib
from pathlib import Path

import pytest

from infra.cli.sources import shown
from tests.infra.cli.conftest import ROOT, Quillux


def test_the_version_is_that_of_the_project(quillux: Quillux) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    done = quillux("--version")
    assert (done.returncode, done.stdout) == (0, f"quillux {project['version']}\n")


def test_the_version_needs_nothing_heavy(quillux: Quillux) -> None:
    done = quillux("--version", env={"PYTHONPROFILEIMPORTTIME": "1"})
    loaded = {line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines()}
    assert "typer" in loaded
    assert not loaded & {"asyncio", "pydantic", "rich", "sqlalchemy", "sqlglot", "langgraph", "chainlit", "pyarrow"}


def test_a_wrong_word_is_a_usage_error(quillux: Quillux) -> None:
    for words in (("nothing",), ("init", "--nothing"), ("source", "add", "x")):
        assert quillux(*words).returncode == 2


def test_init_writes_a_file_that_loads(quillux: Quillux, folder: Path) -> None:
    done = quillux("init")
    assert done.returncode == 0
    assert "quillux source add" in done.stderr
    assert quillux("source", "list").returncode == 0
    assert (folder / "quillux.toml").stat().st_mode & 0o777 == 0o600


def test_init_does_not_replace_a_file(quillux: Quillux, folder: Path) -> None:
    (folder / "quillux.toml").write_text("tenant = 'acme'\n")
    done = quillux("init")
    assert done.returncode == 4
    assert "It was not changed." in done.stderr
    assert (folder / "quillux.toml").read_text() == "tenant = 'acme'\n"
    assert quillux("init", "--force").returncode == 0


def test_init_to_standard_output_writes_nothing(quillux: Quillux, folder: Path) -> None:
    done = quillux("init", "--stdout")
    assert "tenant" not in tomllib.loads(done.stdout)
    assert "# tenant = " in done.stdout
    assert not (folder / "quillux.toml").exists()


def test_a_source_is_added_listed_tested_and_removed(quillux: Quillux, folder: Path) -> None:
    added = quillux("source", "add", "shop", "sqlite:///shop.db")
    assert added.returncode == 0, added.stderr
    assert "2 tables" in added.stderr
    assert json.loads(quillux("source", "list", "--json").stdout) == [{"name": "shop", "address": "sqlite:///shop.db"}]
    tables = json.loads(quillux("source", "test", "shop", "--json").stdout)
    assert {table["name"]: table["rows"] for table in tables} == {"customers": 3, "orders": 5}
    assert quillux("source", "remove", "shop").returncode == 0
    assert json.loads(quillux("source", "list", "--json").stdout) == []


def test_the_kinds_of_source_are_listed_with_what_they_need(quillux: Quillux, folder: Path) -> None:
    listed = quillux("source", "kinds")
    assert listed.returncode == 0
    assert "PostgreSQL" in listed.stdout
    kinds = {row["kind"]: row for row in json.loads(quillux("source", "kinds", "--json").stdout)}
    assert kinds["PostgreSQL"]["opens"] == "postgresql:// postgres://"
    assert kinds["SQLite"] == {"opens": kinds["SQLite"]["opens"], "kind": "SQLite", "from": "built in", "needs": ""}


def test_a_source_that_is_away_is_not_added(quillux: Quillux, folder: Path) -> None:
    done = quillux("source", "add", "gone", "sqlite:///gone.db")
    assert done.returncode == 5
    assert not (folder / "quillux.toml").exists()
    assert not (folder / "gone.db").exists()
    assert quillux("source", "add", "gone", "sqlite:///gone.db", "--no-test").returncode == 0
    assert quillux("source", "test", "gone").returncode == 5


@pytest.mark.parametrize("name", ["1st", "a-b", "", "x" * 64, "a b"])
def test_an_odd_name_is_refused(quillux: Quillux, name: str) -> None:
    assert quillux("source", "add", name, "shop.db").returncode == 2


def test_a_name_is_taken_once(quillux: Quillux) -> None:
    assert quillux("source", "add", "shop", "shop.db").returncode == 0
    done = quillux("source", "add", "shop", "shop.db")
    assert done.returncode == 4
    assert "quillux source remove shop" in done.stderr


def test_what_is_not_there_can_not_be_removed(quillux: Quillux) -> None:
    assert quillux("source", "remove", "shop").returncode == 2
    assert quillux("source", "test", "shop").returncode == 2


def test_a_wrong_setting_is_named_with_the_fix(quillux: Quillux, folder: Path) -> None:
    (folder / "quillux.toml").write_text("[server]\nport = 99999\nprot = 1\n")
    done = quillux("source", "list")
    assert done.returncode == 6
    assert "server.port" in done.stderr
    assert "`server.prot` is not a setting" in done.stderr
    assert "Traceback" not in done.stderr


def test_passwords_of_addresses_are_not_shown() -> None:
    assert shown("postgresql://ada:s3cret@host/db") == "postgresql://ada:…@host/db"
    assert shown("postgresql://ada@host/db") == "postgresql://ada@host/db"
    assert shown("sqlite:///a:b@c.db") == "sqlite:///a:b@c.db"


def test_every_command_is_described_in_the_readme(quillux: Quillux) -> None:
    readme = (ROOT / "infra" / "cli" / "README.md").read_text()
    from typer.main import get_command

    from infra.cli.main import app

    commands = get_command(app).commands  # type: ignore[attr-defined]
    for name, command in commands.items():
        for inner in getattr(command, "commands", {"": None}):
            assert f"`quillux {name}{' ' if inner else ''}{inner}" in readme, f"{name} {inner}"
    assert sys.version_info >= (3, 11)
