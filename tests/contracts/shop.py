"""The same two tables in every kind of source: people, and the visits they made."""

import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import duckdb
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pymysql

CITIES = ("Berlin", "Lyon", "Oslo", None)
PEOPLE: list[tuple[object, ...]] = [
    (
        number,
        f"Person {number}",
        CITIES[number % 4],
        date(1970, 1, 1) + timedelta(days=37 * number),
        number / 4,
        number % 3 == 0,
    )
    for number in range(1, 201)
]
VISITS: list[tuple[object, ...]] = [
    (number, number % 200 + 1, datetime(2025, 1, 1) + timedelta(minutes=97 * number), number % 13)
    for number in range(1, 3_001)
]

_DDL = """
CREATE TABLE people ( -- People who came
  person_id INTEGER PRIMARY KEY,
  name VARCHAR(80) NOT NULL,
  city TEXT, -- Where they live
  born DATE NOT NULL,
  weight {real}, -- Weight of the person [kg]
  is_member BOOLEAN NOT NULL
);
CREATE TABLE visits (
  visit_id INTEGER PRIMARY KEY,
  person_id INTEGER NOT NULL REFERENCES people(person_id),
  visited_at TIMESTAMP NOT NULL,
  pages INTEGER NOT NULL
);
"""


def write_sqlite(path: Path) -> None:
    """As a SQLite file."""
    with closing(sqlite3.connect(path)) as database:
        database.executescript(_DDL.format(real="REAL"))
        database.executemany("INSERT INTO people VALUES (?, ?, ?, ?, ?, ?)", _texts(PEOPLE))
        database.executemany("INSERT INTO visits VALUES (?, ?, ?, ?)", _texts(VISITS))
        database.commit()


def write_duckdb(path: Path) -> None:
    """As a DuckDB file."""
    with closing(duckdb.connect(path)) as database:
        for statement in _DDL.format(real="DOUBLE").split(";"):
            database.execute(statement)
        for table, rows in (("people", PEOPLE), ("visits", VISITS)):
            database.register("given", _arrow(rows, [f"c{at}" for at in range(len(rows[0]))]))
            database.execute(f"INSERT INTO {table} SELECT * FROM given")
        database.execute("COMMENT ON COLUMN people.city IS 'Where they live'")
        database.execute("COMMENT ON COLUMN people.weight IS 'Weight of the person [kg]'")


def write_files(folder: Path) -> None:
    """As a Parquet file, and a folder of two."""
    comments = {"city": "Where they live", "weight": "Weight of the person [kg]"}
    people = _arrow(PEOPLE, ("person_id", "name", "city", "born", "weight", "is_member"))
    fields = [
        field.with_metadata({"comment": comments[field.name]}) if field.name in comments else field
        for field in people.schema
    ]
    pq.write_table(people.cast(pa.schema(fields)), folder / "people.parquet")
    (folder / "visits").mkdir()
    visits = _arrow(VISITS, ("visit_id", "person_id", "visited_at", "pages"))
    pq.write_table(visits.slice(0, 1_000), folder / "visits" / "a.parquet")
    pq.write_table(visits.slice(1_000), folder / "visits" / "b.parquet")


def write_postgres(address: str) -> None:
    """As a database, with comments and with more that a role finds there."""
    with psycopg.connect(address, autocommit=True) as database:
        database.execute(_DDL.format(real="numeric(8, 2)"))
        database.execute("COMMENT ON COLUMN people.city IS 'Where they live'")
        database.execute("COMMENT ON COLUMN people.weight IS 'Weight of the person [kg]'")
        database.execute("COMMENT ON TABLE people IS 'People who came'")
        with database.cursor() as cursor:
            cursor.executemany("INSERT INTO people VALUES (%s, %s, %s, %s, %s, %s)", PEOPLE)
            cursor.executemany("INSERT INTO visits VALUES (%s, %s, %s, %s)", VISITS)
        database.execute("ANALYZE")


def write_mariadb(address: str) -> None:
    """As a database, with comments."""
    at = urlsplit(address)
    with closing(
        pymysql.connect(
            host=str(at.hostname),
            port=at.port or 3306,
            user=at.username,
            password=at.password or "",
            database=at.path[1:],
            autocommit=True,
        )
    ) as database:
        cursor = database.cursor()
        ddl = _DDL.format(real="decimal(8, 2) COMMENT 'Weight of the person [kg]'").replace("TIMESTAMP", "DATETIME")
        ddl = ddl.replace("city TEXT", "city TEXT COMMENT 'Where they live'")
        ddl = re.sub(r"--.*", "", ddl)
        for statement in ddl.split(";")[:2]:
            cursor.execute(statement)
        cursor.execute("ALTER TABLE people COMMENT 'People who came'")
        cursor.executemany("INSERT INTO people VALUES (%s, %s, %s, %s, %s, %s)", PEOPLE)
        cursor.executemany("INSERT INTO visits VALUES (%s, %s, %s, %s)", VISITS)
        cursor.execute("ANALYZE TABLE people, visits")


def _texts(rows: Sequence[tuple[object, ...]]) -> list[tuple[object, ...]]:
    return [
        tuple(value.isoformat(" ") if isinstance(value, datetime) else str(value) if isinstance(value, date) else value
              for value in row)
        for row in rows
    ]  # fmt: skip


def _arrow(rows: Sequence[tuple[object, ...]], names: Sequence[str]) -> pa.Table:
    return pa.table(dict(zip(names, (list(column) for column in zip(*rows, strict=True)), strict=True)))
