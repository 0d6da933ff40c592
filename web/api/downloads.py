"""A result as a file: CSV, Parquet or a workbook, made piece by piece off the event loop."""

import csv
import io
import re
import tempfile
from collections.abc import Callable, Iterator
from typing import IO, Literal, TypeAlias
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq

from web.api.cells import scalar
from web.api.workbook import write_workbook

Format: TypeAlias = Literal["csv", "parquet", "xlsx"]

CHUNK = 256 * 1024
BATCH = 5_000
IN_MEMORY = 8 * 1024 * 1024

MEDIA: dict[Format, str] = {
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

# A spreadsheet takes a text that begins so for a formula; the wide forms are taken so in East Asian settings.
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def harmless(text: str) -> str:
    """A text that no spreadsheet runs: an apostrophe goes before what would begin a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def file_name(wanted: str, format: Format) -> str:
    """A name that is safe on every system: letters, digits, dot, dash and underscore, 80 at most."""
    stem = re.sub(r"[^\w.-]+", "-", wanted, flags=re.ASCII).strip(".-_")[:80].rstrip(".-_")
    return f"{stem or 'result'}.{format}"


def disposition(wanted: str, format: Format) -> str:
    """The header that makes a browser save the file; the full name follows in UTF-8 (RFC 6266)."""
    stem = re.sub(r'[\x00-\x1f\x7f/\\:*?"<>|\ud800-\udfff]+', "-", wanted).strip(". -")[:80] or "result"
    full = quote(f"{stem}.{format}", safe="")
    return f"attachment; filename=\"{file_name(wanted, format)}\"; filename*=UTF-8''{full}"


def csv_pieces(table: pa.Table, *, bom: bool) -> Iterator[bytes]:
    """The result as CSV in UTF-8 (RFC 4180), about 5,000 rows a piece.

    The byte order mark is what Excel needs to read UTF-8; other readers skip it.
    """
    lines = io.StringIO()
    writer = csv.writer(lines)
    lines.write("\ufeff" if bom else "")
    writer.writerow([harmless(name) for name in table.column_names])
    for start in range(0, max(table.num_rows, 1), BATCH):
        page = table.slice(start, BATCH)
        values = [[_written(value) for value in page.column(n).to_pylist()] for n in range(page.num_columns)]
        writer.writerows(zip(*values, strict=True))
        yield lines.getvalue().encode("utf-8", "replace")
        lines.seek(0)
        lines.truncate()


def parquet_pieces(table: pa.Table) -> Iterator[bytes]:
    """The result as Parquet. Columns of the same name are numbered, since a reader finds them by name."""
    names = table.column_names
    table = table.rename_columns([_unique(names, n) for n in range(len(names))])
    return _pieces(lambda file: pq.write_table(table, file))


def workbook_pieces(table: pa.Table) -> Iterator[bytes]:
    """The result as a workbook. Raises TooMuch for more rows or columns than a sheet holds."""
    return _pieces(lambda file: write_workbook(table, file))


def _pieces(write: Callable[[IO[bytes]], None]) -> Iterator[bytes]:
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as file:
        write(file)
        file.seek(0)
        while piece := file.read(CHUNK):
            yield piece


def _unique(names: list[str], n: int) -> str:
    earlier = names[:n].count(names[n])
    return f"{names[n]}_{earlier + 1}" if earlier else names[n]


def _written(value: object) -> object:
    if isinstance(value, str):
        return harmless(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        return harmless(str(scalar(value)))
    if isinstance(value, int | float) or value is None:
        return value
    return str(value) if not isinstance(value, bytes) else scalar(value)
