"""The types of SQLite and of DuckDB against the databases themselves."""

import sqlite3
from contextlib import closing
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from knowledge.catalog.types import from_native
from knowledge.sources.registry import open_source
from knowledge.sources.types.duckdb import DUCKDB
from knowledge.sources.types.sqlite import SQLITE
from tests.knowledge.sources.relational.asking import cell, table

MICRO = pa.timestamp("us")

IN_DUCKDB: list[tuple[str, pa.DataType, Any]] = [
    ("1::TINYINT", pa.int8(), 1),
    ("255::UTINYINT", pa.uint8(), 255),
    ("18446744073709551615::UBIGINT", pa.uint64(), 2**64 - 1),
    ("sum(5::BIGINT)", pa.int64(), 5),
    ("1.50::DECIMAL(12,2)", pa.decimal128(12, 2), Decimal("1.50")),
    ("1.5::FLOAT", pa.float32(), 1.5),
    ("1.5::DOUBLE", pa.float64(), 1.5),
    ("true", pa.bool_(), True),
    ("DATE '2025-02-28'", pa.date32(), date(2025, 2, 28)),
    ("TIMESTAMP '2025-02-28 10:11:12.123456'", MICRO, datetime(2025, 2, 28, 10, 11, 12, 123456)),
    ("TIME '10:11:12'", pa.time64("us"), time(10, 11, 12)),
    ("INTERVAL '1 month 2 days'", pa.month_day_nano_interval(), pa.MonthDayNano([1, 2, 0])),
    ("'Grüße 👋'", pa.string(), "Grüße 👋"),
    ("'\\x00\\xFF'::BLOB", pa.binary(), b"\x00\xff"),
    ("[1, 2, NULL]", pa.list_(pa.int32()), [1, 2, None]),
    ("NULL::DECIMAL(12,2)", pa.decimal128(12, 2), None),
]

IN_SQLITE: list[tuple[str, object, pa.DataType, Any]] = [
    ("INTEGER", 2**63 - 1, pa.int64(), 2**63 - 1),
    ("REAL", 1.5, pa.float64(), 1.5),
    ("DECIMAL(12,2)", 1.25, pa.float64(), 1.25),
    ("TEXT", "Grüße 👋", pa.string(), "Grüße 👋"),
    ("BLOB", b"\x00\xff", pa.binary(), b"\x00\xff"),
    ("DATE", "2025-02-28", pa.date32(), date(2025, 2, 28)),
    ("DATETIME", "2025-02-28 10:11:12", MICRO, datetime(2025, 2, 28, 10, 11, 12)),
    ("BOOLEAN", 1, pa.int64(), 1),
    ("VARCHAR(20)", "x", pa.string(), "x"),
]


@pytest.mark.parametrize(("sql", "kind", "value"), IN_DUCKDB)
async def test_a_value_of_duckdb_arrives_as_what_it_is(
    tmp_path: Path, sql: str, kind: pa.DataType, value: object
) -> None:
    (tmp_path / "one.csv").write_text("a\n1\n")
    source = open_source(str(tmp_path), "files")
    assert await cell(source, sql) == (kind, value)
    await source.close()
    with duckdb.connect() as database:
        ((_, native, *_),) = database.execute(f"DESCRIBE SELECT {sql} AS x").fetchall()
    assert DUCKDB.arrow(native) == kind
    assert DUCKDB.holds(native) is from_native(native)


@pytest.mark.parametrize(("native", "given", "kind", "value"), IN_SQLITE)
async def test_a_value_of_sqlite_arrives_as_what_it_is(
    tmp_path: Path, native: str, given: object, kind: pa.DataType, value: object
) -> None:
    path = tmp_path / "held.sqlite"
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"CREATE TABLE held (x {native})")
        database.execute("INSERT INTO held VALUES (?)", (given,))
        database.commit()
    source = open_source(str(path), "held")
    found = await table(source, "SELECT x FROM held")
    assert found.schema.field("x").type == kind == SQLITE.arrow(native)
    assert found.column("x").to_pylist() == [value]
    (held,) = await source.introspect()
    assert held.columns[0].type is SQLITE.holds(native)
    await source.close()


async def test_a_view_of_sqlite_says_that_it_is_one_and_how_it_was_made(tmp_path: Path) -> None:
    path = tmp_path / "held.sqlite"
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE held (x INTEGER)")
        database.execute("CREATE VIEW shown AS SELECT x FROM held")
    source = open_source(str(path), "held")
    held, shown = await source.introspect()
    assert (held.kind, held.definition) == ("table", "")
    assert (shown.kind, shown.definition) == ("view", "CREATE VIEW shown AS SELECT x FROM held")
    await source.close()
