"""`quillux delegations`, as the real command."""

import asyncio
import json
from pathlib import Path

from conversation.gates.delegation import Delegation
from infra.settings import Settings
from infra.stores import open_stores, prepare
from tests.infra.cli.conftest import Quillux

PEOPLE = """
[[people]]
id = "ada"
roles = ["member", "admin"]

[[people]]
id = "ann"
roles = ["member", "approver"]
"""
GIVEN = Delegation(
    "default", "ann", "ben", "2026-01-05T00:00:00+00:00", "2126-01-10T00:00:00+00:00", "away\x1b[2J", "d1"
)


async def given(folder: Path) -> None:
    settings = Settings(data=folder / ".data")
    prepare(settings)
    stores = open_stores(settings)
    await stores.delegations.give(GIVEN)
    await stores.engine.dispose()


def test_delegations_are_listed_and_ended_by_an_admin(quillux: Quillux, folder: Path) -> None:
    (folder / "quillux.toml").write_text(PEOPLE)
    asyncio.run(given(folder))
    listed = quillux("delegations").stdout
    assert "ben for ann" in listed
    assert "\x1b" not in listed
    refused = quillux("delegations", "end", "d1", "--by", "ann")
    assert (refused.returncode, "These are: ada." in refused.stderr) == (4, True)
    assert "ben no longer decides in the place of ann" in quillux("delegations", "end", "d1", "--by", "ada").stderr
    (one,) = json.loads(quillux("delegations", "--all", "--json").stdout)
    assert (one["to"], bool(one["ended_at"])) == ("ben", True)
