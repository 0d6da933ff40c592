"""MariaDB's types through a real server and back: each value arrives as what it is."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from knowledge.catalog.model import DataType
from knowledge.sources.port import Limits
from knowledge.sources.registry import open_source
from knowledge.sources.types.mysql import MYSQL
from tests.knowledge.sources.relational.asking import cell, say, table

pytestmark = pytest.mark.xdist_group("relational")

MICRO, INSTANT = pa.timestamp("us"), pa.timestamp("us", "UTC")
NOON, NOON_UTC = datetime(2025, 2, 28, 12, 0, 0, 1), datetime(2025, 2, 28, 12, tzinfo=UTC)
UUID = "6f1b1c9e-0000-4000-8000-000000000001"

COLUMNS: list[tuple[str, str, str, pa.DataType, DataType, Any]] = [
    ("tiny", "tinyint", "-128", pa.int8(), DataType.INTEGER, -128),
    ("tiny_u", "tinyint(3) unsigned", "255", pa.uint8(), DataType.INTEGER, 255),
    ("flag", "tinyint(1)", "1", pa.int8(), DataType.BOOLEAN, 1),
    ("small", "smallint", "-32768", pa.int16(), DataType.INTEGER, -(2**15)),
    ("medium", "mediumint unsigned", "16777215", pa.uint32(), DataType.INTEGER, 2**24 - 1),
    ("whole", "int", "-2147483648", pa.int32(), DataType.INTEGER, -(2**31)),
    ("big", "bigint", "-9223372036854775808", pa.int64(), DataType.INTEGER, -(2**63)),
    ("big_u", "bigint unsigned", "18446744073709551615", pa.uint64(), DataType.INTEGER, 2**64 - 1),
    ("price", "decimal(12,2)", "-1234567.89", pa.decimal128(12, 2), DataType.NUMBER, Decimal("-1234567.89")),
    ("price_u", "decimal(6,3) unsigned", "999.999", pa.decimal128(6, 3), DataType.NUMBER, Decimal("999.999")),
    ("wide", "decimal(65,30)", "1e-30", pa.decimal256(65, 30), DataType.NUMBER, Decimal("1e-30")),
    ("half", "float", "1.5", pa.float64(), DataType.NUMBER, 1.5),
    ("real_", "double", "1e300", pa.float64(), DataType.NUMBER, 1e300),
    ("yes", "bit(1)", "b'1'", pa.bool_(), DataType.BOOLEAN, True),
    ("bits", "bit(12)", "b'100000000001'", pa.uint64(), DataType.INTEGER, 0b100000000001),
    ("in_year", "year", "2025", pa.int16(), DataType.INTEGER, 2025),
    ("on_day", "date", "'2025-02-28'", pa.date32(), DataType.DATE, date(2025, 2, 28)),
    ("zero_day", "date", "'0000-00-00'", pa.date32(), DataType.DATE, None),
    ("month_only", "date", "'2025-02-00'", pa.date32(), DataType.DATE, None),
    ("no_day", "date", "'2025-02-31'", pa.date32(), DataType.DATE, None),
    ("at_", "datetime(6)", "'2025-02-28 12:00:00.000001'", MICRO, DataType.TIMESTAMP, NOON),
    ("zero_at", "datetime", "'0000-00-00 00:00:00'", MICRO, DataType.TIMESTAMP, None),
    ("moment", "timestamp", "'2025-02-28 14:00:00'", INSTANT, DataType.TIMESTAMP, NOON_UTC),
    ("hour_", "time", "'10:11:12'", pa.time64("us"), DataType.TIME, time(10, 11, 12)),
    ("name", "varchar(40)", "'Grüße 👋'", pa.string(), DataType.TEXT, "Grüße 👋"),
    ("long_", "mediumtext", "repeat('ä', 70000)", pa.string(), DataType.TEXT, "ä" * 70_000),
    ("short_", "varchar(300)", "repeat('b', 251)", pa.string(), DataType.TEXT, "b" * 251),
    ("feel", "enum('sad','ok')", "'ok'", pa.string(), DataType.TEXT, "ok"),
    ("marks", "set('a','b')", "'a,b'", pa.string(), DataType.TEXT, "a,b"),
    ("doc", "json", "'{\"a\": [1, null]}'", pa.string(), DataType.JSON, '{"a": [1, null]}'),
    ("key_", "uuid", f"'{UUID}'", pa.string(), DataType.TEXT, UUID),
    ("raw", "blob", "x'00ff'", pa.binary(), DataType.BINARY, b"\x00\xff"),
    ("raw_4", "binary(4)", "x'00ff'", pa.binary(), DataType.BINARY, b"\x00\xff\x00\x00"),
    ("nothing", "int", "NULL", pa.int32(), DataType.INTEGER, None),
]  # fmt: skip

EXPRESSIONS: list[tuple[str, pa.DataType, Any]] = [
    ("(SELECT sum(whole) FROM held)", pa.int64(), -(2**31)),
    ("(SELECT sum(big_u) + 1 FROM held)", pa.decimal256(43, 0), Decimal(2**64)),
    ("time '-25:00:00'", pa.string(), "-25:00:00"),
    ("NULL", pa.null(), None),
    ("1.50", pa.decimal128(3, 2), Decimal("1.50")),
]


@pytest.fixture(scope="module")
def typed(mariadb_address: str) -> str:
    made = ", ".join(f"`{name}` {native} NULL" for name, native, *_ in COLUMNS)
    say(
        mariadb_address,
        "SET GLOBAL time_zone = '+02:00'",
        "SET GLOBAL sql_mode = 'ALLOW_INVALID_DATES'",
    )
    say(
        mariadb_address,
        f"CREATE OR REPLACE TABLE held ({made})",
        f"INSERT INTO held VALUES ({', '.join(value for _, _, value, *_ in COLUMNS)})",
    )
    return mariadb_address


@pytest.mark.parametrize(("name", "native", "value", "kind", "holds", "expected"), COLUMNS)
async def test_a_value_arrives_as_what_it_is(
    typed: str, name: str, native: str, value: str, kind: pa.DataType, holds: DataType, expected: object
) -> None:
    source = open_source(typed, "types")
    (answer,) = [batch async for batch in source.execute(f"SELECT `{name}` AS x FROM held", Limits())]
    assert answer.schema.field("x").type == kind
    assert answer.column(0)[0].as_py() == expected
    await source.close()


@pytest.mark.parametrize(("sql", "kind", "value"), EXPRESSIONS)
async def test_what_is_computed_arrives_as_what_it_is(typed: str, sql: str, kind: pa.DataType, value: object) -> None:
    source = open_source(typed, "types")
    found_kind, found = await cell(source, sql)
    assert found == value
    assert found_kind == kind
    await source.close()


async def test_the_catalog_and_the_table_of_types_agree_with_the_server(typed: str) -> None:
    source = open_source(typed, "types")
    held = {found.name: found for found in await source.introspect()}["held"]
    for name, _, _, kind, holds, _ in COLUMNS:
        column = held.by_name[name]
        assert column.type is holds, name
        assert MYSQL.arrow(column.native) == kind, (name, column.native)
    await source.close()


async def test_a_row_longer_than_a_reading_of_the_wire_is_whole(typed: str) -> None:
    source = open_source(typed, "types")
    found = await table(source, "SELECT repeat('x', 3000000) AS a, seq AS b FROM seq_1_to_5")
    assert [len(value) for value in found.column("a").to_pylist()] == [3_000_000] * 5
    assert found.column("b").to_pylist() == [1, 2, 3, 4, 5]
    await source.close()


async def test_text_that_is_no_text_is_shown_and_breaks_nothing(typed: str) -> None:
    source = open_source(typed, "types")
    found = await table(source, "SELECT CONVERT(x'41e9' USING latin1) AS a, CAST(x'41' AS CHAR) AS b")
    assert found.to_pylist() == [{"a": "Aé", "b": "A"}]
    await source.close()
