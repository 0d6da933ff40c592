"""Three sources that point at each other: the demo warehouse, its web analytics, and a support desk."""

import asyncio
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

import duckdb
import pyarrow as pa

from knowledge.catalog.model import Catalog, Column, DataType, ForeignKey, Table
from knowledge.catalog.scan import scan
from knowledge.demo import make_demo
from knowledge.demo.people import CUSTOMERS
from knowledge.demo.words import COUNTRIES
from knowledge.sources.files import FilesSource
from knowledge.sources.sqlite import SqliteSource
from knowledge.translation import RuleTranslator
from knowledge.translation.model import Context, Exchange, Translation

TODAY = date(2026, 11, 21)
KEYS = (
    ("web", "sessions", "user_id", "warehouse", "customers", "customer_id"),
    ("web", "sessions", "country_code", "warehouse", "countries", "code"),
    ("web", "page_views", "sku", "warehouse", "products", "sku"),
    ("support", "tickets", "customer_id", "warehouse", "customers", "customer_id"),
    ("support", "tickets", "order_id", "warehouse", "orders", "order_id"),
    ("support", "targets", "country_code", "warehouse", "countries", "code"),
)
_TYPES = {DataType.DATE: pa.date32(), DataType.TIMESTAMP: pa.timestamp("us"), DataType.BOOLEAN: pa.bool_()}

Rows = list[tuple[object, ...]]


@dataclass(frozen=True)
class Several:
    """One DuckDB in which each source is a database, and the catalog of all three with the keys between them."""

    database: duckdb.DuckDBPyConnection
    catalog: Catalog

    def ask(self, question: str, *history: Exchange, choices: Mapping[str, str] | None = None) -> Translation:
        """Translate a question about everything."""
        return RuleTranslator().translate(question, self.catalog, Context(TODAY, history, choices or {}))

    def rows(self, sql: str) -> Rows:
        """The rows of a query over several sources."""
        return self.database.execute(sql).fetchall()


def write_several(folder: Path) -> Several:
    """Make the demo data, scan it, and put all of it into one database."""
    paths = make_demo(folder, today=TODAY)
    database = duckdb.connect()
    tables = asyncio.run(_scanned(paths.warehouse, paths.web))
    for source in ("warehouse", "web", "support"):
        database.execute(f"ATTACH ':memory:' AS {source}")
    with closing(sqlite3.connect(paths.warehouse)) as warehouse:
        for table in (table for table in tables if table.source == "warehouse"):
            _put(database, table, warehouse.execute(f"SELECT * FROM {table.name}").fetchall())
    for name, files in (("sessions", "sessions/*"), ("page_views", "page_views/*"), ("campaigns", "campaigns")):
        database.execute(f"CREATE TABLE web.{name} AS FROM '{paths.web}/{files}.parquet'")
    for table, rows in _support(Random(5)):
        tables = (*tables, table)
        _put(database, table, rows)
    dialects = {"warehouse": "sqlite", "web": "duckdb", "support": "postgres"}
    return Several(database, Catalog(tuple(map(_keyed, tables)), dialects))


async def _scanned(warehouse: Path, web: Path) -> tuple[Table, ...]:
    shop, files = SqliteSource("warehouse", warehouse), FilesSource("web", web)
    try:
        return (*await scan(shop), *await scan(files))
    finally:
        await shop.close()
        await files.close()


def _keyed(table: Table) -> Table:
    found = [
        ForeignKey((column,), target, (key,), declared=False, evidence="values", source=away)
        for source, name, column, away, target, key in KEYS
        if (source, name) == (table.source, table.name)
    ]
    return replace(table, keys=(*table.keys, *found))


def _put(database: duckdb.DuckDBPyConnection, table: Table, rows: Rows) -> None:
    made = {}
    for column, values in zip(table.columns, zip(*rows, strict=True), strict=True):
        kind = _TYPES.get(column.type)
        texts = pa.array(values, pa.string()) if kind and isinstance(values[0], str) else None
        made[column.name] = pa.array(values) if texts is None else texts.cast(kind)
    database.register("rows_to_put", pa.table(made))
    database.execute(f"CREATE TABLE {table.source}.{table.name} AS FROM rows_to_put")
    database.unregister("rows_to_put")


def _support(rng: Random) -> list[tuple[Table, Rows]]:
    teams = ("Billing", "Delivery", "Technical")
    agents: Rows = [(at, f"Agent {at}", teams[at % 3]) for at in range(1, 13)]
    tickets: Rows = []
    for at in range(1, 3001):
        opened = datetime(2026, 11, 20, 18) - timedelta(minutes=rng.randrange(60 * 24 * 700))
        topic = rng.choice(("late parcel", "invoice error", "damaged goods", "login"))
        priority = rng.choice(("urgent", "normal", "low"))
        order = rng.randint(1, 40_000) if topic != "login" else None
        score = rng.randint(1, 5) if rng.random() < 0.6 else None
        tickets.append((at, rng.randint(1, CUSTOMERS), order, rng.randint(1, 12), opened, topic, priority, score))
    targets: Rows = [(c[1], year, float(rng.randint(20, 90) * 1000)) for c in COUNTRIES for year in (2025, 2026)]
    return [
        (_agents(agents), agents),
        (_tickets(tickets), tickets),
        (_targets(targets), targets),
    ]


def _column(name: str, kind: DataType, rows: Rows, at: int) -> Column:
    values = [str(row[at]) for row in rows if row[at] is not None]
    distinct = list(dict.fromkeys(values))
    shown = tuple(distinct[:50]) if kind is DataType.TEXT else ()
    return Column(name, kind, distinct=len(distinct), nulls=len(rows) - len(values), values=shown)


def _agents(rows: Rows) -> Table:
    names = {"agent_id": DataType.INTEGER, "name": DataType.TEXT, "team": DataType.TEXT}
    columns = tuple(_column(name, kind, rows, at) for at, (name, kind) in enumerate(names.items()))
    return Table("support", "agents", columns, primary_key=("agent_id",), rows=len(rows))


def _tickets(rows: Rows) -> Table:
    names = {
        "ticket_id": DataType.INTEGER, "customer_id": DataType.INTEGER, "order_id": DataType.INTEGER,
        "agent_id": DataType.INTEGER, "opened_at": DataType.TIMESTAMP, "topic": DataType.TEXT,
        "priority": DataType.TEXT, "satisfaction": DataType.INTEGER,
    }  # fmt: skip
    columns = tuple(_column(name, kind, rows, at) for at, (name, kind) in enumerate(names.items()))
    key = ForeignKey(("agent_id",), "agents", ("agent_id",))
    return Table("support", "tickets", columns, primary_key=("ticket_id",), keys=(key,), rows=len(rows))


def _targets(rows: Rows) -> Table:
    names = {"country_code": DataType.TEXT, "year": DataType.INTEGER, "amount": DataType.NUMBER}
    columns = tuple(_column(name, kind, rows, at) for at, (name, kind) in enumerate(names.items()))
    return Table("support", "targets", columns, primary_key=("country_code", "year"), rows=len(rows))
