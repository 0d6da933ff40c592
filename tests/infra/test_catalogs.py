"""Catalogs in the store: scanned, resumed, compared, linked, and seen by every process."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from conversation.card import Card, Text
from conversation.codec import JsonObject
from conversation.principal import ConversationRef, Principal
from conversation.run import Run
from infra import catalogs as catalogs_module
from infra.catalogs import StoredCatalogs
from infra.settings import SourceSetting
from infra.store import catalogs as store
from infra.store.catalogs import SqlLedger, SqlSnapshots
from infra.store.engine import migrate, open_engine
from infra.store.glossary import SqlGlossaries
from infra.store.runs import SqlRuns
from knowledge.catalog.codec import pack, unpack
from knowledge.catalog.drift import What
from knowledge.catalog.ledger import Entry
from knowledge.catalog.model import Catalog, Column, DataType, Table
from knowledge.errors import Refused, SourceUnavailable
from knowledge.glossary import Place, Term

SHOP = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, country TEXT);
INSERT INTO customers VALUES (1, 'Ada', 'DE'), (2, 'Ben', 'FR'), (3, 'Eve', 'DE');
CREATE VIEW germans AS SELECT name FROM customers WHERE country = 'DE';
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    run(tmp_path / "shop.db", SHOP)
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "payments.csv").write_text("id,customer_id,amount\n1,1,5\n2,2,7\n3,1,8\n")
    return tmp_path


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    migrate(f"sqlite:///{tmp_path / 'quillux.sqlite'}")
    engine = open_engine(f"sqlite+aiosqlite:///{tmp_path / 'quillux.sqlite'}")
    yield engine
    await engine.dispose()


def run(path: Path, script: str) -> None:
    with sqlite3.connect(path) as database:
        database.executescript(script)
    database.close()


def opened(engine: AsyncEngine, folder: Path, *names: str) -> StoredCatalogs:
    every = {"shop": f"sqlite:///{folder / 'shop.db'}", "files": str(folder / "files")}
    settings = [SourceSetting(name=name, address=every[name]) for name in names or every]
    return StoredCatalogs(engine, "acme", settings)


def table(catalog: Catalog, name: str) -> Table:
    return next(each for each in catalog.tables if each.name == name)


async def test_a_catalog_is_scanned_once_and_loaded_ever_after(engine: AsyncEngine, folder: Path) -> None:
    first = opened(engine, folder)
    scanned = await first.catalog("acme")
    await first.close()
    second = opened(engine, folder)
    loaded = await second.catalog("acme")
    assert loaded == scanned
    assert loaded.version == scanned.version
    assert len(await second.history("shop")) == 1
    assert (await second.catalog("other")).tables == ()
    await second.close()


async def test_keys_between_sources_are_found_and_kept(engine: AsyncEngine, folder: Path) -> None:
    first = opened(engine, folder)
    (key,) = table(await first.catalog("acme"), "payments").keys
    assert (key.source, key.target, key.target_columns, key.declared) == ("shop", "customers", ("id",), False)
    assert key.evidence == "named after customers; 2 of 2 sampled values found"
    await first.scan("shop")
    second = opened(engine, folder)
    assert table(await second.catalog("acme"), "payments").keys == (key,)
    for each in (first, second):
        await each.close()


async def test_a_key_whose_values_are_not_there_is_none(engine: AsyncEngine, folder: Path) -> None:
    (folder / "files" / "payments.csv").write_text("id,customer_id\n1,1\n2,900\n")
    catalogs = opened(engine, folder)
    assert table(await catalogs.catalog("acme"), "payments").keys == ()
    await catalogs.close()


async def test_a_scan_by_another_process_is_seen_without_a_restart(
    engine: AsyncEngine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogs_module, "LOOK_AGAIN", 0.0)
    server, command = opened(engine, folder), opened(engine, folder)
    before = await server.catalog("acme")
    assert await server.catalog("acme") is before
    run(folder / "shop.db", "CREATE TABLE orders (id INTEGER PRIMARY KEY)")
    await command.scan("shop")
    after = await server.catalog("acme")
    assert {each.name for each in after.tables} == {"customers", "germans", "orders", "payments"}
    assert table(after, "payments").keys == table(before, "payments").keys
    for each in (server, command):
        await each.close()


async def test_what_changed_is_kept_with_the_snapshot_and_meets_the_terms_and_questions_that_read_it(
    engine: AsyncEngine, folder: Path
) -> None:
    catalogs = opened(engine, folder, "shop")
    await catalogs.catalog("acme")
    await asked(engine, "r1", "Customers per country?", "SELECT country, count(*) FROM customers GROUP BY 1")
    await asked(engine, "r2", "Names?", "SELECT name FROM customers")
    land = Term("country", "Country", "dimension", "approved", places=(Place("shop", "customers", "country"),))
    await SqlGlossaries(engine).put("acme", land, by="eva")
    run(folder / "shop.db", "DROP VIEW germans; ALTER TABLE customers RENAME COLUMN country TO land")
    report = await catalogs.scan("shop")
    assert [(change.what, change.place) for change in report.changes] == [
        (What.COLUMN_RENAMED, "customers.country"),
        (What.TABLE_DROPPED, "germans"),
    ]
    assert await catalogs.drift("shop") == report.changes
    affected = await catalogs.affected(report.changes)
    assert {change.place: [each.text for each in found] for change, found in affected.items()} == {
        "customers.country": ["Country", "Customers per country?"]
    }
    await catalogs.close()


async def test_any_two_kept_snapshots_can_be_compared(engine: AsyncEngine, folder: Path) -> None:
    catalogs = opened(engine, folder, "shop")
    first = (await catalogs.scan("shop")).snapshot
    for name in ("a", "b"):
        run(folder / "shop.db", f"CREATE TABLE {name} (id INTEGER)")
        await catalogs.scan("shop")
    assert [change.table for change in await catalogs.drift("shop")] == ["b"]
    assert [change.table for change in await catalogs.drift("shop", first)] == ["a", "b"]
    assert not (await catalogs.scan("shop")).changed
    assert len(await catalogs.history("shop")) == 3
    with pytest.raises(Refused):
        await catalogs.drift("shop", "nothing")
    await catalogs.close()


async def test_the_oldest_snapshots_go_with_the_tables_that_only_they_had(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "KEPT", 3)
    snapshots = SqlSnapshots(engine, "acme")
    same = Table("shop", "same", (Column("id", DataType.INTEGER),))
    for at in range(6):
        tables = (same, Table("shop", f"t{at}", ()))
        await snapshots.keep("shop", "sqlite", f"v{at}", tables, ())
    kept = await snapshots.of("shop")
    assert [each.version for each in kept] == ["v5", "v4", "v3"]
    assert len(await snapshots._stored("shop")) == 4
    assert await snapshots.tables(kept[-1]) == (same, Table("shop", "t3", ()))


async def test_a_source_that_is_away_keeps_what_was_known(engine: AsyncEngine, folder: Path) -> None:
    first = opened(engine, folder)
    before = await first.catalog("acme")
    await first.close()
    (folder / "shop.db").unlink()
    second = opened(engine, folder)
    assert await second.catalog("acme") == before
    with pytest.raises(SourceUnavailable):
        await second.scan("shop")
    assert (await second.kept("shop")) == tuple(before.of("shop"))
    await second.close()


async def test_the_ledger_keeps_replaces_and_forgets(engine: AsyncEngine) -> None:
    ledger, other = SqlLedger(engine, "acme", "shop"), SqlLedger(engine, "other", "shop")
    body = pack(Table("shop", "näme", (Column("x", DataType.NUMBER, mean=0.1, counts=(2,), values=("a",)),)))
    one = Entry(("", "a"), "s", "1", body, "2025-01-01T00:00:00+00:00", 5_000_000_000)
    two = Entry(("main", "b"), "s", "1", body, "2025-01-01T00:00:00+00:00", 1)
    await ledger.keep((one, two))
    await ledger.keep((one,))
    assert await ledger.entries() == {one.place: one, two.place: two}
    assert await other.entries() == {}
    assert unpack(body).digest == unpack(body, unpack(body).digest).digest
    await ledger.finish([("", "a")])
    assert [(entry.place, entry.open) for entry in (await ledger.entries()).values()] == [(("", "a"), False)]


async def asked(engine: AsyncEngine, id: str, text: str, sql: str) -> None:
    runs = SqlRuns(engine)
    place = ConversationRef("api", "default", "ada", id, personal=True)
    await runs.begin(Run(id, "acme", place, Principal("ada", "acme", "Ada"), text))
    memory: JsonObject = {"history": [{"sql": sql, "source": "shop"}]}
    await runs.finish(id, "completed", Card((Text("Done."),)), memory)
