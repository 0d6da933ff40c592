"""Objects in a local S3 server: every kind, only what is needed, and every failure in words without secrets."""

import asyncio
import socket
from collections.abc import Iterator
from time import monotonic

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from knowledge.errors import KnowledgeError, SourceUnavailable
from knowledge.sources.opening import Opening
from knowledge.sources.registry import open_source
from tests.knowledge.sources.files.asking import names, opened, rows
from tests.s3 import Store, s3_server

SECRET = "hunter2hunter2"


@pytest.fixture
def store() -> Iterator[Store]:
    with s3_server() as running:
        running.files.create_dir("lake")
        yield running
        running.files.delete_dir_contents("lake")  # all servers of a process share their buckets


def put(store: Store, key: str, raw: bytes) -> None:
    with store.files.open_output_stream(f"lake/{key}", compression=None) as stream:
        stream.write(raw)


def put_table(store: Store, key: str, table: pa.Table) -> None:
    pq.write_table(table, f"lake/{key}", filesystem=store.files)


async def test_every_kind_of_object_is_a_table(store: Store) -> None:
    put_table(store, "in/p.parquet", pa.table({"a": [1, 2]}))
    put(store, "in/c.csv", b"a,b\n1,x\n2,y\n")
    put(store, "in/s.csv", "a;b\n1;Köln\n2;y\n".encode("latin-1"))
    put(store, "in/g.csv.gz", pa.Codec("gzip").compress(b"a\n1\n2\n", asbytes=True))
    put(store, "in/l.jsonl", b'{"a": 1}\n{"a": 2}\n')
    put(store, "in/empty.csv", b"")
    put(store, "in/notes.txt", b"nothing")
    sink = pa.BufferOutputStream()
    pyarrow.feather.write_feather(pa.table({"a": [1, 2]}), sink)
    put(store, "in/f.feather", sink.getvalue().to_pybytes())
    for year in (2025, 2026):
        put_table(store, f"in/h/year={year}/x.parquet", pa.table({"a": [year]}))
    async with opened(store.opening("s3://lake/in")) as source:
        found = await names(source)
        assert sorted(found) == ["c", "f", "g", "h", "l", "p", "s"]
        for table in set(found) - {"h"}:
            assert await rows(source, f"SELECT sum(a) AS s FROM {table}") == [{"s": 3}]
        assert await rows(source, "SELECT b FROM s WHERE a = 1") == [{"b": "Köln"}]
        assert await rows(source, "SELECT a FROM h WHERE year = 2026") == [{"a": 2026}]


async def test_a_pattern_and_a_single_object_are_tables(store: Store) -> None:
    for day in ("2025-12-31", "2026-01-01", "2026-01-02"):
        put(store, f"logs/{day[:4]}/{day}.csv", f"day\n{day}\n".encode())
    async with opened(store.opening("s3://lake/logs/**/2026-*.csv")) as source:
        assert await rows(source, "SELECT count(*) AS n FROM logs") == [{"n": 2}]
    async with opened(store.opening("s3://lake/logs/2025/2025-12-31.csv")) as source:
        (table,) = await names(source)
        assert await rows(source, f'SELECT count(*) AS n FROM "{table}"') == [{"n": 1}]


async def test_columns_of_other_files_are_united_or_said_to_clash(store: Store) -> None:
    put_table(store, "d/1.parquet", pa.table({"a": [1], "b": ["x"]}))
    put_table(store, "d/2.parquet", pa.table({"a": [2.5], "c": [True]}))
    put_table(store, "e/1.parquet", pa.table({"a": [1]}))
    put_table(store, "e/2.parquet", pa.table({"a": [{"x": 1}]}))
    async with opened(store.opening("s3://lake")) as source:
        tables = {table.name: table for table in await source.introspect()}
        assert [column.name for column in tables["d"].columns] == ["a", "b", "c"]
        assert "“a” is int64 here and struct<x: int64> there" in tables["e"].comment
        assert await rows(source, "SELECT sum(a) AS s FROM d") == [{"s": 3.5}]


async def test_position_moves_when_an_object_is_written_again(store: Store) -> None:
    put_table(store, "d/1.parquet", pa.table({"a": [1]}))
    async with opened(store.opening("s3://lake")) as source:
        (table,) = await source.introspect()
        before = await source.position(table)
        assert await source.position(table) == before
        put_table(store, "d/1.parquet", pa.table({"a": [2]}))
        assert await source.position(table) != before


