"""Files that change while they are read, columns that do not agree, too little room, very many files."""

import hashlib
import os
import subprocess
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from time import monotonic
from typing import Any, cast

import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from knowledge.errors import SourceUnavailable, TooMuch
from knowledge.sources.lake.source import LakeSource
from knowledge.sources.port import Limits
from tests.knowledge.sources.files.asking import opened, rows

BIG = pa.table({"n": range(300_000), "t": [hashlib.sha256(b"%d" % number).hexdigest() for number in range(300_000)]})


def write(path: Path, table: pa.Table) -> None:
    if path.suffix == ".arrow":
        pyarrow.feather.write_feather(table, path, compression="uncompressed", chunksize=10_000)
    elif path.suffix == ".csv":
        pyarrow.csv.write_csv(table, path)
    else:
        pq.write_table(table, path, row_group_size=10_000)


def replace(path: Path) -> None:
    write(path.with_name("other" + path.suffix), BIG)
    path.with_name("other" + path.suffix).replace(path)


async def read_while(source: LakeSource, sql: str, happens: Callable[[], object]) -> int:
    """The rows of a query; after its first batch something happens."""
    count = 0
    async with aclosing(cast(Any, source.execute(sql, Limits()))) as batches:
        async for batch in batches:
            if not count:
                happens()
            count += batch.num_rows
    return count


@pytest.mark.parametrize("ending", ["parquet", "csv", "arrow"])
@pytest.mark.parametrize("what", [replace, os.unlink, lambda path: os.truncate(path, 100)], ids=["new", "gone", "cut"])
async def test_a_file_that_changes_while_it_is_read_is_unavailable(tmp_path: Path, ending: str, what: Any) -> None:
    path = tmp_path / f"big.{ending}"
    write(path, BIG)
    async with opened(path) as source:
        with pytest.raises(SourceUnavailable) as error:
            await read_while(source, "SELECT * FROM big", lambda: what(path))
        assert error.value.next_step


async def test_a_log_may_grow_while_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    write(path, BIG)
    async with opened(path) as source:
        assert await read_while(source, "SELECT n FROM log", lambda: append(path)) >= 300_000


def append(path: Path) -> None:
    with path.open("a") as file:
        file.write("1,more\n")


async def test_a_file_that_is_gone_before_the_question_is_unavailable(tmp_path: Path) -> None:
    write(tmp_path / "a.parquet", BIG)
    write(tmp_path / "b.parquet", BIG)
    async with opened(tmp_path) as source:
        await source.introspect()
        (tmp_path / "a.parquet").unlink()
        with pytest.raises(SourceUnavailable):
            await rows(source, "SELECT sum(n) FROM a")
        assert await rows(source, "SELECT count(*) AS n FROM b") == [{"n": 300_000}]


@pytest.mark.parametrize("ending", ["parquet", "arrow"])
async def test_numbers_widen_and_new_columns_are_null_before(tmp_path: Path, ending: str) -> None:
    (tmp_path / "t").mkdir()
    write(tmp_path / "t" / f"1.{ending}", pa.table({"a": pa.array([1], pa.int32()), "gone": ["x"]}))
    write(tmp_path / "t" / f"2.{ending}", pa.table({"a": [2.5], "new": [True]}))
    async with opened(tmp_path) as source:
        assert await rows(source, "SELECT a, gone, new FROM t ORDER BY a") == [
            {"a": 1.0, "gone": "x", "new": None},
            {"a": 2.5, "gone": None, "new": True},
        ]


async def described(source: LakeSource) -> None:
    await source.introspect()
    await rows(source, "SELECT * FROM t")


@pytest.mark.parametrize("ending", ["parquet", "arrow"])
async def test_columns_that_no_type_holds_are_said_in_words(tmp_path: Path, ending: str) -> None:
    (tmp_path / "t").mkdir()
    write(tmp_path / "t" / f"1.{ending}", pa.table({"a": [1]}))
    write(tmp_path / "t" / f"2.{ending}", pa.table({"a": [{"x": 1}]}))
    async with opened(tmp_path) as source:
        with pytest.raises(SourceUnavailable, match=r"could not be read|can't be one table"):
            await described(source)


SORTED = (
    "SELECT n FROM (SELECT a.n, hash(a.n, b.n) AS h, a.t || b.t AS t FROM big a, (FROM big LIMIT 20) b) ORDER BY h, t"
)


async def test_what_outgrows_the_memory_goes_to_disk(tmp_path: Path) -> None:
    write(tmp_path / "big.parquet", BIG)
    room = {"memory": "120MB", "spill_folder": str(tmp_path)}
    async with opened(tmp_path / "big.parquet", room) as source:
        batches = source.execute(f"SELECT count(n) AS n FROM ({SORTED} LIMIT 5000000)", Limits(seconds=60))
        assert [batch async for batch in batches]
        assert [place.stat().st_mode & 0o777 for place in tmp_path.glob("quillux-*")] == [0o700]
    assert not list(tmp_path.glob("quillux-*"))


@pytest.mark.parametrize("spill", ["0", "10MB"])
async def test_a_disk_that_is_full_ends_the_query_with_words(tmp_path: Path, spill: str) -> None:
    write(tmp_path / "big.parquet", BIG)
    room = {"memory": "120MB", "spill": spill, "spill_folder": str(tmp_path)}
    async with opened(tmp_path / "big.parquet", room) as source:
        with pytest.raises(TooMuch, match="needs more") as error:
            await rows(source, SORTED, Limits(rows=10_000_000, seconds=60))
        assert str(tmp_path) not in str(error.value)
        assert await rows(source, "SELECT count(*) AS n FROM big") == [{"n": 300_000}]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
async def test_a_real_disk_that_is_full_ends_the_query_with_words(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    write(tmp_path / "big.parquet", BIG)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(disk)], capture_output=True)
    if mounted.returncode:
        pytest.skip(f"no disk can be mounted here: {mounted.stderr.decode()[:100]}")
    try:
        async with opened(tmp_path / "big.parquet", {"memory": "120MB", "spill_folder": str(disk)}) as source:
            with pytest.raises(TooMuch, match="space for temporary files"):
                await rows(source, SORTED, Limits(rows=10_000_000, seconds=60))
            assert await rows(source, "SELECT count(*) AS n FROM big") == [{"n": 300_000}]
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


async def test_temporary_files_can_not_be_read_by_a_query(tmp_path: Path) -> None:
    write(tmp_path / "big.parquet", BIG)
    spill = tmp_path / "spill"
    spill.mkdir()
    async with opened(tmp_path / "big.parquet", {"spill_folder": str(spill)}) as source:
        await source.introspect()
        (place,) = spill.iterdir()
        (place / "of another question.csv").write_text("a\n666\n")
        for sql in (
            f"FROM read_csv('{place}/*')",
            f"FROM glob('{place}/*')",
            f"FROM '{place}/of another question.csv'",
        ):
            with pytest.raises(Exception, match="not run"):
                await rows(source, sql)


async def test_ten_thousand_files_are_one_table(tmp_path: Path) -> None:
    folder = tmp_path / "parts"
    folder.mkdir()
    raw = tmp_path / "one.parquet"
    pq.write_table(pa.table({"a": [1], "b": ["x"]}), raw)
    for number in range(10_000):
        os.link(raw, folder / f"part-{number:05}.parquet")
    start = monotonic()
    async with opened(f"{folder}/*.parquet") as source:
        (table,) = await source.introspect()
        assert table.rows == 10_000
        assert await rows(source, "SELECT sum(a) AS s FROM parts") == [{"s": 10_000}]
        assert await source.position(table)
    assert monotonic() - start < 60
