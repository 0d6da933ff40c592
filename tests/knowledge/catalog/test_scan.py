"""A scan: whole, broken off, repeated, with tables that fail, and of sources that go away."""

import asyncio
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from knowledge.catalog.measuring import How
from knowledge.catalog.model import Table
from knowledge.catalog.scan import Scanned, survey
from knowledge.errors import Refused, SourceUnavailable
from tests.knowledge.catalog.sources import MemoryLedger, Moving, Stuck, Watched, made

AWAY = SourceUnavailable("The source is away.")
SHOP = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, country TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER, amount REAL, created_at TEXT);
CREATE TABLE notes (text TEXT);
INSERT INTO customers VALUES (1, 'Ada', 'DE'), (2, 'Ben', 'FR'), (3, 'Eve', 'DE');
INSERT INTO notes VALUES ('one'), ('two');
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
INSERT INTO orders SELECT i, 1 + i % 3, i, '2025-01-01 00:' || printf('%02d', i / 60) || ':' || printf('%02d', i % 60)
FROM n;
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return made(tmp_path / "shop.db", SHOP)


def table(found: Scanned, name: str) -> Table:
    return next(each for each in found.tables if each.name == name)


async def test_every_table_is_measured_and_keys_that_nobody_declared_are_found(shop: Path) -> None:
    source = Watched(shop)
    told: list[tuple[int, int]] = []
    found = await survey(source, progress=lambda done, total, _table: told.append((done, total)))
    (key,) = table(found, "orders").keys
    assert (key.target, key.declared, key.evidence) == (
        "customers", False, "named after customers; 3 of 3 sampled values found"
    )  # fmt: skip
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert table(found, "orders").watermark == "created_at"
    assert table(found, "orders").fresh_at == "2025-01-01 00:01:40"
    await source.close()


async def test_a_scan_that_was_killed_goes_on_where_it_was(shop: Path) -> None:
    ledger = MemoryLedger()
    source = Watched(shop)
    whole = await survey(source, ledger)
    ledger.kept = {place: replace(entry, open=True) for place, entry in ledger.kept.items() if place[1] != "orders"}
    again = Watched(shop)
    resumed = await survey(again, ledger)
    assert again.profiled == ["orders"]
    assert resumed.tables == whole.tables
    await source.close()
    await again.close()


async def test_what_a_broken_off_scan_measured_is_kept(shop: Path) -> None:
    ledger = MemoryLedger()
    source = Stuck(shop, "notes")
    scanning = asyncio.create_task(survey(source, ledger))
    await source.others_done.wait()
    scanning.cancel()
    with pytest.raises(asyncio.CancelledError):
        await scanning
    assert {place[1] for place in ledger.kept} == {"customers", "orders"}
    assert all(entry.open for entry in ledger.kept.values())
    await source.close()


async def test_only_tables_that_moved_are_measured_again(shop: Path) -> None:
    ledger = MemoryLedger()
    source = Moving(shop, {"customers": "1", "orders": "1", "notes": "1"})
    await survey(source, ledger)
    source.profiled.clear()
    source.positions["orders"] = "2"
    found = await survey(source, ledger)
    assert source.profiled == ["orders"]
    assert found.counts == {How.NOT: 2, How.WHOLE: 1}
    await source.close()


async def test_a_table_of_another_structure_is_measured_again(shop: Path) -> None:
    ledger = MemoryLedger()
    source = Moving(shop, {"customers": "1", "orders": "1", "notes": "1"})
    await survey(source, ledger)
    source.profiled.clear()
    made(shop, "ALTER TABLE notes ADD COLUMN author TEXT")
    await survey(source, ledger)
    assert source.profiled == ["notes"]
    await source.close()


