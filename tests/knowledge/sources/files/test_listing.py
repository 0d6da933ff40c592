"""Which files make which tables: endings, patterns, partitions, links, hostile names."""

import gzip
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.feather
import pyarrow.ipc
import pyarrow.parquet as pq
import pytest

from knowledge.errors import KnowledgeError, SourceUnavailable
from knowledge.sources.listing import list_tables
from tests.knowledge.sources.files.asking import names, opened, rows

TABLE = pa.table({"a": [1, 2], "b": ["x", "y"]})


def write_all(folder: Path) -> None:
    (folder / "c.csv").write_text("a,b\n1,x\n2,y\n")
    (folder / "t.tsv").write_text("a\tb\n1\tx\n2\ty\n")
    (folder / "j.json").write_text('[{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]')
    (folder / "l.jsonl").write_text('{"a": 1, "b": "x"}\n{"a": 2, "b": "y"}\n')
    with gzip.open(folder / "cg.csv.gz", "wt") as packed:
        packed.write("a,b\n1,x\n2,y\n")
    with gzip.open(folder / "lg.jsonl.gz", "wt") as packed:
        packed.write('{"a": 1, "b": "x"}\n{"a": 2, "b": "y"}\n')
    (folder / "cz.csv.zst").write_bytes(pa.Codec("zstd").compress(b"a,b\n1,x\n2,y\n", asbytes=True))
    pq.write_table(TABLE, folder / "p.parquet")
    pyarrow.feather.write_feather(TABLE, folder / "f.feather", compression="zstd")
    with pa.ipc.new_file(folder / "i.arrow", TABLE.schema) as file:
        file.write_table(TABLE)


async def test_every_kind_of_file_is_a_table_of_its_own(tmp_path: Path) -> None:
    write_all(tmp_path)
    async with opened(tmp_path) as source:
        found = await names(source)
        assert sorted(found) == ["c", "cg", "cz", "f", "i", "j", "l", "lg", "p", "t"]
        for table in found:
            assert await rows(source, f"SELECT sum(a) AS s, max(b) AS m FROM {table} WHERE a > 1") == [
                {"s": 2, "m": "y"}
            ]


@pytest.mark.parametrize("file", ["c.csv", "cg.csv.gz", "cz.csv.zst", "f.feather", "i.arrow", "lg.jsonl.gz"])
async def test_a_file_is_a_source_by_itself(tmp_path: Path, file: str) -> None:
    write_all(tmp_path)
    async with opened(tmp_path / file) as source:
        (table,) = await names(source)
        assert await rows(source, f"SELECT count(*) AS n FROM {table}") == [{"n": 2}]


async def test_a_pattern_is_one_table_of_all_files_it_names(tmp_path: Path) -> None:
    for day in ("2025-12-31", "2026-01-01", "2026-01-02"):
        place = tmp_path / "logs" / day[:4] / "deep"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{day}.csv").write_text(f"day\n{day}\n")
    for pattern, count in (("**/2026-*.csv", 2), ("**/*.csv", 3), ("202?/deep/*-01.csv", 1), ("*.csv", 0)):
        async with opened(f"{tmp_path}/logs/{pattern}") as source:
            if count:
                assert await names(source) == {"logs": ["day"]}
                assert await rows(source, "SELECT count(*) AS n FROM logs") == [{"n": count}]
            else:
                with pytest.raises(SourceUnavailable, match="No Parquet"):
                    await source.introspect()


async def test_a_pattern_reaches_no_file_behind_a_link_or_hidden(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    (outside / "secret.csv").write_text("a\n666\n")
    (inside / "own.csv").write_text("a\n1\n")
    (inside / ".hidden.csv").write_text("a\n666\n")
    (inside / "link.csv").symlink_to(outside / "secret.csv")
    (inside / "around").symlink_to(inside)
    (inside / "out").symlink_to(outside)
    async with opened(f"{inside}/**/*.csv") as source:
        assert await rows(source, "SELECT a FROM inside") == [{"a": 1}]


async def test_folders_with_values_in_their_names_are_columns(tmp_path: Path) -> None:
    for year in (2025, 2026):
        for reader in ("parquet", "arrow"):
            place = tmp_path / reader / f"year={year}" / "month=7"
            place.mkdir(parents=True)
            if reader == "parquet":
                pq.write_table(TABLE, place / "x.parquet")
            else:
                pyarrow.feather.write_feather(TABLE, place / "x.arrow")
    async with opened(tmp_path) as source:
        for table in ("parquet", "arrow"):
            found = await rows(source, f"SELECT year, month, sum(a) AS s FROM {table} WHERE year = 2026 GROUP BY ALL")
            assert found == [{"year": 2026, "month": 7, "s": 3}]


async def test_names_of_files_do_no_harm(tmp_path: Path) -> None:
    hostile = ["a'b\"c", "new\nline", "x; DROP TABLE y", "ünï – 数据", "'); SELECT 1; --", "a=b", "%s{0}"]
    for at, name in enumerate(hostile):
        (tmp_path / f"{name}.csv").write_text(f"v\n{at}\n")
        pyarrow.feather.write_feather(pa.table({"v": [at]}), tmp_path / f"{name} 2.arrow")
    async with opened(tmp_path) as source:
        found = await names(source)
        assert set(found) == {*hostile, *(f"{name} 2" for name in hostile)}
        for at, name in enumerate(hostile):
            for table in (name, f"{name} 2"):
                quoted = table.replace('"', '""')
                assert await rows(source, f'SELECT v FROM "{quoted}"') == [{"v": at}]


async def test_a_name_that_is_no_unicode_is_passed_over(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(str(tmp_path)) + b"/bad\xff.csv")).write_text("a\n1\n")
    (tmp_path / "good.csv").write_text("a\n1\n")
    async with opened(tmp_path) as source:
        assert list(await names(source)) == ["good"]
        assert await rows(source, "SELECT a FROM good") == [{"a": 1}]


