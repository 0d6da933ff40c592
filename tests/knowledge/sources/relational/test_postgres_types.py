"""PostgreSQL's types through a real server and back: each value arrives as what it is."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import psycopg
import pyarrow as pa
import pytest

from knowledge.catalog.model import DataType
from knowledge.sources.port import Limits
from knowledge.sources.registry import open_source
from knowledge.sources.types.postgres import POSTGRES
from tests.knowledge.sources.relational.asking import cell, table

pytestmark = pytest.mark.xdist_group("relational")

MICRO = pa.timestamp("us")
UUID = "6f1b1c9e-0000-4000-8000-000000000001"
SPAN = pa.month_day_nano_interval()

VALUES: list[tuple[str, pa.DataType, Any]] = [
    ("1::int2", pa.int16(), 1),
    ("(-2147483648)::int4", pa.int32(), -(2**31)),
    ("9223372036854775807", pa.int64(), 2**63 - 1),
    ("4294967295::oid", pa.int64(), 2**32 - 1),
    ("1.5::float4", pa.float32(), 1.5),
    ("1.5::float8", pa.float64(), 1.5),
    ("'NaN'::float8 = 'NaN'::float8", pa.bool_(), True),
    ("1234567.89::numeric(12,2)", pa.decimal128(12, 2), Decimal("1234567.89")),
    ("(-0.001)::numeric(5,3)", pa.decimal128(5, 3), Decimal("-0.001")),
    ("99999999999999999999999999999999999999999999.5::numeric(45,1)", pa.decimal256(45, 1), Decimal("9" * 44 + ".5")),
    ("NULL::numeric(12,2)", pa.decimal128(12, 2), None),
    ("12::numeric", pa.int64(), 12),
    ("12.30::numeric", pa.decimal128(38, 2), Decimal("12.30")),
    ("10::numeric / 3", pa.float64(), 10 / 3),
    ("123456789012345678901234567890::numeric", pa.decimal128(38, 0), Decimal("123456789012345678901234567890")),
    ("'Infinity'::numeric", pa.float64(), float("inf")),
    ("12.5::money", pa.decimal128(38, 2), Decimal("12.50")),
    ("true", pa.bool_(), True),
    ("'Grüße 👋'::text", pa.string(), "Grüße 👋"),
    ("'x'::char(3)", pa.string(), "x  "),
    ("''::varchar(3)", pa.string(), ""),
    ("'ok'::mood", pa.string(), "ok"),
    ("5::positive", pa.int32(), 5),
    ("'\\x00ff'::bytea", pa.binary(), b"\x00\xff"),
    ("date '2025-02-28'", pa.date32(), date(2025, 2, 28)),
    ("date 'infinity'", pa.date32(), None),
    ("date '-infinity'", pa.date32(), None),
    ("date '0044-03-15 BC'", pa.date32(), None),
    ("date '9999-12-31'", pa.date32(), date(9999, 12, 31)),
    ("timestamp '2025-02-28 10:11:12.123456'", MICRO, datetime(2025, 2, 28, 10, 11, 12, 123456)),
    ("timestamp 'infinity'", MICRO, None),
    ("timestamp '294000-01-01'", MICRO, None),
    ("timestamptz '2025-02-28 10:00+02'", pa.timestamp("us", "UTC"), datetime(2025, 2, 28, 8, tzinfo=UTC)),
    ("timestamptz '-infinity'", pa.timestamp("us", "UTC"), None),
    ("time '10:11:12'", pa.time64("us"), time(10, 11, 12)),
    ("timetz '10:11:12+02'", pa.string(), "10:11:12+02"),
    ("interval '1 month 2 days 3.5 seconds'", SPAN, pa.MonthDayNano([1, 2, 3_500_000_000])),
    ("interval '-1 hour'", SPAN, pa.MonthDayNano([0, 0, -3_600_000_000_000])),
    ("'{\"a\": [1, null]}'::jsonb", pa.string(), '{"a": [1, null]}'),
    ("'{\"a\":1}'::json", pa.string(), '{"a":1}'),
    ("array[1, 2, NULL]", pa.list_(pa.int32()), [1, 2, None]),
    ("array['a', 'b']", pa.list_(pa.string()), ["a", "b"]),
    ("array[1.5, 2.25]", pa.list_(pa.decimal128(38, 2)), [Decimal("1.50"), Decimal("2.25")]),
    ("NULL::int[]", pa.list_(pa.int32()), None),
    (f"array['{UUID}'::uuid]", pa.list_(pa.string()), [UUID]),
    (f"'{UUID.upper()}'::uuid", pa.string(), UUID),
    ("'10.0.0.0/8'::cidr", pa.string(), "10.0.0.0/8"),
    ("'[1,5)'::int4range", pa.string(), "[1,5)"),
    ("point(1, 2)", pa.string(), "(1,2)"),
    ("B'101'::bit(3)", pa.string(), "101"),
    ("xmlparse(content '<a/>')", pa.string(), "<a/>"),
    ("'a b'::tsvector", pa.string(), "'a' 'b'"),
    ("'pg_class'::regclass", pa.string(), "pg_class"),
    ("NULL", pa.string(), None),
]  # fmt: skip


@pytest.fixture(scope="module")
def typed(postgres_address: str) -> str:
    with psycopg.connect(postgres_address, autocommit=True) as database:
        database.execute("CREATE TYPE mood AS ENUM ('sad', 'ok')")
        database.execute("CREATE DOMAIN positive AS int CHECK (value > 0)")
        database.execute(
            "CREATE TABLE held (id bigint, price numeric(12,2), any_number numeric, feel mood, tags text[], "
            "at timestamptz, key uuid, doc jsonb, raw bytea, span interval, few positive, flag boolean)"
        )
    return postgres_address


@pytest.mark.parametrize(("sql", "kind", "value"), VALUES)
async def test_a_value_arrives_as_what_it_is(typed: str, sql: str, kind: pa.DataType, value: object) -> None:
    source = open_source(typed, "types")
    found_kind, found = await cell(source, sql)
    assert found_kind == kind
    assert found == value
    await source.close()


async def test_a_number_of_no_set_precision_is_widened_when_a_later_value_needs_it(typed: str) -> None:
    source = open_source(typed, "types")
    number = "CASE WHEN n <= 600000 THEN 1 WHEN n = 600001 THEN 2.25 ELSE 3 END::numeric"
    found = await table(source, f"SELECT {number} AS x FROM generate_series(1, 600002) n")
    assert pa.types.is_decimal(found.schema.field("x").type)
    assert found.column("x").to_pylist()[-3:] == [Decimal(1), Decimal("2.25"), Decimal(3)]
    await source.close()


async def test_columns_of_one_name_asked_as_text_stay_two_columns_in_their_order(typed: str) -> None:
    source = open_source(typed, "types")
    found = await table(
        source, "SELECT n AS x, ('10.0.0.' || n)::cidr AS x FROM generate_series(1, 3) n ORDER BY n DESC"
    )
    assert found.to_pydict() == {"x": [3, 2, 1], "x_2": ["10.0.0.3/32", "10.0.0.2/32", "10.0.0.1/32"]}
    await source.close()


async def test_the_catalog_says_what_each_column_holds(typed: str) -> None:
    source = open_source(typed, "types")
    held = {found.name: found for found in await source.introspect()}["held"]
    assert {column.name: (column.native, column.type) for column in held.columns} == {
        "id": ("bigint", DataType.INTEGER),
        "price": ("numeric(12,2)", DataType.NUMBER),
        "any_number": ("numeric", DataType.NUMBER),
        "feel": ("enum", DataType.TEXT),
        "tags": ("text[]", DataType.OTHER),
        "at": ("timestamp with time zone", DataType.TIMESTAMP),
        "key": ("uuid", DataType.TEXT),
        "doc": ("jsonb", DataType.JSON),
        "raw": ("bytea", DataType.BINARY),
        "span": ("interval", DataType.OTHER),
        "few": ("integer", DataType.INTEGER),
        "flag": ("boolean", DataType.BOOLEAN),
    }
    await source.close()


async def test_the_table_of_types_agrees_with_what_the_server_sends(typed: str) -> None:
    source = open_source(typed, "types")
    held = {found.name: found for found in await source.introspect()}["held"]
    (answer,) = [batch async for batch in source.execute("SELECT * FROM held", Limits())]
    for column in held.columns:
        if column.native != "numeric":
            assert answer.schema.field(column.name).type == POSTGRES.arrow(column.native), column.name
    await source.close()


async def test_spans_of_months_are_text_where_an_answer_is_kept(typed: str) -> None:
    source = open_source(typed, "types")
    found = await table(source, "SELECT interval '1 month 2 days 3 hours' AS x UNION ALL SELECT NULL")
    assert found.column("x").to_pylist() == ["1 month 2 days 03:00:00", None]
    await source.close()
