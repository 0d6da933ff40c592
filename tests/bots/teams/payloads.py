"""Payloads of Teams, kept as fixtures."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "fixtures" / "teams"
TENANT = "11111111-2222-4333-8444-555555555555"
ANN = "99999999-8888-4777-8666-555555555555"
APP_ID = "00000000-0000-4000-8000-00000000b07a"


def payload(name: str, **changes: Any) -> dict[str, Any]:
    """A fixture by name, with some keys replaced."""
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return found | changes
