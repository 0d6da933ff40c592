"""A small shop with rules, wholly in SQLite or DuckDB, and the same shop as a restricted person should see it."""

import hashlib
import sqlite3
from collections.abc import Mapping
from typing import Any, TypeAlias

import duckdb
import sqlglot
from sqlglot import exp

from knowledge.catalog.model import Catalog, Column, DataType, Table
from knowledge.guard import guard, render, tables_of
from knowledge.policy import Key, Mask, Masking, TableRules, apply, key_of

SALT = "a-test-salt"
SECRET = "sesame-7741"
"""Stands only in rows and columns that may not be seen."""

Row: TypeAlias = tuple[Any, ...]
HELD = "held-3390"
"""The value behind a hash that may be seen."""

_T = DataType
CUSTOMERS = Table(
    "shop",
    "customers",
    (
        Column("id", _T.INTEGER),
        Column("name", _T.TEXT),
        Column("email", _T.TEXT, tags=("pii:email",)),
        Column("age", _T.INTEGER),
        Column("phone", _T.TEXT),
        Column("joined", _T.DATE),
        Column("region", _T.TEXT),
        Column("note", _T.TEXT),
        Column("pin", _T.TEXT),
    ),
    primary_key=("id",),
)
ORDERS = Table(
    "shop",
    "orders",
    (
        Column("id", _T.INTEGER),
        Column("customer_id", _T.INTEGER),
        Column("total", _T.INTEGER),
        Column("region", _T.TEXT),
        Column("email", _T.TEXT, tags=("pii:email",)),
    ),
)
CITIES = Table("shop", "cities", (Column("region", _T.TEXT), Column("city", _T.TEXT), Column("size", _T.INTEGER)))
TABLES = (CUSTOMERS, ORDERS, CITIES)
RULES: Mapping[Key, TableRules] = {
    key_of(CUSTOMERS): TableRules(
        filters=("region = 'EU' OR region IS NULL", "age < 90"),
        masks={
            "email": Mask(Masking.HASH, salt=SALT),
            "phone": Mask(Masking.PARTIAL, keep=2),
            "age": Mask(Masking.GENERALISE, step="10"),
            "joined": Mask(Masking.GENERALISE, step="month"),
            "note": Mask(Masking.NULL),
        },
        hidden=frozenset(("pin",)),
        names=("Own region",),
    ),
    key_of(ORDERS): TableRules(
        filters=("region <> 'US'",), masks={"email": Mask(Masking.HASH, salt=SALT)}, names=("Own region",)
    ),
    key_of(CITIES): TableRules(),
}

_NAMES = ("Ada", "Bob", "Cleo", "Dan", "Eve", "Finn", "Gus", "Hal")
_REGIONS = ("EU", "US", None, "EU", "ASIA")


def customers() -> list[Row]:
    rows: list[Row] = [
        (
            number,
            _NAMES[number % 8],
            f"{_NAMES[number % 8].lower()}{number % 9}@x.org" if number % 7 else None,
            None if number % 11 == 0 else 18 + (number * 13) % 80,
            "0" * (number % 4) + str(number * 77),
            f"2024-{number % 12 + 1:02}-{number % 28 + 1:02}",
            _REGIONS[number % 5],
            f"note {number}",
            f"{SECRET}-{number}",
        )
        for number in range(1, 31)
    ]
    rows.append((31, SECRET, SECRET, 0, SECRET, "2024-05-05", "US", SECRET, SECRET))
    rows.append((32, "Zoe", HELD, 44, f"{SECRET}xx", "2024-05-06", "EU", SECRET, SECRET))
    return rows


def orders() -> list[Row]:
    rows: list[Row] = [
        (
            number,
            number % 35,
            (number * 37) % 50,
            ("EU", "US", "ASIA", None)[number % 4],
            f"{_NAMES[number % 8].lower()}{number % 9}@x.org",
        )
        for number in range(1, 61)
    ]
    rows.append((61, 31, 7741, "US", SECRET))
    return rows


CITY_ROWS: list[Row] = [("EU", "Oslo", 3), ("EU", "Lyon", 2), ("US", "Reno", 1), ("ASIA", "Ube", 5)]


