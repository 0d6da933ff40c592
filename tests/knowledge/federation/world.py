"""Three small sources with awkward values, and one DuckDB that has all of it."""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import psycopg

from knowledge.catalog.model import Catalog
from knowledge.catalog.scan import scan
from knowledge.federation import DirectEngine
from knowledge.federation.workbench import Bounds
from knowledge.sources.port import Source
from knowledge.sources.registry import open_source
from tests.fakes.sources import GivenSources
from tests.postgres import postgres_server, why_not

PEOPLE: list[tuple[Any, ...]] = [
    (1, "Ann", "Oslo", date(1990, 1, 31), 3, True),
    (2, "ann", "oslo", date(1991, 2, 28), None, False),
    (3, "Bob ", "Lyon", None, 7, True),
    (4, "Bob", None, date(1988, 12, 31), 7, None),
    (5, "Åse", "Berlin", date(2000, 2, 29), 0, False),
    (6, "100%", "Lyon", date(1990, 1, 31), -2, True),
    (7, "a_b", "", date(1999, 6, 15), 3, False),
    (8, "O'Hara", "Oslo", date(1975, 7, 1), None, True),
]
VISITS: list[tuple[Any, ...]] = [
    (number, None if number % 7 == 0 else number % 10, date(2024, 1 + number % 12, 1 + number % 28),
     Decimal(number * 25 - 100) / 100, ("Home", "home", "Bob", None, "Ann")[number % 5])
    for number in range(1, 25)
]  # fmt: skip
ORDERS: list[tuple[Any, ...]] = [
    (number, None if number % 5 == 0 else 1 + number % 9, ("open", "Open", "paid", None)[number % 4],
     None if number % 6 == 0 else Decimal(number * 75) / 100, date(2024, 1 + number % 6, 2), number % 2 == 0)
    for number in range(1, 21)
]  # fmt: skip

_DDL = {
    "people": "(id INTEGER PRIMARY KEY, name VARCHAR(20), city VARCHAR(20), born DATE, score INTEGER, member BOOLEAN)",
    "visits": "(id INTEGER, person INTEGER, day DATE, amount DECIMAL(8,2), page VARCHAR(20))",
    "orders": "(id INTEGER PRIMARY KEY, person INTEGER, status VARCHAR(20), total DECIMAL(8,2), placed DATE, "
    "paid BOOLEAN)",
}
ROWS = {"people": PEOPLE, "visits": VISITS, "orders": ORDERS}
HOMES = {"people": "lite", "visits": "lake", "orders": "sales"}


def reference() -> duckdb.DuckDBPyConnection:
    """One database in which a query over the sources means what it says."""
    database = duckdb.connect()
    for table, home in HOMES.items():
        database.execute(f"CREATE SCHEMA {home}")
        database.execute(f"CREATE TABLE {home}.{table} {_DDL[table]}")
        marks = ", ".join("?" * len(ROWS[table][0]))
        database.executemany(f"INSERT INTO {home}.{table} VALUES ({marks})", ROWS[table])
    return database


@contextmanager
def addresses(folder: Path, database: duckdb.DuckDBPyConnection) -> Iterator[dict[str, str]]:
    """The sources' addresses: SQLite, Parquet, and PostgreSQL where it can be had, else SQLite again."""
    lite, lake = folder / "lite.sqlite", folder / "lake"
    lake.mkdir()
    database.execute(f"COPY lake.visits TO '{lake}/visits.parquet' (FORMAT parquet)")
    _write_sqlite(lite, "people")
    with ExitStack() as stack:
        sales = str(folder / "sales.sqlite")
        if why_not():
            _write_sqlite(Path(sales), "orders")
        else:
            sales = stack.enter_context(postgres_server())
            with psycopg.connect(sales, autocommit=True) as server, server.cursor() as cursor:
                cursor.execute(f"CREATE TABLE orders {_DDL['orders']}".encode())
                cursor.executemany("INSERT INTO orders VALUES (%s, %s, %s, %s, %s, %s)", ORDERS)
        yield {"lite": str(lite), "lake": str(lake), "sales": sales}


def _write_sqlite(path: Path, table: str) -> None:
    rows = [tuple(_plain(value) for value in row) for row in ROWS[table]]
    with closing(sqlite3.connect(path)) as lite:
        lite.execute(f"CREATE TABLE {table} {_DDL[table]}")
        lite.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)
        lite.commit()


def _plain(value: object) -> object:
    match value:
        case date():
            return value.isoformat()
        case Decimal():
            return float(value)
        case _:
            return value


async def federated(places: dict[str, str]) -> tuple[DirectEngine, tuple[Source, ...]]:
    """An engine over the sources, scanned."""
    sources = tuple(open_source(address, name) for name, address in places.items())
    tables = [table for source in sources for table in await scan(source)]
    catalog = Catalog(tuple(tables), {source.name: source.dialect for source in sources})
    return DirectEngine(GivenSources(catalog, *sources), bounds=Bounds(worth=0)), sources
