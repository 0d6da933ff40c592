"""Scanning, storing, loading and comparing a catalog of ten thousand tables.

`python -m bench.catalog [--quick] [--tables N]`

Generates SQLite files with fifteen columns a table over ten sources (keys by name, text, numbers, dates, addresses),
then runs the product's own `StoredCatalogs` in a fresh process: first scan, loading at a start, another scan with one
table in a hundred changed, comparison of two snapshots, and what a question pays for the catalog.
"""

import argparse
import asyncio
import json
import os
import platform
import random
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table as Grid

from infra.catalogs import StoredCatalogs
from infra.settings import SourceSetting
from infra.store.engine import migrate, open_engine
from knowledge.catalog.drift import diff
from knowledge.catalog.model import Catalog

RESULTS = Path(__file__).parent / "results" / "catalog.json"
TABLES, QUICK_TABLES, SOURCES, ROWS = 10_000, 600, 10, 60
MEMORY_BAR_MB = 1024.0
NOUNS = ("order", "customer", "invoice", "item", "shipment", "payment", "ticket", "visit", "account", "device", "batch")
COLUMNS = (
    "id INTEGER PRIMARY KEY, {parent}_id INTEGER, status TEXT, name TEXT, country TEXT, email TEXT, amount REAL, "
    "quantity INTEGER, price REAL, note TEXT, code TEXT, active INTEGER, starts_on TEXT, score REAL, updated_at TEXT"
)


def generate(folder: Path, tables: int) -> None:
    """The sources, as SQLite files."""
    for source in range(SOURCES):
        with sqlite3.connect(folder / f"s{source}.db") as database:
            database.execute("PRAGMA synchronous = OFF")
            names = list(_names(tables // SOURCES + (source < tables % SOURCES)))
            for at, name in enumerate(names):
                parent = names[at // 2]
                database.execute(f"CREATE TABLE {name} ({COLUMNS.format(parent=parent)})")
                marks = ", ".join("?" * 15)
                database.executemany(f"INSERT INTO {name} VALUES ({marks})", _rows(at))
        database.close()


def _names(count: int) -> Iterator[str]:
    return (f"{NOUNS[at % len(NOUNS)]}_{at:05}" for at in range(count))


def _rows(seed: int) -> Iterator[tuple[object, ...]]:
    chance = random.Random(seed)
    for row in range(1, ROWS + 1):
        yield (
            row, chance.randint(1, ROWS), chance.choice(("open", "paid", "sent")), f"Name {chance.randint(1, 40)}",
            chance.choice(("DE", "FR", "US", "GB")), f"u{row}.{seed}@example.org", round(chance.gauss(100, 20), 2),
            chance.randint(1, 9), round(chance.random() * 50, 2), f"A note of some length, number {row} of {seed}",
            f"{chance.getrandbits(40):010x}", row % 2, f"2025-{1 + row % 12:02}-01", chance.random(),
            f"2025-06-01 00:00:{row % 60:02}",
        )  # fmt: skip


async def measure(folder: Path) -> dict[str, float]:
    """Every figure, in seconds, milliseconds where the name says so, or MB."""
    migrate(f"sqlite:///{folder / 'quillux.sqlite'}")
    engine = open_engine(f"sqlite+aiosqlite:///{folder / 'quillux.sqlite'}")
    found: dict[str, float] = {}
    first = _opened(engine, folder)
    began = time.perf_counter()
    catalog = await first.catalog("acme")
    found["scan_s"] = time.perf_counter() - began
    found["tables"], found["columns"] = len(catalog.tables), sum(len(table.columns) for table in catalog.tables)
    found["keys"] = sum(len(table.keys) for table in catalog.tables)
    found["scan_rss_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    version = catalog.version
    del catalog
    await first.close()
    del first

    second = _opened(engine, folder)
    began = time.perf_counter()
    loaded = await second.catalog("acme")
    found["load_s"] = time.perf_counter() - began
    assert loaded.version == version
    found |= _in_memory(loaded)
    began = time.perf_counter()
    for _ in range(1_000):
        await second.catalog("acme")
    found["ask_ms"] = time.perf_counter() - began
    del loaded

    _change(folder)
    began = time.perf_counter()
    reports = [await second.scan(f"s{source}") for source in range(SOURCES)]
    found["rescan_s"] = time.perf_counter() - began
    found["changes"] = sum(len(report.changes) for report in reports)
    before = await second._snapshots.tables((await second.history("s0"))[1])
    now = await second.kept("s0")
    began = time.perf_counter()
    diff(before, now)
    found["diff_s"] = (time.perf_counter() - began) * SOURCES
    found["rss_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found["store_mb"] = (folder / "quillux.sqlite").stat().st_size / 2**20
    await second.close()
    await engine.dispose()
    return found


def _opened(engine: object, folder: Path) -> StoredCatalogs:
    settings = [SourceSetting(name=f"s{at}", address=f"sqlite:///{folder / f's{at}.db'}") for at in range(SOURCES)]
    return StoredCatalogs(engine, "acme", settings)  # type: ignore[arg-type]


def _in_memory(catalog: Catalog) -> dict[str, float]:
    """What is done again for each view of the catalog that a person gets."""
    began = time.perf_counter()
    some = Catalog(tuple(table for table in catalog.tables if len(table.name) % 2), catalog.dialects)
    assert some.version != catalog.version
    version = time.perf_counter() - began
    began = time.perf_counter()
    assert replace(catalog).by_key
    return {"version_ms": version * 1000, "by_key_ms": (time.perf_counter() - began) * 1000}


def _change(folder: Path) -> None:
    """A new column in every hundredth table, and rows in every fiftieth."""
    for source in range(SOURCES):
        with sqlite3.connect(folder / f"s{source}.db") as database:
            names = [name for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
            for name in names[::100]:
                database.execute(f"ALTER TABLE {name} ADD COLUMN added TEXT")
            for name in names[1::50]:
                row = "61, 1, 'open', 'x', 'DE', 'x@example.org', 1, 1, 1, 'x', 'x', 1, '2025-01-01', 1, '2025-07-01'"
                database.execute(f"INSERT INTO {name} VALUES ({row})")
        database.close()


def _fresh(folder: Path) -> dict[str, float]:
    """The measurement in a process of its own, so that its memory is its own."""
    command = [sys.executable, "-m", "bench.catalog", "--folder", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=1_800)
    if done.returncode:
        raise SystemExit(done.stderr[-2_000:])
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--quick", action="store_true")
    arguments.add_argument("--tables", type=int)
    arguments.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.folder:
        print(json.dumps(asyncio.run(measure(given.folder))))
        return
    tables = given.tables or (QUICK_TABLES if given.quick else TABLES)
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder), tables)
        found = _fresh(Path(folder))
    grid = Grid("figure", "value", title=f"{found['tables']:,.0f} tables, {found['columns']:,.0f} columns")
    for name, value in found.items():
        grid.add_row(name, f"{value:,.2f}")
    Console().print(grid)
    record = {
        "bench": "catalog",
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        **{name: round(value, 2) for name, value in found.items()},
        "bar": {"rss_mb": MEMORY_BAR_MB},
        "met": found["rss_mb"] < MEMORY_BAR_MB,
    }
    if not given.quick:
        RESULTS.write_text(json.dumps(record, indent=1) + "\n")
    print(json.dumps(record))


if __name__ == "__main__":
    main()