async def test_empty_files_are_passed_over_and_nothing_else_is_said(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "empty.parquet").write_bytes(b"")
    with pytest.raises(SourceUnavailable, match="anything in it"):
        list_tables(tmp_path)
    (tmp_path / "head.csv").write_text("a,b\n")
    async with opened(tmp_path) as source:
        assert await names(source) == {"head": ["a", "b"]}
        assert await rows(source, "SELECT * FROM head") == []


async def test_one_broken_file_leaves_the_others_readable_and_says_why(tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_text("a\n1\n")
    (tmp_path / "bad.parquet").write_bytes(b"no parquet at all" * 10)
    async with opened(tmp_path) as source:
        tables = {table.name: table for table in await source.introspect()}
        assert not tables["bad"].columns
        assert "could not be read" in tables["bad"].comment
        assert await rows(source, "SELECT a FROM good") == [{"a": 1}]
        with pytest.raises(SourceUnavailable, match="“bad”"):
            await rows(source, "SELECT * FROM bad")


async def test_a_file_that_comes_later_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("knowledge.sources.lake.source.LOOK_AGAIN", -1.0)
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "1.csv").write_text("a\n1\n")
    async with opened(tmp_path) as source:
        assert await rows(source, "SELECT sum(a) AS s FROM logs") == [{"s": 1}]
        (tmp_path / "logs" / "2.csv").write_text("a\n2\n")
        (tmp_path / "more.csv").write_text("b\n7\n")
        assert await rows(source, "SELECT sum(a) AS s FROM logs") == [{"s": 3}]
        assert await rows(source, "SELECT b FROM more") == [{"b": 7}]


async def test_a_table_stands_elsewhere_only_after_its_files_changed(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a\n1\n")
    (tmp_path / "b.csv").write_text("b\n1\n")
    async with opened(tmp_path) as source:
        a, b = await source.introspect()
        before = (await source.position(a), await source.position(b))
        assert all(before)
        (tmp_path / "a.csv").write_text("a\n1\n2\n")
        assert await source.position(a) != before[0]
        assert await source.position(b) == before[1]


async def test_files_that_a_query_names_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a\n1\n")
    (tmp_path / ".hidden.csv").write_text("a\n666\n")
    async with opened(tmp_path) as source:
        await source.introspect()
        for sql in (
            f"SELECT * FROM '{tmp_path}/.hidden.csv'",
            f"SELECT * FROM read_csv('{tmp_path}/.hidden.csv')",
            f"FROM read_text('{tmp_path}/.hidden.csv')",
            f"SELECT * FROM glob('{tmp_path}/*')",
            f"SELECT (SELECT content FROM read_blob('{tmp_path}/.hidden.csv'))",
            f"WITH x AS (SELECT * FROM read_csv_auto('{tmp_path}/.hidden.csv')) SELECT * FROM x",
            f"SELECT * FROM a, LATERAL (SELECT * FROM parquet_scan('{tmp_path}/x'))",
            f"SELECT * FROM query('SELECT * FROM read_text(''{tmp_path}/.hidden.csv'')')",
            f"SELECT * FROM query_table('{tmp_path}/.hidden.csv')",
            "SELECT * FROM duckdb_settings()",
            f"PIVOT read_csv('{tmp_path}/.hidden.csv') ON a",
            f"SUMMARIZE SELECT * FROM read_csv('{tmp_path}/.hidden.csv')",
            f"DESCRIBE SELECT * FROM read_csv('{tmp_path}/.hidden.csv')",
        ):
            with pytest.raises(KnowledgeError):
                await rows(source, sql)
