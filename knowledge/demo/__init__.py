"""Demo data, made on the spot: a retail warehouse in SQLite and web analytics in Parquet files."""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random

DOCUMENTS = Path(__file__).parent / "documents"
"""Documents about the demo's data."""
VERSION = 3
"""Raised whenever the generator would make other data."""


@dataclass(frozen=True, slots=True)
class DemoPaths:
    """Where the two demo sources lie: a SQLite file, and a folder in which each file or folder is a table."""

    warehouse: Path
    web: Path


def make_demo(folder: Path, *, seed: int = 7, today: date) -> DemoPaths:
    """Make both sources in a folder unless the same ones (version, seed, day) are there already.

    The same seed and day give the same rows. The history ends on `today`, so that “last month” has data.
    """
    from knowledge.demo.warehouse import write_warehouse
    from knowledge.demo.web import write_web

    paths = DemoPaths(folder / "warehouse.sqlite", folder / "web")
    stamp = folder / "demo.json"
    made = {"version": VERSION, "seed": seed, "today": today.isoformat()}
    if stamp.exists() and stamp.read_text() == json.dumps(made) and paths.warehouse.exists() and paths.web.exists():
        return paths
    stamp.unlink(missing_ok=True)
    paths.web.mkdir(parents=True, exist_ok=True)
    write_warehouse(paths.warehouse, Random(seed), today)  # noqa: S311  no secret is drawn
    write_web(paths.web, Random(seed + 1), today)  # noqa: S311
    stamp.write_text(json.dumps(made))
    return paths
