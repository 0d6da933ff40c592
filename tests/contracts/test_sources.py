"""What every source must do, run against a SQLite file, Parquet files, Delta tables, and real servers.

PostgreSQL, MariaDB, an S3 server and an HTTP server run on this machine.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, closing, suppress
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from time import monotonic
from typing import Any, cast

import psycopg
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlglot import exp

from knowledge.catalog.codec import dumps, loads
from knowledge.catalog.model import Catalog, DataType, Table
from knowledge.catalog.scan import scan
from knowledge.errors import KnowledgeError, NotAllowed, Refused, SourceUnavailable, TooMuch
from knowledge.federation import Request
from knowledge.guard import read_sql
from knowledge.sources.opening import Opening
from knowledge.sources.port import Estimate, Limits, Source
from knowledge.sources.registry import open_source
from tests.contracts.lakes import serve_shop, write_delta, write_s3
from tests.contracts.shop import write_duckdb, write_files, write_mariadb, write_postgres, write_sqlite
from tests.fakes.sources import ANYBODY, engine
from tests.knowledge.sources.rest.server import api_server
from tests.mariadb import mariadb_server
from tests.mariadb import why_not as no_mariadb
from tests.postgres import postgres_server, why_not
from tests.s3 import s3_server

pytestmark = pytest.mark.xdist_group("postgres")

SLOW = "SELECT count(*) FROM visits a, visits b, visits c WHERE a.pages + b.pages * c.pages = 7"


@dataclass(frozen=True)
class Place:
    kind: str
    address: str | Opening

    def open(self) -> Source:
        return open_source(self.address if isinstance(self.address, Opening) else Opening("shop", self.address))


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    if reason := why_not():
        pytest.skip(reason)
    with postgres_server() as address:
        write_postgres(address)
        yield address


@pytest.fixture(scope="session")
def mariadb() -> Iterator[str]:
    if reason := no_mariadb():
        pytest.skip(reason)
    with mariadb_server() as address:
        write_mariadb(address)
        yield address


@pytest.fixture(scope="session")
def sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("sqlite") / "shop.sqlite"
    write_sqlite(path)
    return str(path)


@pytest.fixture(scope="session")
def duckdb_file(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("duckdb") / "shop.duckdb"
    write_duckdb(path)
    return str(path)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("files")
    write_files(path)
    return str(path)


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opening]:
    with s3_server() as store:
        yield store.opening(write_s3(store, tmp_path_factory.mktemp("s3")))


@pytest.fixture(scope="session")
def delta(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("delta")
    write_delta(path, tmp_path_factory.mktemp("written"))
    return str(path)


@pytest.fixture(scope="session")
def rest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    path = tmp_path_factory.mktemp("rest") / "api.yaml"
    with api_server() as api:
        path.write_text(serve_shop(api, tmp_path_factory.mktemp("served")))
        yield f"rest://{path}"


@pytest.fixture(params=["sqlite_file", "folder", "postgres", "mariadb", "duckdb_file", "s3", "delta", "rest"])
def place(request: pytest.FixtureRequest) -> Place:
    return Place(request.param, request.getfixturevalue(request.param))


@pytest.fixture
async def source(place: Place) -> AsyncIterator[Source]:
    opened = place.open()
    yield opened
    await opened.close()


async def rows(source: Source, sql: str, limits: Limits | None = None) -> pa.Table:
    batches = [batch async for batch in source.execute(sql, limits or Limits())]
    assert batches
    return pa.Table.from_batches(batches)


async def catalog_of(source: Source) -> Catalog:
    return Catalog(await scan(source), {source.name: source.dialect})


async def run_query(source: Source, query: exp.Expr, catalog: Catalog, limits: Limits) -> pa.Table:
    return (await engine(catalog, source).run(Request(query, source.name, ANYBODY, limits))).table


async def estimate(source: Source, query: exp.Expr, catalog: Catalog) -> Estimate:
    return await engine(catalog, source).estimate(Request(query, source.name, ANYBODY))


async def tables_of(source: Source) -> dict[str, Table]:
    return {table.name: table for table in await scan(source)}


async def test_tables_have_rows_columns_types_and_statistics(source: Source) -> None:
    tables = await tables_of(source)
    people, visits = tables["people"], tables["visits"]
    assert (people.rows, visits.rows) == (200, 3_000)
    assert {column.name: column.type for column in people.columns} == {
        "person_id": DataType.INTEGER,
        "name": DataType.TEXT,
        "city": DataType.TEXT,
        "born": DataType.DATE,
        "weight": DataType.NUMBER,
        "is_member": DataType.BOOLEAN,
    }
    assert visits.by_name["visited_at"].type is DataType.TIMESTAMP
    assert (people.by_name["city"].nulls, people.by_name["city"].distinct) == (50, 3)
    assert set(people.by_name["city"].values) == {"Berlin", "Lyon", "Oslo"}
    assert len(people.by_name["name"].values) == people.by_name["name"].distinct == 200
    assert (visits.by_name["pages"].minimum, visits.by_name["pages"].maximum) == ("0", "12")
    assert (people.by_name["born"].minimum or "").startswith("1970-02-07")


async def test_keys_are_declared_or_inferred_with_their_evidence(source: Source) -> None:
    tables = await tables_of(source)
    assert tables["people"].primary_key == ("person_id",)
    (key,) = tables["visits"].keys
    assert (key.columns, key.target, key.target_columns) == (("person_id",), "people", ("person_id",))
    assert key.declared or "200 of 200" in key.evidence


async def test_comments_and_units_are_read(source: Source) -> None:
    people = (await tables_of(source))["people"]
    assert people.by_name["city"].comment == "Where they live"
    assert (people.by_name["weight"].comment, people.by_name["weight"].unit) == ("Weight of the person", "kg")


async def test_a_catalog_is_stored_and_loaded_unchanged(source: Source) -> None:
    catalog = await catalog_of(source)
    assert loads(dumps(catalog)) == catalog
    assert loads(dumps(catalog)).version == (await catalog_of(source)).version


async def test_values_arrive_with_their_types(source: Source) -> None:
    found = await rows(source, "SELECT * FROM people WHERE person_id IN (3, 4) ORDER BY person_id")
    first = found.to_pylist()[0]
    assert first["name"] == "Person 3"
    assert first["city"] is None
    assert first["born"] == date(1970, 4, 22)
    assert first["is_member"] in (True, 1)
    assert float(first["weight"]) == 0.75
    (visit,) = (await rows(source, "SELECT visited_at, pages FROM visits WHERE visit_id = 1")).to_pylist()
    assert visit == {"visited_at": datetime(2025, 1, 1, 1, 37), "pages": 1}


async def test_a_sum_of_whole_numbers_is_a_whole_number(source: Source) -> None:
    found = await rows(source, "SELECT sum(pages) AS s, count(*) AS n FROM visits")
    assert found.to_pylist() == [{"s": sum(number % 13 for number in range(1, 3_001)), "n": 3_000}]
    assert all(pa.types.is_integer(field.type) for field in found.schema)


async def test_an_empty_answer_still_has_its_columns(source: Source) -> None:
    found = await rows(source, "SELECT name, born FROM people WHERE person_id < 0")
    assert found.num_rows == 0
    assert found.column_names == ["name", "born"]


async def test_two_columns_of_one_name_stay_two_columns(source: Source) -> None:
    found = await rows(source, "SELECT name, name FROM people WHERE person_id = 1")
    assert found.column_names == ["name", "name_2"]


async def test_more_rows_than_allowed_are_too_much(source: Source) -> None:
    with pytest.raises(TooMuch, match="more than 100 rows"):
        await rows(source, "SELECT * FROM visits", Limits(rows=100))
    assert (await rows(source, "SELECT * FROM people", Limits(rows=200))).num_rows == 200


async def test_more_bytes_than_allowed_are_too_much(source: Source) -> None:
    with pytest.raises(TooMuch, match="larger than"):
        await rows(source, "SELECT * FROM visits", Limits(bytes=10_000))


async def test_a_query_that_takes_too_long_is_stopped_and_the_source_goes_on(source: Source) -> None:
    await rows(source, "SELECT count(*) FROM people")
    start = monotonic()
    with pytest.raises(TooMuch, match=r"longer than 0\.3 seconds"):
        await rows(source, SLOW, Limits(seconds=0.3))
    assert monotonic() - start < 10
    assert (await rows(source, "SELECT count(*) AS n FROM people")).to_pylist() == [{"n": 200}]


async def test_a_cancelled_task_ends_the_query_at_once(source: Source) -> None:
    for _ in range(6):
        task = asyncio.create_task(rows(source, SLOW))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(task), 0.1)
        start = monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert monotonic() - start < 10
    assert (await rows(source, "SELECT count(*) AS n FROM people")).to_pylist() == [{"n": 200}]


async def test_an_answer_that_is_not_read_to_its_end_blocks_nobody(source: Source) -> None:
    for _ in range(10):
        stream = cast(Any, source.execute("SELECT a.* FROM visits a, people b", Limits()))
        async with aclosing(stream) as batches:
            async for batch in batches:
                assert batch.num_rows
                break
    assert (await rows(source, "SELECT 1 AS n")).num_rows == 1


async def test_many_questions_at_once_are_all_answered(source: Source) -> None:
    answers = await asyncio.gather(
        *(rows(source, f"SELECT count(*) AS n FROM visits WHERE pages < {number}") for number in range(20))
    )
    assert [answer.to_pylist()[0]["n"] for answer in answers][:3] == [0, 230, 461]


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM visits",
        "DROP TABLE visits",
        "UPDATE people SET name = 'x'",
        "INSERT INTO people SELECT * FROM people",
        "CREATE TABLE copied AS SELECT * FROM people",
        "CREATE TEMP TABLE copied AS SELECT * FROM people",
        "SELECT 1; DELETE FROM visits",
        "SELECT 1; COMMIT; CREATE TABLE copied (a INTEGER)",
        "COMMIT",
        "SET default_transaction_read_only = off",
        "PRAGMA query_only = 0",
        "ATTACH ':memory:' AS x",
        "COPY people TO '/tmp/quillux-stolen.csv'",
        "COPY people TO PROGRAM 'cat'",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT pg_read_file('/etc/passwd') FROM no_such",
        "INSTALL httpfs",
    ],
)
async def test_the_source_itself_refuses_what_is_not_reading(source: Source, sql: str) -> None:
    before = (await rows(source, "SELECT count(*) AS n, max(name) AS m FROM people")).to_pylist()
    with pytest.raises((Refused, SourceUnavailable)):
        await rows(source, sql)
    assert (await rows(source, "SELECT count(*) AS n, max(name) AS m FROM people")).to_pylist() == before
    assert (await rows(source, "SELECT count(*) AS n FROM visits")).to_pylist() == [{"n": 3_000}]


async def test_an_error_of_the_query_is_said_and_harms_nothing(source: Source) -> None:
    for sql in ("SELECT nothing FROM people", "SELECT FROM WHERE", "SELECT * FROM nowhere", ""):
        with pytest.raises(Refused) as refusal:
            await rows(source, sql)
        assert refusal.value.next_step
    assert (await rows(source, "SELECT 1 AS n")).num_rows == 1


async def test_an_estimate_counts_the_rows_that_are_scanned(source: Source) -> None:
    catalog = await catalog_of(source)
    total = await estimate(source, read_sql("SELECT count(*) FROM visits", source.dialect), catalog)
    assert total.rows_returned == 1
    assert total.rows_read == 3_000
    joined = await estimate(source, read_sql("SELECT * FROM visits a, visits b", source.dialect), catalog)
    assert (joined.rows_read or 0) >= 3_000
    assert (joined.rows_returned or 0) > 3_000
    few = await estimate(source, read_sql("SELECT * FROM visits LIMIT 5", source.dialect), catalog)
    assert few.rows_returned == 5


async def test_a_guarded_query_runs_and_an_unguarded_name_does_not(source: Source) -> None:
    catalog = await catalog_of(source)
    query = read_sql(
        "SELECT city, count(*) AS n FROM people JOIN visits USING (person_id) GROUP BY city", source.dialect
    )
    found = await run_query(source, query, catalog, Limits())
    assert sorted(str(row["city"]) for row in found.to_pylist()) == ["Berlin", "Lyon", "None", "Oslo"]
    with pytest.raises(NotAllowed):
        await run_query(source, read_sql("SELECT * FROM pg_class", source.dialect), catalog, Limits())
    with pytest.raises(TooMuch):
        await run_query(source, read_sql("SELECT * FROM visits", source.dialect), catalog, Limits(rows=10))


async def test_yes_and_no_are_booleans_in_every_source(source: Source) -> None:
    catalog = await catalog_of(source)
    query = read_sql("SELECT is_member, count(*) AS n FROM people GROUP BY is_member ORDER BY n", source.dialect)
    found = await run_query(source, query, catalog, Limits())
    assert found.to_pylist() == [{"is_member": True, "n": 66}, {"is_member": False, "n": 134}]


async def test_what_is_not_there_is_unavailable_and_says_what_to_do(place: Place, tmp_path: Path) -> None:
    missing: dict[str, str | Opening] = {
        "sqlite_file": str(tmp_path / "missing.sqlite"),
        "folder": str(tmp_path / "missing.parquet"),
        "duckdb_file": str(tmp_path / "missing.duckdb"),
        "postgres": "postgresql://quillux:wrong@127.0.0.1:1/postgres",
        "mariadb": "mysql://quillux:wrong@127.0.0.1:1/shop",
        "s3": Opening("gone", "s3://nothing", options={"endpoint": "http://127.0.0.1:1", "anonymous": "true"}),
        "delta": "delta:///nowhere/at/all",
        "rest": "rest:///nowhere/api.yaml",
    }
    source = Place(place.kind, missing[place.kind]).open()
    with pytest.raises(SourceUnavailable) as error:
        await source.introspect()
    assert "quillux source test" in error.value.next_step
    with pytest.raises(SourceUnavailable):
        await rows(source, "SELECT 1")
    await source.close()
    assert not (tmp_path / "missing.sqlite").exists()


async def test_a_wrong_password_is_said_without_showing_it(postgres: str) -> None:
    source = open_source(postgres.replace("not-a-secret", "hunter2-wrong"), "shop")
    with pytest.raises(SourceUnavailable, match="password authentication failed") as error:
        await source.introspect()
    assert "hunter2" not in str(error.value)


async def test_an_address_that_cannot_be_read_is_not_repeated() -> None:
    source = open_source("postgresql://user:hunter2@[broken/db?x", "shop")
    with pytest.raises(SourceUnavailable) as error:
        await source.introspect()
    assert "hunter2" not in str(error.value)


async def test_a_view_is_a_table_and_one_that_is_broken_or_endless_stops_nothing(tmp_path: Path) -> None:
    path = tmp_path / "views.sqlite"
    write_sqlite(path)
    with closing(sqlite3.connect(path)) as database:
        database.executescript(
            "CREATE VIEW members AS SELECT * FROM people WHERE is_member; CREATE VIEW gone AS SELECT * FROM nowhere;"
        )
    source = open_source(str(path), "shop")
    tables = await tables_of(source)
    assert tables["members"].rows == 66
    assert set(tables["members"].by_name["city"].values) == {"Berlin", "Lyon", "Oslo"}
    assert "gone" not in tables
    await source.close()


async def test_a_column_is_what_its_values_are_whatever_it_is_called(tmp_path: Path) -> None:
    path = tmp_path / "odd.sqlite"
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE odd (a DATE, b TIMESTAMP, c TEXT, d, e DATE)")
        rows_ = [
            (1_700_000_000 + n, f"2025-01-{n + 1:02d} 10:00", f"2025-02-{n + 1:02d}", "x", "soon") for n in range(20)
        ]
        database.executemany("INSERT INTO odd VALUES (?, ?, ?, ?, ?)", rows_)
        database.commit()
    source = open_source(str(path), "shop")
    odd = (await tables_of(source))["odd"]
    assert [column.type for column in odd.columns] == [
        DataType.INTEGER,
        DataType.TIMESTAMP,
        DataType.DATE,
        DataType.TEXT,
        DataType.TEXT,
    ]
    assert (odd.by_name["c"].minimum, odd.by_name["c"].maximum) == ("2025-02-01", "2025-02-20")
    await source.close()


async def test_a_large_table_is_measured_by_a_sample(tmp_path: Path) -> None:
    path = tmp_path / "large.sqlite"
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE large (large_id INTEGER PRIMARY KEY, kind TEXT, day INTEGER, note TEXT)")
        database.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 150000) "
            "INSERT INTO large SELECT i, 'kind ' || (i % 30), i % 28, 'note ' || i FROM n"
        )
        database.commit()
    source = open_source(str(path), "shop")
    large = (await tables_of(source))["large"]
    assert large.rows == 150_000
    assert len(large.by_name["kind"].values) == large.by_name["kind"].distinct == 30
    assert large.by_name["day"].distinct == 28
    assert (large.by_name["note"].distinct or 0) > 100_000
    assert len(large.by_name["note"].values) == 50
    await source.close()


async def test_a_scan_that_is_stopped_ends_at_once(tmp_path: Path) -> None:
    path = tmp_path / "endless.sqlite"
    write_sqlite(path)
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE VIEW endless AS SELECT count(*) AS n FROM visits a, visits b, visits c, visits d")
    source = open_source(str(path), "shop")
    task = asyncio.create_task(scan(source))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(task), 0.7)
    start = monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert monotonic() - start < 10
    await source.close()


async def test_a_stopped_question_is_gone_from_the_server(postgres: str) -> None:
    source = open_source(postgres, "shop")
    task = asyncio.create_task(rows(source, SLOW))
    async with await psycopg.AsyncConnection.connect(postgres, autocommit=True) as watcher:
        active = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND application_name = 'quillux'"
        await until(watcher, active, 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await until(watcher, active, 0)
    await source.close()


async def test_a_connection_killed_in_the_middle_is_unavailable_and_the_next_question_works(postgres: str) -> None:
    source = open_source(postgres, "shop")
    await rows(source, "SELECT 1 AS n")
    task = asyncio.create_task(rows(source, SLOW))
    async with await psycopg.AsyncConnection.connect(postgres, autocommit=True) as killer:
        active = "FROM pg_stat_activity WHERE state = 'active' AND application_name = 'quillux' AND query LIKE 'COPY%'"
        await until(killer, f"SELECT count(*) {active}", 1)
        await killer.execute(f"SELECT pg_terminate_backend(pid) {active}")
    with pytest.raises(SourceUnavailable):
        await task
    assert (await rows(source, "SELECT 1 AS n")).num_rows == 1
    await source.close()


async def test_an_idle_connection_that_was_closed_by_the_server_is_replaced(postgres: str) -> None:
    source = open_source(postgres, "shop")
    await rows(source, "SELECT 1 AS n")
    async with await psycopg.AsyncConnection.connect(postgres, autocommit=True) as killer:
        await killer.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'quillux'"
        )
    assert (await rows(source, "SELECT 1 AS n")).num_rows == 1
    await source.close()


async def test_what_a_role_may_not_read_is_not_in_its_catalog(postgres: str) -> None:
    async with await psycopg.AsyncConnection.connect(postgres, autocommit=True) as admin:
        await admin.execute("DROP ROLE IF EXISTS reader")
        await admin.execute("CREATE ROLE reader LOGIN PASSWORD 'reader-test'")
        await admin.execute("CREATE TABLE IF NOT EXISTS salaries (id integer)")
        await admin.execute("GRANT SELECT ON people TO reader")
        source = open_source(postgres.replace("quillux:not-a-secret", "reader:reader-test"), "shop")
        assert [table.name for table in await source.introspect()] == ["people"]
        with pytest.raises(NotAllowed):
            await rows(source, "SELECT * FROM salaries")
        await source.close()
        await admin.execute("DROP TABLE salaries")
        await admin.execute("DROP OWNED BY reader")
        await admin.execute("DROP ROLE reader")


async def test_a_column_that_turns_from_whole_to_fraction_to_text_is_widened(tmp_path: Path) -> None:
    path = tmp_path / "odd.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE odd (v)")
        database.executemany("INSERT INTO odd VALUES (?)", [(1,)] * 3_000 + [(0.5,)] * 10)
        database.commit()
    source = open_source(str(path), "shop")
    catalog = await catalog_of(source)
    found = await run_query(source, read_sql("SELECT v FROM odd", "sqlite"), catalog, Limits())
    assert found.schema.field("v").type == pa.float64()
    assert sum(found.column("v").to_pylist()) == 3_005
    await source.close()


async def test_a_damaged_file_is_unavailable(tmp_path: Path) -> None:
    for name in ("broken.sqlite", "broken.parquet", "broken.duckdb"):
        (tmp_path / name).write_bytes(b"this is not what it says" * 100)
        source = open_source(str(tmp_path / name), "broken")
        with pytest.raises(SourceUnavailable):
            await source.introspect()
        await source.close()


async def test_csv_and_json_files_are_tables_whatever_their_names(tmp_path: Path) -> None:
    (tmp_path / 'it\'s "odd"; DROP.csv').write_text("city,n\nBerlin,1\nOslo,2\n")
    (tmp_path / "log.jsonl").write_text('{"a": 1, "b": "x"}\n{"a": 2, "b": "y"}\n')
    (tmp_path / "notes.txt").write_text("not a table")
    (tmp_path / ".hidden.csv").write_text("a\n1\n")
    source = open_source(str(tmp_path), "files")
    catalog = await catalog_of(source)
    assert [table.name for table in catalog.tables] == ['it\'s "odd"; DROP', "log"]
    found = await run_query(
        source, read_sql('SELECT sum(n) AS s FROM "it\'s ""odd""; DROP"', "duckdb"), catalog, Limits()
    )
    assert found.to_pylist() == [{"s": 3}]
    await source.close()


async def test_a_link_out_of_the_folder_gives_no_other_file_away(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    inside = tmp_path / "inside"
    outside.mkdir()
    inside.mkdir()
    (outside / "secret.csv").write_text("a\n1\n")
    (inside / "link.csv").symlink_to(outside / "secret.csv")
    (inside / "linked").symlink_to(outside)
    (inside / "own.csv").write_text("a\n2\n")
    source = open_source(str(inside), "files")
    assert [table.name for table in await source.introspect()] == ["own"]
    for path in (f"{outside}/secret.csv", f"{inside}/link.csv", f"{inside}/../outside/secret.csv"):
        with pytest.raises(KnowledgeError):
            await rows(source, f"SELECT * FROM read_csv('{path}')")
    assert (await rows(source, "SELECT a FROM own")).to_pylist() == [{"a": 2}]
    await source.close()


@pytest.mark.parametrize("address", ["", "gopher://x", "ftp://x/y.csv", "/nowhere/at/all", "x" * 10_000])
def test_an_address_of_no_known_kind_is_refused(address: str) -> None:
    with pytest.raises(SourceUnavailable, match=r"sqlite:///file\.db"):
        open_source(address, "odd")


async def until(connection: psycopg.AsyncConnection[Any], sql: str, expected: int) -> None:
    """Ask until the server says so; the server's own clock gives up after twenty seconds."""
    for _ in range(100):
        cursor = await connection.execute(sql)
        if await cursor.fetchone() == (expected,):
            return
        await connection.execute("SELECT pg_sleep(0.05)")
    raise AssertionError(f"never became {expected}: {sql}")


_PIECES = (
    "SELECT FROM WHERE people visits name person_id ; DELETE UPDATE people SET name = 'x' INSERT INTO VALUES ( 1 ) , * "
    "DROP TABLE VIEW CREATE AS PRAGMA query_only = 0 writable_schema ATTACH ':memory:' COMMIT BEGIN RETURNING WITH "
    "REPLACE VACUUM INTO ALTER RENAME TO -- /* */ ON CONFLICT load_extension('x') COPY EXPLAIN"
)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(_PIECES.split()), min_size=1, max_size=14))
def test_whatever_text_a_source_is_given_its_file_stays_as_it_was(sqlite_file: str, pieces: list[str]) -> None:
    before = sha256(Path(sqlite_file).read_bytes()).hexdigest()

    async def run() -> None:
        source = open_source(sqlite_file, "shop")
        with suppress(KnowledgeError):
            await rows(source, " ".join(pieces), Limits(rows=1_000, seconds=2))
        await source.close()

    asyncio.run(run())
    assert sha256(Path(sqlite_file).read_bytes()).hexdigest() == before
