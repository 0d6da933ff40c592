"""One million rows from PostgreSQL and from MariaDB, by every direct path and by ours, side by side in one run.

`python -m bench.fetch [--quick] [--rows N] [--rounds N]`

Each round runs every path once, so that other work on the machine falls on all of them alike; the best and the median
of the rounds are given. “ours” is `Source.execute`: a read-only transaction, a limit kept by the server, rows metered
and streamed, plain Arrow types. Direct paths only fetch. SQLAlchemy gives Python rows and pandas a frame; the others
Arrow. ADBC leaves numbers as text, ConnectorX makes every number one of ten decimals.
"""

import argparse
import asyncio
import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import connectorx
import pandas
import psycopg
import pyarrow as pa
import pymysql
import sqlalchemy
from adbc_driver_postgresql import dbapi  # type: ignore[import-untyped]
from rich.console import Console
from rich.table import Table

from knowledge.sources.port import Limits
from knowledge.sources.registry import open_source
from tests.mariadb import mariadb_server
from tests.postgres import postgres_server

RESULTS = Path(__file__).parent / "results" / "fetch.json"
BAR = 1.15
ALL = "SELECT * FROM facts"
NO_LIMITS = Limits(rows=10**9, seconds=3_600, bytes=2**40)

Paths = Mapping[str, Callable[[], int]]

_POSTGRES = """
CREATE TABLE facts AS SELECT n::int8 AS id, (n % 1000)::int4 AS customer, 'name ' || n AS name,
  (n / 7.0)::numeric(12, 2) AS amount, (n / 3.0)::float8 AS ratio,
  timestamp '2025-01-01' + n * interval '1 minute' AS at,
  date '2020-01-01' + (n % 2000)::int AS day, n % 2 = 0 AS paid FROM generate_series(1, {rows}) n
"""
_MARIADB = """
CREATE TABLE facts AS SELECT CAST(seq AS int) AS id, CAST(seq % 1000 AS int) AS customer, concat('name ', seq) AS name,
  CAST(seq / 7.0 AS decimal(12, 2)) AS amount, seq / 3e0 AS ratio, timestamp('2025-01-01') + INTERVAL seq MINUTE AS at,
  date('2020-01-01') + INTERVAL seq % 2000 DAY AS day, seq % 2 = 0 AS paid FROM seq_1_to_{rows}
"""


def ours(address: str) -> int:
    """Rows by `Source.execute`, as one Arrow table."""

    async def fetch() -> int:
        source = open_source(address, "facts")
        try:
            batches = [batch async for batch in source.execute(ALL, NO_LIMITS)]
            return int(pa.Table.from_batches(batches).num_rows)
        finally:
            await source.close()

    return asyncio.run(fetch())


def adbc(address: str) -> int:
    """Rows by ADBC's own cursor."""
    with dbapi.connect(address) as connection, connection.cursor() as cursor:
        cursor.execute(ALL)
        return int(cursor.fetch_arrow_table().num_rows)


def connector_x(address: str, protocol: str) -> int:
    """Rows by ConnectorX."""
    read: Any = connectorx.read_sql
    return int(read(address, ALL, return_type="arrow", protocol=protocol).num_rows)


def rows_of(address: str) -> int:
    """Rows by SQLAlchemy, as Python rows."""
    engine = sqlalchemy.create_engine(address)
    with engine.connect() as connection:
        return len(connection.execute(sqlalchemy.text(ALL)).all())


def frame(address: str) -> int:
    """Rows by pandas over SQLAlchemy."""
    engine = sqlalchemy.create_engine(address)
    with engine.connect() as connection:
        return len(pandas.read_sql(sqlalchemy.text(ALL), connection))


def cursor_rows(address: str) -> int:
    """Rows by PyMySQL's unbuffered cursor."""
    with closing(_connected(address)) as connection, connection.cursor(pymysql.cursors.SSCursor) as cursor:
        cursor.execute(ALL)
        return sum(1 for _ in cursor.fetchall_unbuffered())


