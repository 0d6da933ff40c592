"""The demo: a made-up retail warehouse, its web analytics, and three people to sign in as."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

from infra.identity.passwords import hash_password
from infra.settings import Person, SourceSetting
from knowledge.demo import DemoPaths, make_demo

PASSWORD = "demo"  # noqa: S105 - printed at start, and the demo listens on loopback only
FRESH_DAYS = 7
"""Days for which the demo's last order counts as recent."""
QUESTIONS = (
    "How many orders did we ship per region last month?",
    "Revenue by category in the last 12 months",
    "Top 5 customers by revenue in Germany this year",
)


def made(data: Path) -> bool:
    """Whether the demo data is there."""
    return (data / "demo" / "demo.json").exists()


def prepare(data: Path) -> DemoPaths:
    """Make the demo data, unless it was made in the last days. Takes some seconds."""
    today = datetime.now(UTC).date()
    stamp = data / "demo" / "demo.json"
    if stamp.exists():
        made = date.fromisoformat(json.loads(stamp.read_text())["today"])
        today = made if (today - made).days <= FRESH_DAYS else today
    return make_demo(data / "demo", today=today)


def sources(paths: DemoPaths) -> tuple[SourceSetting, ...]:
    """The demo's sources: the warehouse in SQLite and web analytics in Parquet."""
    return (
        SourceSetting(name="warehouse", address=f"sqlite:///{paths.warehouse.resolve()}"),
        SourceSetting(name="web", address=str(paths.web.resolve())),
    )


def people() -> tuple[Person, ...]:
    """Somebody who asks, somebody who approves, somebody who may do everything; all with the printed password."""
    hashed = hash_password(PASSWORD, cost=2**12)
    roles = {"analyst": ("member",), "approver": ("member", "approver"), "admin": ("member", "approver", "admin")}
    return tuple(Person(id=id, name=f"Demo {id}", password=hashed, roles=roles[id]) for id in roles)
