"""Whether very many files of one table have the same columns, so that a question need not look into each for them."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from knowledge.sources.lake.duck import quoted, text
from knowledge.sources.listing import PACKED, FileTable

FEW = 100
"""Up to here DuckDB looks into every file at every question."""
_SAMPLED = 50
_AT_ONCE = 8


def columns_alike(
    database: duckdb.DuckDBPyConnection, table: FileTable, options: Sequence[str]
) -> tuple[str, ...] | None:
    """More options for DuckDB's reader where all files have the same columns; None where that is not known.

    Types of CSV columns come from fifty files; a value elsewhere that does not fit is an error that names its line.
    """
    if len(table.files) <= FEW or table.reader not in ("read_parquet", "read_csv"):
        return None
    if any(file.suffix.lower() in PACKED for file in table.files):
        return None
    look = _parquet_columns if table.reader == "read_parquet" else _first_line
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        if len(set(threads.map(look, table.files))) > 1:
            return None
    return _typed(database, table, options) if table.reader == "read_csv" else ()


def _typed(database: duckdb.DuckDBPyConnection, table: FileTable, options: Sequence[str]) -> tuple[str, ...]:
    some = table.files[:: len(table.files) // _SAMPLED]
    names = ", ".join(text(str(file)) for file in some)
    given = ", ".join(("hive_partitioning = false", "union_by_name = true", *options))
    found = database.execute(f"DESCRIBE SELECT * FROM read_csv([{names}], {given})").fetchall()  # noqa: S608
    columns = ", ".join(f"{quoted(str(name))}: {text(str(native))}" for name, native, *_ in found)
    return (f"columns = {{{columns}}}",)


def _parquet_columns(file: Path) -> str:
    return str(pq.read_schema(file).remove_metadata())


def _first_line(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.readline(64 * 1024)