def measure(paths: Paths, rows: int, rounds: int) -> dict[str, list[float]]:
    """Seconds of each path in each round, after one that warms up."""
    took: dict[str, list[float]] = {name: [] for name in paths}
    for number in range(rounds + 1):
        for name, path in paths.items():
            began = time.perf_counter()
            assert path() == rows, name
            if number:
                took[name].append(time.perf_counter() - began)
    return took


def of_postgres(rows: int, rounds: int) -> dict[str, list[float]]:
    """All paths to PostgreSQL."""
    with postgres_server() as address:
        with psycopg.connect(address, autocommit=True) as database:
            database.execute(_POSTGRES.format(rows=rows).encode())
            database.execute("VACUUM ANALYZE facts")
        alchemy = address.replace("postgresql://", "postgresql+psycopg://")
        paths: Paths = {
            "ours": lambda: ours(address),
            "ADBC": lambda: adbc(address),
            "ConnectorX, binary": lambda: connector_x(address, "binary"),
            "ConnectorX, cursor": lambda: connector_x(address, "cursor"),
            "SQLAlchemy rows": lambda: rows_of(alchemy),
            "pandas.read_sql": lambda: frame(alchemy),
        }
        return measure(paths, rows, rounds)


def of_mariadb(rows: int, rounds: int) -> dict[str, list[float]]:
    """All paths to MariaDB."""
    with mariadb_server() as address:
        with closing(_connected(address)) as connection:
            connection.cursor().execute(_MARIADB.format(rows=rows))
            connection.cursor().execute("ANALYZE TABLE facts")
        paths: Paths = {
            "ours": lambda: ours(address),
            "ConnectorX, binary": lambda: connector_x(address, "binary"),
            "ConnectorX, text": lambda: connector_x(address, "text"),
            "PyMySQL rows": lambda: cursor_rows(address),
        }
        return measure(paths, rows, rounds)


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--quick", action="store_true")
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--rounds", type=int, default=5)
    given = arguments.parse_args()
    rows, rounds = (100_000, 2) if given.quick else (given.rows, given.rounds)
    found = {"PostgreSQL": of_postgres(rows, rounds), "MariaDB": of_mariadb(rows, rounds)}
    table = Table("server", "path", "best s", "median s", "× fastest direct", title=f"{rows:,} rows of 8 columns")
    lines = [line for server, took in found.items() for line in _lines(server, took)]
    for line in lines:
        table.add_row(*(f"{value:.2f}" if isinstance(value, float) else str(value) for value in line.values()))
    Console().print(table)
    ratio = next(line["ratio"] for line in lines if line["server"] == "PostgreSQL" and line["path"] == "ours")
    record = {
        "bench": "fetch",
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "rows": rows,
        "rounds": rounds,
        "paths": [{k: round(v, 3) if isinstance(v, float) else v for k, v in line.items()} for line in lines],
        "bar": {"ratio": BAR},
        "met": float(ratio) <= BAR,
    }
    if not given.quick:
        RESULTS.write_text(json.dumps(record, indent=1) + "\n")
    print(json.dumps(record))


def _lines(server: str, took: Mapping[str, list[float]]) -> list[dict[str, Any]]:
    fastest = min(min(times) for name, times in took.items() if name != "ours")
    return [
        {"server": server, "path": name, "best_s": min(times), "median_s": statistics.median(times),
         "ratio": min(times) / fastest}
        for name, times in took.items()
    ]  # fmt: skip


def _connected(address: str) -> "pymysql.connections.Connection[Any]":
    at = urlsplit(address)
    return pymysql.connect(
        host=str(at.hostname),
        port=at.port or 3306,
        user=at.username,
        password=at.password or "",
        database=at.path[1:],
        autocommit=True,
    )


if __name__ == "__main__":
    main()
