"""TPC-H spread over PostgreSQL, MariaDB and a folder of Parquet, as three sources with their catalog."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import duckdb
import psycopg
import pymysql

from bench.tpch.generate import KEYS
from knowledge.catalog.model import Catalog
from knowledge.catalog.scan import scan
from knowledge.sources.port import Source
from knowledge.sources.registry import open_source

HOMES = {
    "customer": "sales",
    "orders": "sales",
    "part": "stock",
    "supplier": "stock",
    "partsupp": "stock",
    "lineitem": "lake",
    "nation": "lake",
    "region": "lake",
}
_TEXT = {"BIGINT": "BIGINT", "DATE": "DATE", "DECIMAL(15,2)": "DECIMAL(15,2)", "VARCHAR": "VARCHAR(152)"}


def of(source: str) -> list[str]:
    """The tables that are at home in a source."""
    return [table for table, home in HOMES.items() if home == source]


def write_parquet(database: duckdb.DuckDBPyConnection, folder: Path, tables: Sequence[str]) -> None:
    """Each table as one file."""
    for table in tables:
        database.execute(f"COPY {table} TO '{folder / table}.parquet' (FORMAT parquet)")


def write_postgres(database: duckdb.DuckDBPyConnection, address: str, tables: Sequence[str]) -> None:
    """Tables with primary keys, and an index on what the tables are joined by."""
    with psycopg.connect(address, autocommit=True) as server, tempfile.TemporaryDirectory() as folder:
        for table in tables:
            server.execute(_ddl(database, table).encode())
            file = Path(folder) / f"{table}.csv"
            database.execute(f"COPY {table} TO '{file}' (FORMAT csv, HEADER false)")
            with (
                server.cursor() as cursor,
                file.open("rb") as rows,
                cursor.copy(f"COPY {table} FROM STDIN CSV") as copy,
            ):
                while chunk := rows.read(1 << 20):
                    copy.write(chunk)
        if "orders" in tables:
            server.execute("CREATE INDEX ON orders (o_custkey)")
        server.execute("ANALYZE")


def write_mariadb(database: duckdb.DuckDBPyConnection, address: str, tables: Sequence[str]) -> None:
    """Tables with primary keys."""
    parts = urlsplit(address)
    server = pymysql.connect(
        host=parts.hostname,
        port=parts.port or 3306,
        user=parts.username,
        password=parts.password or "",
        database=parts.path.strip("/"),
        local_infile=True,
        charset="utf8mb4",
    )
    with server, server.cursor() as cursor, tempfile.TemporaryDirectory() as folder:
        for table in tables:
            cursor.execute(_ddl(database, table))
            file = Path(folder) / f"{table}.csv"
            database.execute(f"COPY {table} TO '{file}' (FORMAT csv, HEADER false)")
            cursor.execute(
                f"LOAD DATA LOCAL INFILE '{file}' INTO TABLE {table} CHARACTER SET utf8mb4 "
                "FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '\"'"
            )
            server.commit()
            cursor.execute(f"ANALYZE TABLE {table}")


async def opened(postgres: str, mariadb: str, folder: Path) -> tuple[Catalog, tuple[Source, ...]]:
    """The three sources, scanned."""
    sources = (
        open_source(postgres, "sales"),
        open_source(mariadb, "stock"),
        open_source(str(folder), "lake"),
    )
    tables = [table for source in sources for table in await scan(source)]
    return Catalog(tuple(tables), {source.name: source.dialect for source in sources}), sources


def _ddl(database: duckdb.DuckDBPyConnection, table: str) -> str:
    columns = database.execute(f"DESCRIBE {table}").fetchall()
    typed = ", ".join(f"{name} {_TEXT[kind]} NOT NULL" for name, kind, *_ in columns)
    return f"CREATE TABLE {table} ({typed}, PRIMARY KEY ({', '.join(KEYS[table])}))"
