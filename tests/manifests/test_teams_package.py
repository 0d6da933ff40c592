"""The Teams app package is what Teams takes."""

import json
import struct
import zipfile
from pathlib import Path

import pytest
from jsonschema import Draft4Validator

from bots.teams.package import build
from conversation.errors import OperatorError

SCHEMA = Path(__file__).parents[1] / "fixtures/schemas/teams-manifest-1.19.json"
APP_ID = "00000000-0000-4000-8000-00000000a001"
BOT_ID = "00000000-0000-4000-8000-00000000b07a"


def contents(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def test_the_manifest_validates_and_names_the_bot(tmp_path: Path) -> None:
    found = contents(build(tmp_path / "new" / "quillux.zip", APP_ID, BOT_ID, "quillux.example.com"))
    assert list(found) == ["manifest.json", "color.png", "outline.png"]
    manifest = json.loads(found["manifest.json"])
    faults = list(Draft4Validator(json.loads(SCHEMA.read_text("utf-8"))).iter_errors(manifest))
    assert not faults, faults
    assert manifest["bots"][0]["botId"] == BOT_ID
    assert manifest["id"] == APP_ID
    assert manifest["validDomains"] == ["quillux.example.com"]
    assert b"{{" not in found["manifest.json"]


def test_the_icons_have_the_sizes_that_teams_wants(tmp_path: Path) -> None:
    found = contents(build(tmp_path / "q.zip", APP_ID, BOT_ID, "quillux.example.com"))
    assert struct.unpack(">II", found["color.png"][16:24]) == (192, 192)
    assert struct.unpack(">II", found["outline.png"][16:24]) == (32, 32)


def test_the_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    one, two = (build(tmp_path / name, APP_ID, BOT_ID, "quillux.example.com") for name in ("1.zip", "2.zip"))
    assert one.read_bytes() == two.read_bytes()


def test_a_name_with_quotes_stays_a_name(tmp_path: Path) -> None:
    found = contents(build(tmp_path / "q.zip", APP_ID, BOT_ID, "quillux.example.com", developer='A "B" \\ C'))
    assert json.loads(found["manifest.json"])["developer"]["name"] == 'A "B" \\ C'


@pytest.mark.parametrize(
    ("app_id", "bot_id", "domain"),
    [
        ("", BOT_ID, "quillux.example.com"),
        (APP_ID, "bot", "quillux.example.com"),
        (APP_ID, BOT_ID, "https://quillux.example.com"),
        (APP_ID, BOT_ID, "localhost"),
    ],
)
def test_what_teams_would_refuse_is_refused_before(tmp_path: Path, app_id: str, bot_id: str, domain: str) -> None:
    with pytest.raises(OperatorError, match="No package was written"):
        build(tmp_path / "q.zip", app_id, bot_id, domain)
    assert not (tmp_path / "q.zip").exists()