@pytest.mark.parametrize("prefix", ["s3://nothing-here", "s3://lake/nowhere"])
async def test_a_bucket_or_prefix_that_is_not_there_is_said(store: Store, prefix: str) -> None:
    async with opened(store.opening(prefix)) as source:
        with pytest.raises(SourceUnavailable, match=r"no bucket|nothing below|No Parquet"):
            await source.introspect()


async def test_a_store_that_is_down_is_said_in_time(store: Store) -> None:
    with socket.socket() as deaf:  # held, but never listened to: no other process gets the port meanwhile
        deaf.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        async with opened(store.opening("s3://lake", endpoint=endpoint)) as source:
            with pytest.raises(SourceUnavailable, match="can't be reached") as error:
                await source.introspect()
    assert "not-a-secret" not in f"{error.value} {error.value.__cause__}"


async def test_a_store_that_never_answers_is_left_in_time_and_stops_nobody(store: Store) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        async with opened(store.opening("s3://lake", endpoint=endpoint, timeout="1")) as source:
            task = asyncio.create_task(source.introspect())
            longest = await longest_pause_while(task)
            with pytest.raises(SourceUnavailable, match="does not answer"):
                await task
    assert longest < 0.9


async def longest_pause_while(task: "asyncio.Task[object]") -> float:
    """How long the event loop stood still at most."""
    longest, last = 0.0, monotonic()
    while not task.done():
        await asyncio.wait([task], timeout=0.01)
        longest, last = max(longest, monotonic() - last), monotonic()
    return longest


class Denying:
    """A store that turns every request away as S3 does for wrong keys."""

    def __init__(self) -> None:
        self.address = ""
        self.server: asyncio.Server | None = None

    async def __aenter__(self) -> str:
        self.server = await asyncio.start_server(self.answer, "127.0.0.1", 0)
        return f"http://127.0.0.1:{self.server.sockets[0].getsockname()[1]}"

    async def __aexit__(self, *error: object) -> None:
        assert self.server
        self.server.close()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = b"<Error><Code>SignatureDoesNotMatch</Code><Message>no</Message></Error>"
        head = f"HTTP/1.1 403 Forbidden\r\nContent-Type: application/xml\r\nContent-Length: {len(body)}\r\n"
        writer.write(head.encode() + b"Connection: close\r\n\r\n" + body)
        await writer.drain()
        writer.close()


async def test_keys_that_are_not_accepted_are_said_without_showing_them() -> None:
    async def resolve(reference: str) -> str:
        return SECRET

    async with Denying() as endpoint:
        options = {"endpoint": endpoint, "access_key": "${env:A}", "secret_key": "${env:B}"}
        async with opened(Opening("shop", "s3://lake", resolve, options=options)) as source:
            with pytest.raises(SourceUnavailable, match="did not accept the keys") as error:
                await source.introspect()
    assert SECRET not in f"{error.value} {error.value.__cause__}"


@pytest.mark.parametrize(
    ("address", "options", "says"),
    [
        ("s3://lake", {"secret_key": SECRET, "access_key": "a"}, "in plain text"),
        ("s3://lake", {"endpoint": "ftp://x"}, "no http or https"),
        ("s3://lake", {"endpoint": f"http://me:{SECRET}@x"}, "holds a password"),
        ("s3://lake", {"timeout": "long"}, "timeout"),
        (f"s3://me:{SECRET}@lake/x", {}, "names no bucket"),
        ("s3://", {}, "names no bucket"),
        ("s3://../x", {}, "names no bucket"),
    ],
)
def test_options_that_are_wrong_are_said_without_showing_them(address: str, options: dict[str, str], says: str) -> None:
    with pytest.raises(KnowledgeError, match=says) as error:
        open_source(Opening("shop", address, options=options))
    assert SECRET not in str(error.value)


async def test_a_secret_that_is_missing_is_said(store: Store) -> None:
    async with opened(store.opening("s3://lake", secret_key="${env:NOWHERE}")) as source:
        with pytest.raises(SourceUnavailable, match="env:NOWHERE"):
            await source.introspect()


async def test_only_the_columns_and_row_groups_of_the_question_are_read(store: Store) -> None:
    big = pa.table({"n": range(200_000), "t": [f"{number:064}" for number in range(200_000)]})
    pq.write_table(big, "lake/big.parquet", filesystem=store.files, row_group_size=10_000, compression="none")
    async with opened(store.opening("s3://lake")) as source:
        await source.introspect()
        before = pa.total_allocated_bytes()
        found = await rows(source, "SELECT max(n) AS m, count(*) AS c FROM big WHERE n >= 195000")
        assert found == [{"m": 199_999, "c": 5_000}]
        assert pa.total_allocated_bytes() - before < big.nbytes
