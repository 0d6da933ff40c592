"""The settings file is explained, and edited with care."""

import re
import stat
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation.errors import OperatorError
from infra.cli.settings_file import explained, with_source, without_source, write
from infra.settings import Settings

FILE = """\
# Ours, with care.
tenant = "acme"   # the organisation

[server]
port = 9000

# the first
[[sources]]
name = "shop"
address = "sqlite:///shop.db" # main

# about people
[[people]]
id = "ada"
"""


def test_every_setting_stands_in_the_file_with_what_it_is_for() -> None:
    text = explained()
    for name, field in Settings.model_fields.items():
        assert re.search(rf"^(# {name} = |\[{name}\]|# \[\[{name}\]\])", text, re.MULTILINE), name
        inner = getattr(field.annotation, "model_fields", {})
        for key, described in inner.items():
            assert f"# {described.description}\n# {key} = " in text, f"{name}.{key}"


def test_the_file_as_it_is_changes_nothing() -> None:
    parsed = tomllib.loads(explained())
    assert not any(parsed.values())


def test_every_default_in_the_file_is_the_default() -> None:
    bare = re.sub(r"^# (?=[a-z_]+ = |\[\[)", "", explained(), flags=re.MULTILINE)
    parsed = tomllib.loads(bare)
    parsed.pop("sources"), parsed.pop("people"), parsed.pop("documents")
    assert Settings(**parsed) == Settings()


def test_a_source_is_added_and_nothing_else_is_touched() -> None:
    after = with_source(FILE, "web", 'postgresql://u:p"w@host/db')
    assert after.startswith(FILE)
    assert tomllib.loads(after)["sources"][1] == {"name": "web", "address": 'postgresql://u:p"w@host/db'}


def test_a_source_added_and_removed_leaves_the_file_as_it_was() -> None:
    assert without_source(with_source(FILE, "web", "web.parquet"), "web") == FILE


def test_removing_keeps_the_comments_of_the_neighbours() -> None:
    after = without_source(FILE, "shop")
    assert "sources" not in tomllib.loads(after)
    assert "# Ours, with care." in after
    assert "# about people\n[[people]]" in after


@pytest.mark.parametrize(
    "text",
    [
        'sources = [{name = "shop", address = "a.db"}]\n',
        'note = """\n[[sources]]\nname = "shop"\n"""\n',
        "sources = 5\n",
    ],
)
def test_what_can_not_be_changed_safely_is_left_alone(text: str) -> None:
    with pytest.raises(OperatorError, match="The file was not changed"):
        without_source(text, "shop")


def test_a_broken_file_is_left_alone() -> None:
    with pytest.raises(OperatorError, match="not valid TOML"):
        with_source("tenant = ", "a", "b")


@given(st.text(st.characters(codec="utf-8"), max_size=40))
def test_any_address_comes_back_as_it_was(address: str) -> None:
    after = with_source(FILE, "x", address)
    assert tomllib.loads(after)["sources"][1]["address"] == address
    assert without_source(after, "x") == FILE


def test_a_file_is_replaced_whole_and_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "quillux.toml"
    write(path, "a = 1\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o640)
    write(path, "a = 2\n")
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("a = 2\n", 0o640)
    assert list(tmp_path.iterdir()) == [path]
