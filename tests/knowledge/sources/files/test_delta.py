"""Delta tables written by deltalake: versions, schema changes, time travel, what can't be read."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from knowledge.errors import SourceUnavailable
from knowledge.sources.changes import Changing
from knowledge.sources.opening import Opening
from tests.knowledge.sources.files.asking import names, opened, rows
from tests.s3 import s3_server

SUM = "SELECT count(*) AS n, sum(id) AS s FROM events"


def events(*ids: int) -> pa.Table:
    return pa.table({"id": list(ids), "kind": [("a", "b")[number % 2] for number in ids]})


async def test_what_is_appended_and_overwritten_is_seen_by_the_next_question(tmp_path: Path) -> None:
    path = tmp_path / "events"
    write_deltalake(path, events(1, 2))
    async with opened(f"delta://{path}") as source:
        assert isinstance(source, Changing)
        (table,) = await source.introspect()
        positions = [await source.position(table)]
        assert table.rows == 2
        assert await rows(source, SUM) == [{"n": 2, "s": 3}]
        write_deltalake(path, events(3), mode="append")
        positions.append(await source.position(table))
        assert await rows(source, SUM) == [{"n": 3, "s": 6}]
        write_deltalake(path, events(10), mode="overwrite")
        positions.append(await source.position(table))
        assert await rows(source, SUM) == [{"n": 1, "s": 10}]
        assert [position.rpartition("@")[2] for position in positions] == ["0", "1", "2"]


async def test_a_version_may_be_pinned(tmp_path: Path) -> None:
    path = tmp_path / "events"
    write_deltalake(path, events(1, 2))
    write_deltalake(path, events(3), mode="append")
    async with opened(f"delta://{path}", {"version": "0"}) as source:
        (table,) = await source.introspect()
        assert (table.rows, table.comment) == (2, "As of version 0.")
        write_deltalake(path, events(4), mode="append")
        assert await rows(source, SUM) == [{"n": 2, "s": 3}]
    async with opened(f"delta://{path}", {"version": "99"}) as source:
        with pytest.raises(SourceUnavailable, match="at version 99"):
            await source.introspect()
    with pytest.raises(SourceUnavailable, match="is no number"):
        async with opened(f"delta://{path}", {"version": "latest"}):
            pass


async def test_a_column_that_was_added_is_null_before(tmp_path: Path) -> None:
    path = tmp_path / "events"
    write_deltalake(path, events(1))
    async with opened(f"delta://{path}") as source:
        assert await names(source) == {"events": ["id", "kind"]}
        more = events(2).append_column("note", pa.array(["new"]))
        write_deltalake(path, more, mode="append", schema_mode="merge")
        assert await names(source) == {"events": ["id", "kind", "note"]}
        assert await rows(source, "SELECT id, note FROM events ORDER BY id") == [
            {"id": 1, "note": None},
            {"id": 2, "note": "new"},
        ]


async def test_partitions_comments_and_freshness_are_in_the_catalog(tmp_path: Path) -> None:
    path = tmp_path / "events"
    schema = pa.schema([pa.field("id", pa.int64(), metadata={"comment": "Size [kg]"}), pa.field("kind", pa.string())])
    before = datetime.now(UTC).replace(microsecond=0)
    write_deltalake(path, events(1, 2, 3).cast(schema), partition_by=["kind"], description="What happened")
    async with opened(f"delta://{path}") as source:
        (table,) = await source.introspect()
        assert (table.comment, table.by_name["id"].comment, table.by_name["id"].unit) == ("What happened", "Size", "kg")
        assert before <= datetime.fromisoformat(table.fresh_at) <= datetime.now(UTC)
        assert await rows(source, "SELECT id FROM events WHERE kind = 'a'") == [{"id": 2}]


async def test_a_delta_table_in_a_folder_is_a_table_of_the_folder(tmp_path: Path) -> None:
    write_deltalake(tmp_path / "events", events(1, 2))
    write_deltalake(tmp_path / "events", events(7), mode="overwrite")
    (tmp_path / "kinds.csv").write_text("kind,title\na,Alpha\nb,Beta\n")
    async with opened(tmp_path) as source:
        found = await rows(source, "SELECT id, title FROM events JOIN kinds USING (kind)")
        assert found == [{"id": 7, "title": "Beta"}]
    async with opened(tmp_path / "events") as source:
        assert await rows(source, SUM) == [{"n": 1, "s": 7}]


def with_feature(name: str) -> Callable[[Path], None]:
    """Writes into the log that the table uses a feature."""

    def write(path: Path) -> None:
        protocol = {"minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": [name], "writerFeatures": [name]}
        append_to_log(path, {"protocol": protocol})

    return write


def with_column_mapping(path: Path) -> None:
    log = path / "_delta_log" / f"{0:020d}.json"
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    for line in lines:
        if "metaData" in line:
            line["metaData"]["configuration"] = {"delta.columnMapping.mode": "name"}
        if "protocol" in line:
            line["protocol"] = {"minReaderVersion": 2, "minWriterVersion": 5}
    log.write_text("\n".join(json.dumps(line) for line in lines))


def append_to_log(path: Path, action: dict[str, object]) -> None:
    (path / "_delta_log" / f"{1:020d}.json").write_text(json.dumps(action) + "\n")


@pytest.mark.parametrize(
    ("change", "says"),
    [(with_feature("deletionVectors"), "deletion vectors"), (with_column_mapping, "column mapping|columnMapping")],
)
async def test_what_would_be_read_wrongly_is_refused_in_words(
    tmp_path: Path, change: Callable[[Path], None], says: str
) -> None:
    path = tmp_path / "events"
    write_deltalake(path, events(1, 2))
    change(path)
    async with opened(f"delta://{path}") as source:
        with pytest.raises(SourceUnavailable, match=says):
            await source.introspect()


@pytest.mark.parametrize("target", ["../secret/{name}", "file://{secret}/{name}", "{secret}/{name}"])
async def test_a_log_that_names_files_elsewhere_is_refused(tmp_path: Path, target: str) -> None:
    secret, path = tmp_path / "secret", tmp_path / "events"
    write_deltalake(secret, events(666))
    write_deltalake(path, events(1))
    (file,) = secret.glob("*.parquet")
    add = {"path": target.format(secret=secret, name=file.name), "partitionValues": {}, "size": file.stat().st_size}
    append_to_log(path, {"add": {**add, "modificationTime": 1, "dataChange": True}})
    async with opened(f"delta://{path}") as source:
        with pytest.raises(SourceUnavailable):
            await source.introspect()
        with pytest.raises(SourceUnavailable):
            await rows(source, SUM)


async def test_a_file_that_was_vacuumed_away_is_unavailable(tmp_path: Path) -> None:
    path = tmp_path / "events"
    write_deltalake(path, events(1))
    write_deltalake(path, events(2), mode="overwrite")
    async with opened(f"delta://{path}", {"version": "0"}) as source:
        assert await rows(source, SUM) == [{"n": 1, "s": 1}]
        DeltaTable(path).vacuum(retention_hours=0, dry_run=False, enforce_retention_duration=False)
        with pytest.raises(SourceUnavailable):
            await rows(source, SUM)


async def test_what_is_no_delta_table_is_said(tmp_path: Path) -> None:
    (tmp_path / "events").mkdir()
    async with opened(f"delta://{tmp_path}/events") as source:
        with pytest.raises(SourceUnavailable, match="no Delta table is there"):
            await source.introspect()


async def test_delta_tables_in_s3_are_read_by_address_and_within_a_bucket() -> None:
    with s3_server() as store:
        store.files.create_dir("deltas")
        write_deltalake("s3://deltas/deep/events", events(1, 2), storage_options=store.delta)
        for opening in (store.opening("delta+s3://deltas/deep/events"), store.opening("s3://deltas/deep")):
            async with opened(opening) as source:
                (table,) = await source.introspect()
                assert (table.name, table.rows) == ("events", 2)
                assert table.fresh_at
                assert await rows(source, SUM) == [{"n": 2, "s": 3}]
        async with opened(store.opening("delta+s3://deltas/deep/events", version="0")) as source:
            write_deltalake("s3://deltas/deep/events", events(3), mode="append", storage_options=store.delta)
            assert await rows(source, SUM) == [{"n": 2, "s": 3}]
        wrong = store.opening("delta+s3://deltas/nothing")
        async with opened(Opening("shop", wrong.address, wrong.resolve, options=wrong.options)) as source:
            with pytest.raises(SourceUnavailable, match="no Delta table is there"):
                await source.introspect()


async def test_values_of_partitions_may_hold_any_letter(tmp_path: Path) -> None:
    path = tmp_path / "events"
    kinds = ["a b", "ü/x", "100%", "it's", "a=b", ".."]
    write_deltalake(path, pa.table({"id": range(len(kinds)), "kind": kinds}), partition_by=["kind"])
    async with opened(f"delta://{path}") as source:
        assert [row["kind"] for row in await rows(source, "SELECT * FROM events ORDER BY id")] == kinds
