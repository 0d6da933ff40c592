"""The demo: a made-up retail warehouse, its web analytics, and three people to sign in as."""

import json
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime
from multiprocessing import get_context
from pathlib import Path

from infra.identity.passwords import hash_password
from infra.settings import DocumentsSetting, Person, SourceSetting
from knowledge.demo import DOCUMENTS, DemoPaths, make_demo

PASSWORD = "demo"  # noqa: S105 - printed at start, and the demo listens on loopback only
FRESH_DAYS = 7
"""Days for which the demo's last order counts as recent."""
QUESTIONS = (
    "How many orders did we ship per region last month?",
    "Revenue by category in the last 12 months",
    "Top 5 customers by revenue in Germany this year",
    "What does the refund policy say about time limits?",
)


def made(data: Path) -> bool:
    """Whether the demo data is there."""
    return (data / "demo" / "demo.json").exists()


def prepare(data: Path) -> DemoPaths:
    """Make the demo data, unless it was made in the last days. Takes some seconds.

    It is made in a process of its own, whose memory ends with it.
    """
    folder, today = data / "demo", datetime.now(UTC).date()
    if made(data):
        last = date.fromisoformat(json.loads((folder / "demo.json").read_text())["today"])
        if (today - last).days <= FRESH_DAYS:
            return make_demo(folder, today=last)
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        return process.submit(make_demo, folder, today=today).result()


def sources(paths: DemoPaths) -> tuple[SourceSetting, ...]:
    """The demo's sources: the warehouse in SQLite and web analytics in Parquet."""
    return (
        SourceSetting(name="warehouse", address=f"sqlite:///{paths.warehouse.resolve()}"),
        SourceSetting(name="web", address=str(paths.web.resolve())),
    )


def documents() -> tuple[DocumentsSetting, ...]:
    """What is written about the demo's data: definitions, notes, and the rules of its shop."""
    return (DocumentsSetting(name="handbook", path=DOCUMENTS),)


def people() -> tuple[Person, ...]:
    """Who asks, who knows what words mean, who approves, who may do everything; all with the printed password."""
    hashed = hash_password(PASSWORD, cost=2**12)
    roles = {
        "analyst": ("member",),
        "expert": ("member", "expert"),
        "approver": ("member", "approver"),
        "admin": ("member", "approver", "admin"),
    }
    return tuple(Person(id=id, name=f"Demo {id}", password=hashed, roles=roles[id]) for id in roles)
