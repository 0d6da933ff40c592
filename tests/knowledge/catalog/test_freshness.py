"""Watermarks: which column they are, and what came since, asked of real servers."""

from collections.abc import Iterator

import psycopg
import pymysql
import pytest
from sqlalchemy.engine import make_url

from knowledge.catalog.freshness import with_watermark
from knowledge.catalog.measuring import How
from knowledge.catalog.model import Column, DataType, Table
from knowledge.catalog.scan import survey
from knowledge.sources.registry import open_source
from tests import mariadb, postgres
from tests.knowledge.catalog.sources import MemoryLedger

MADE = "CREATE TABLE events (id integer PRIMARY KEY, kind varchar(20), amount decimal(9,2), {column} NOT NULL)"
FIRST = [(at, f"k{at % 3}", at, f"2025-01-01 00:00:{at:02}.123456") for at in range(50)]
LATER = [(100 + at, "new", 7, f"2025-02-01 00:00:0{at}.654321") for at in range(5)]
INSERT = "INSERT INTO events VALUES (%s, %s, %s, %s)"


@pytest.fixture(scope="module")
def postgres_address() -> Iterator[str]:
    if postgres.why_not():
        pytest.skip(postgres.why_not())
    with postgres.postgres_server() as address:
        yield address


@pytest.fixture(scope="module")
def mariadb_address() -> Iterator[str]:
    if mariadb.why_not():
        pytest.skip(mariadb.why_not())
    with mariadb.mariadb_server() as address:
        yield address


@pytest.mark.xdist_group("postgres")
@pytest.mark.parametrize("kind", ["timestamptz", "timestamp"])
async def test_new_rows_in_postgresql_are_measured_alone(postgres_address: str, kind: str) -> None:
    with psycopg.connect(postgres_address, autocommit=True) as database, database.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS events")
        cursor.execute(MADE.format(column=f"created_at {kind}").encode())
        cursor.executemany(INSERT, FIRST)
        source = open_source(postgres_address, "shop")
        ledger = MemoryLedger()
        before = await survey(source, ledger)
        cursor.executemany(INSERT, LATER)
        after = await survey(source, ledger)
        await source.close()
    assert (before.tables[0].watermark, before.counts) == ("created_at", {How.WHOLE: 1})
    merged(after.tables[0], after.counts)


@pytest.mark.xdist_group("mariadb")
@pytest.mark.parametrize("kind", ["datetime(6)", "timestamp(6)"])
async def test_new_rows_in_mariadb_are_measured_alone(mariadb_address: str, kind: str) -> None:
    url = make_url(mariadb_address)
    with pymysql.connect(
        host=url.host or "", port=url.port or 0, user=url.username, password=str(url.password), database=url.database,
        autocommit=True,
    ) as database, database.cursor() as cursor:  # fmt: skip
        cursor.execute("DROP TABLE IF EXISTS events")
        cursor.execute(MADE.format(column=f"created_at {kind}"))
        cursor.executemany(INSERT, FIRST)
        source = open_source(mariadb_address, "shop")
        ledger = MemoryLedger()
        await survey(source, ledger)
        cursor.executemany(INSERT, LATER)
        after = await survey(source, ledger)
        await source.close()
    merged(after.tables[0], after.counts)


def merged(table: Table, counts: object) -> None:
    assert counts == {How.NEWER: 1}
    assert table.rows == 55
    kind, identifier = table.by_name["kind"], table.by_name["id"]
    assert dict(zip(kind.values, kind.counts, strict=True)) == {"k0": 17, "k1": 17, "k2": 16, "new": 5}
    assert (identifier.distinct, identifier.maximum, identifier.nulls) == (55, "104", 0)
    assert table.fresh_at.startswith("2025-02-01 00:00:04.654321")


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        (("id", "created_at", "updated_at"), "updated_at"),
        (("id", "created_at", "name"), "created_at"),
        (("id", "last_modified"), "last_modified"),
        (("id", "event_time"), "event_time"),
        (("id", "birth_date", "due_on"), ""),
    ],
)
def test_the_watermark_is_the_column_of_changes_before_that_of_creation(columns: tuple[str, ...], found: str) -> None:
    kinds = [DataType.INTEGER if name in ("id", "name") else DataType.TIMESTAMP for name in columns]
    made = tuple(Column(name, kind) for name, kind in zip(columns, kinds, strict=True))
    assert with_watermark(Table("s", "t", made)).watermark == found


def test_what_the_source_says_of_its_watermark_stands() -> None:
    made = (Column("updated_at", DataType.TIMESTAMP), Column("seq", DataType.INTEGER))
    assert with_watermark(Table("s", "t", made, watermark="seq")).watermark == "seq"
    assert with_watermark(Table("s", "t", made, kind="view")).watermark == ""
