"""The shape of the design, held by tests: the same files in every channel, a README in every folder, nothing unsaid."""

import ast
from pathlib import Path

import pytest
import typer.main
from pydantic import BaseModel
from sqlmodel import SQLModel

from infra.cli.main import app
from infra.settings import DocumentsSetting, Person, Settings, SourceSetting
from infra.store import tables, web

ROOT = Path(__file__).parents[2]
PACKAGES = (
    "conversation",
    "knowledge",
    "graphs",
    "bots/slack",
    "bots/teams",
    "web",
    "infra",
    "manifests",
    "tests",
    "bench",
    "bench/translation",
)
CHANNELS = ("bots/slack", "bots/teams", "web")
FILES = ("events.py", "render.py", "channel.py", "app.py", "limits.py", "README.md")
READMES = "\n".join(
    path.read_text()
    for top in (
        "",
        *(f"{name}/**/" for name in ("conversation", "knowledge", "graphs", "bots", "web", "infra", "manifests")),
    )
    for path in ROOT.glob(f"{top}*.md")
)


def definitions(path: Path) -> dict[str, ast.AST]:
    """Functions and classes at the top of a module, by name."""
    tree = ast.parse(path.read_text())
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    return {node.name: node for node in tree.body if isinstance(node, kinds)}


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("file", FILES)
def test_every_channel_has_the_files_of_the_design(channel: str, file: str) -> None:
    assert (ROOT / channel / file).is_file()


@pytest.mark.parametrize("channel", CHANNELS)
def test_every_channel_parses_and_renders_by_pure_functions(channel: str) -> None:
    assert any(name.startswith("parse") for name in definitions(ROOT / channel / "events.py"))
    assert any(name.startswith("render") for name in definitions(ROOT / channel / "render.py"))
    for file in ("events.py", "render.py"):
        found = definitions(ROOT / channel / file)
        assert not [name for name, node in found.items() if isinstance(node, ast.AsyncFunctionDef)], file


@pytest.mark.parametrize("channel", CHANNELS)
def test_every_channel_sends_updates_and_finds(channel: str) -> None:
    classes = [node for node in definitions(ROOT / channel / "channel.py").values() if isinstance(node, ast.ClassDef)]
    methods = [{part.name for part in node.body if isinstance(part, ast.AsyncFunctionDef)} for node in classes]
    assert any({"send", "update", "find"} <= names for names in methods)


@pytest.mark.parametrize("folder", PACKAGES)
def test_every_folder_says_what_it_is_on_one_page(folder: str) -> None:
    text = (ROOT / folder / "README.md").read_text()
    assert 5 <= len(text.splitlines()) <= 120


def settings_of(model: type[BaseModel], prefix: str = "") -> list[str]:
    """Every setting by its dotted name."""
    found = []
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            found += settings_of(kind, f"{prefix}{name}.")
        else:
            found.append(f"{prefix}{name}")
    return found


def test_every_setting_is_documented() -> None:
    page = (ROOT / "infra" / "SETTINGS.md").read_text()
    every = (
        *settings_of(Settings),
        *settings_of(Person, "people."),
        *settings_of(SourceSetting, "sources."),
        *settings_of(DocumentsSetting, "documents."),
    )
    missing = [name for name in every if f"| `{name}` |" not in page]
    assert missing == [], "infra/SETTINGS.md lists every setting"


def test_no_setting_is_documented_that_is_none() -> None:
    page = (ROOT / "infra" / "SETTINGS.md").read_text()
    named = [line.split("`")[1] for line in page.splitlines() if line.startswith("| `")]
    assert set(named) <= {
        *settings_of(Settings),
        *settings_of(Person, "people."),
        *settings_of(SourceSetting, "sources."),
        *settings_of(DocumentsSetting, "documents."),
    }


def commands() -> list[str]:
    """Every command of `quillux`, groups with theirs."""
    root = typer.main.get_command(app)
    found = []
    for name, command in getattr(root, "commands", {}).items():
        inner = getattr(command, "commands", {})
        found += [f"{name} {one}" for one in inner] if inner else [name]
    return found


@pytest.mark.parametrize("command", commands())
def test_every_command_is_documented(command: str) -> None:
    assert f"quillux {command}" in READMES or f"`{command}" in READMES, command


@pytest.mark.parametrize("flow", sorted(path.parent.name for path in (ROOT / "graphs").glob("*/*.py")))
def test_every_flow_is_documented(flow: str) -> None:
    assert flow in (ROOT / "graphs" / "README.md").read_text()


@pytest.mark.parametrize("table", sorted(SQLModel.metadata.tables))
def test_every_table_is_documented(table: str) -> None:
    assert tables is not web
    assert f"`{table}`" in READMES, f"the table {table} stands in no README; infra/README.md lists the tables"


@pytest.mark.parametrize("channel", ["slack", "teams"])
def test_nothing_of_a_channel_leaks_out_of_its_folder(channel: str) -> None:
    leaks = []
    for folder in ("conversation", "knowledge", "graphs"):
        for path in (ROOT / folder).rglob("*.py"):
            imports = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)]
            leaks += [str(path) for node in imports if channel in (node.module or "")]
    assert leaks == []
