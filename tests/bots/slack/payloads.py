"""Recorded payloads of Slack, by name."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "fixtures" / "slack"


def payload(name: str) -> dict[str, Any]:
    """The payload in `tests/fixtures/slack/NAME.json`, fresh each time."""
    loaded: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return loaded