async def test_rows_that_came_since_are_merged_as_a_whole_measurement_would_see_them(shop: Path) -> None:
    """But for distinct counts of columns whose new values lie among the old: there a lower bound is told."""
    ledger = MemoryLedger()
    first = Watched(shop)
    await survey(first, ledger)
    made(shop, "INSERT INTO orders VALUES (101, 3, 1000, '2025-02-01 00:00:00'), (102, NULL, 1, '2025-02-01 00:00:01')")
    second = Watched(shop)
    merged = table(await survey(second, ledger), "orders")
    assert "orders" not in second.profiled
    fresh = Watched(shop)
    whole = table(await survey(fresh), "orders")
    for ours, theirs in zip(merged.columns, whole.columns, strict=True):
        assert replace(ours, mean=None, deviation=None) == replace(
            theirs, mean=None, deviation=None, distinct=100 if ours.name == "amount" else theirs.distinct
        )
        assert ours.mean == pytest.approx(theirs.mean)
        assert ours.deviation == pytest.approx(theirs.deviation)
    assert (merged.rows, merged.fresh_at) == (102, "2025-02-01 00:00:01")
    for source in (first, second, fresh):
        await source.close()


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM orders WHERE id = 1",
        "UPDATE orders SET created_at = '2025-03-01 00:00:00' WHERE id < 10",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) "
        "INSERT INTO orders SELECT 1000 + i, 1, 1, '2025-03-01 00:00:00' FROM n",
    ],
)
async def test_a_table_that_did_more_than_grow_a_little_is_measured_whole(shop: Path, change: str) -> None:
    ledger = MemoryLedger()
    source = Watched(shop)
    await survey(source, ledger)
    source.profiled.clear()
    made(shop, change)
    await survey(source, ledger)
    assert "orders" in source.profiled
    await source.close()


async def test_a_table_is_measured_whole_after_a_week_whatever_its_watermark_says(shop: Path) -> None:
    ledger = MemoryLedger()
    source = Watched(shop)
    await survey(source, ledger)
    old = (datetime.now(UTC) - timedelta(days=8)).isoformat()
    ledger.kept = {place: replace(entry, measured_at=old) for place, entry in ledger.kept.items()}
    source.profiled.clear()
    await survey(source, ledger)
    assert "orders" in source.profiled
    await source.close()


@pytest.mark.parametrize("why", [Refused("No."), TimeoutError(), AWAY, ValueError("odd"), ZeroDivisionError()])
async def test_one_failing_table_never_ends_a_scan(shop: Path, why: Exception) -> None:
    source = Watched(shop, {"notes": why})
    found = await survey(source)
    assert found.failed == ("notes",)
    assert [column.name for column in table(found, "notes").columns] == ["text"]
    assert table(found, "customers").rows == 3
    await source.close()


async def test_a_table_that_fails_now_keeps_what_was_known_of_it(shop: Path) -> None:
    ledger = MemoryLedger()
    source = Watched(shop)
    before = await survey(source, ledger)
    source.failing["notes"] = Refused("No.")
    after = await survey(source, ledger)
    assert after.failed == ("notes",)
    assert table(after, "notes") == table(before, "notes")
    await source.close()


async def test_a_source_that_goes_away_in_the_middle_leaves_what_was_measured(tmp_path: Path) -> None:
    path = made(tmp_path / "many.db", ";".join(f"CREATE TABLE t{at} (id INTEGER)" for at in range(40)))
    ledger = MemoryLedger()
    source = Watched(path, {f"t{at}": AWAY for at in range(10, 40)})
    with pytest.raises(SourceUnavailable):
        await survey(source, ledger)
    kept = {place[1] for place in ledger.kept}
    assert kept
    assert kept <= {f"t{at}" for at in range(10)}
    source.failing.clear()
    source.profiled.clear()
    await survey(source, ledger)
    assert set(source.profiled) == {f"t{at}" for at in range(40)} - kept
    await source.close()


async def test_keys_between_unchanged_tables_are_not_looked_for_again(shop: Path) -> None:
    ledger = MemoryLedger()
    source = Moving(shop, {"customers": "1", "orders": "1", "notes": "1"})
    first = await survey(source, ledger)
    with sqlite3.connect(shop) as database:
        database.execute("DELETE FROM customers")
    database.close()
    again = await survey(source, ledger, before=first.tables)
    assert table(again, "orders").keys == table(first, "orders").keys
    await source.close()
