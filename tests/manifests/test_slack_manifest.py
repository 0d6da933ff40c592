"""The Slack app's manifest is one that Slack accepts, and asks for what the code needs and no more."""

import json
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft7Validator

from bots.slack.settings import SlackSettings

ROOT = Path(__file__).parents[2]
MANIFEST: dict[str, Any] = yaml.safe_load((ROOT / "manifests" / "slack.yaml").read_text())
SCHEMA = json.loads((ROOT / "tests" / "fixtures" / "schemas" / "slack-manifest-1.0.0.json").read_text())
GUIDE = (ROOT / "manifests" / "slack.md").read_text()

EVENT_SCOPES = {
    "app_mention": "app_mentions:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
    "app_home_opened": "",
}
CALL_SCOPES = {"chat:write", "files:write", "im:write", "commands"}


def test_the_manifest_validates() -> None:
    assert [error.message for error in Draft7Validator(SCHEMA).iter_errors(MANIFEST)] == []


def test_every_scope_is_needed_by_an_event_or_a_call() -> None:
    events = MANIFEST["settings"]["event_subscriptions"]["bot_events"]
    needed = {EVENT_SCOPES[event] for event in events} - {""} | CALL_SCOPES
    assert set(MANIFEST["oauth_config"]["scopes"]["bot"]) == needed


def test_all_addresses_lead_to_the_path_that_is_served() -> None:
    settings = MANIFEST["settings"]
    addresses = {
        settings["event_subscriptions"]["request_url"],
        settings["interactivity"]["request_url"],
        *(command["url"] for command in MANIFEST["features"]["slash_commands"]),
    }
    assert addresses == {"https://quillux.example.com" + SlackSettings("").path}


def test_the_guide_explains_every_scope() -> None:
    assert [scope for scope in MANIFEST["oauth_config"]["scopes"]["bot"] if f"`{scope}`" not in GUIDE] == []