def seen_customers() -> list[Row]:
    """What the rules leave of the customers, worked out without SQL."""
    return [
        (
            number,
            name,
            _hash(email),
            None if age is None else age // 10 * 10,
            f"***{phone[-2:]}" if len(phone) > 4 else "***",
            f"{joined[:7]}-01",
            region,
            None,
        )
        for number, name, email, age, phone, joined, region, _, _ in customers()
        if (region == "EU" or region is None) and age is not None and age < 90
    ]


def seen_orders() -> list[Row]:
    return [(*row[:4], _hash(row[4])) for row in orders() if row[3] is not None and row[3] != "US"]


def _hash(value: object) -> str | None:
    return None if value is None else hashlib.md5(f"{SALT}{value}".encode()).hexdigest()


def catalog(dialect: str) -> Catalog:
    return Catalog(TABLES, {"shop": dialect})


def seen_catalog(dialect: str) -> Catalog:
    """The catalog of the copy: what is hidden does not exist."""
    return Catalog(
        tuple(
            Table("shop", table.name, tuple(c for c in table.columns if c.name not in RULES[key_of(table)].hidden))
            for table in TABLES
        ),
        {"shop": dialect},
    )


def guarded(tree: exp.Expr, dialect: str, whole: Catalog | None = None, rows: int = 5_000) -> exp.Query:
    return guard(tree, catalog=whole or catalog(dialect), source="shop", rows=rows)


def rewritten(tree: exp.Expr, dialect: str, rules: Mapping[Key, TableRules] = RULES, rows: int = 5_000) -> str:
    """The SQL of a query as it would run for the restricted person."""
    whole = catalog(dialect)
    query = guarded(tree, dialect, whole, rows)
    tables = {key_of(table): table for table in tables_of(query, whole, "shop")}
    return render(apply(query, tables, rules, dialect), dialect)


def parsed(sql: str, dialect: str) -> exp.Expr:
    return sqlglot.parse_one(sql, read=dialect)


class Lite:
    """Two SQLite databases in memory: `full`, and `seen`, the copy."""

    dialect = "sqlite"
    error = sqlite3.Error

    def __init__(self) -> None:
        self.full = _lite([customers(), orders(), CITY_ROWS], TABLES)
        self.seen = _lite([seen_customers(), seen_orders(), CITY_ROWS], seen_catalog("sqlite").tables)

    def ask(self, sql: str, *, full: bool) -> list[Row]:
        return (self.full if full else self.seen).execute(sql).fetchall()

    def close(self) -> None:
        self.full.close()
        self.seen.close()


class Duck:
    """Two DuckDB databases in memory: `full`, and `seen`, the copy."""

    dialect = "duckdb"
    error = duckdb.Error

    def __init__(self) -> None:
        self.full = _duck([customers(), orders(), CITY_ROWS], TABLES)
        self.seen = _duck([seen_customers(), seen_orders(), CITY_ROWS], seen_catalog("duckdb").tables)

    def ask(self, sql: str, *, full: bool) -> list[Row]:
        return (self.full if full else self.seen).execute(sql).fetchall()

    def close(self) -> None:
        self.full.close()
        self.seen.close()


_NATIVE = {_T.INTEGER: "BIGINT", _T.TEXT: "VARCHAR", _T.DATE: "DATE"}


def _create(table: Table) -> str:
    return f"CREATE TABLE {table.name} ({', '.join(f'{c.name} {_NATIVE[c.type]}' for c in table.columns)})"


def _lite(rows: list[list[Row]], tables: tuple[Table, ...]) -> sqlite3.Connection:
    database = sqlite3.connect(":memory:")
    database.create_function(
        "md5", 1, lambda text: None if text is None else hashlib.md5(text.encode()).hexdigest(), deterministic=True
    )
    for table, some in zip(tables, rows, strict=True):
        database.execute(_create(table).replace(" DATE", " TEXT"))
        database.executemany(f"INSERT INTO {table.name} VALUES ({', '.join('?' * len(table.columns))})", some)
    return database


def _duck(rows: list[list[Row]], tables: tuple[Table, ...]) -> duckdb.DuckDBPyConnection:
    database = duckdb.connect(":memory:", config={"threads": 1})
    for table, some in zip(tables, rows, strict=True):
        database.execute(_create(table))
        database.executemany(f"INSERT INTO {table.name} VALUES ({', '.join('?' * len(table.columns))})", some)
    return database
