"""How a CSV file is written: what DuckDB's detection needs to be told."""

import codecs
import csv
import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from knowledge.sources.lake.words import READING

_LOOKED_AT = 1024 * 1024
_DELIMITERS = ",;\t|"
_SAMPLE = "sample_size = 200000"


@dataclass(frozen=True, slots=True)
class Told:
    """Options for DuckDB's `read_csv`, and what people should know of the file."""

    options: tuple[str, ...] = ()
    note: str = ""


def csv_options(database: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> Told:
    """What to say about these files; the first and the last of them are looked at."""
    ends = [_ends(file) for file in dict.fromkeys((files[0], files[-1]))]
    encoding = next((found for begin, end in ends if (found := _encoding(begin, end))), "")
    options = [_SAMPLE] + ([f"encoding = '{encoding}'"] if encoding else [])
    first_lines = [
        line for line in ends[0][0].decode(encoding or "utf-8-sig", "replace").splitlines()[:200] if line.strip()
    ]
    names, note = _columns(database, files[0], options), ""
    if len(names) == 1 and (delimiter := _hidden_delimiter(first_lines)):
        options += [f"delim = '{delimiter}'", "header = true", "null_padding = true", "quote = '\"'"]
        note = "Rows with fewer fields than the header are filled with nulls."
        _no_longer_rows(files[0].name, first_lines, delimiter, len(_columns(database, files[0], options)))
    elif names and _written_with_commas(first_lines):
        options += ["delim = ';'", "decimal_separator = ','"]
    return Told(tuple(options), note)


def _columns(database: duckdb.DuckDBPyConnection, file: Path, options: Sequence[str]) -> list[str]:
    literal = "'" + str(file).replace("'", "''") + "'"
    try:
        found = database.execute(f"DESCRIBE SELECT * FROM read_csv({literal}, {', '.join(options)})")  # noqa: S608
        return [str(row[0]) for row in found.fetchall()]
    except READING:
        return []


def _ends(file: Path) -> tuple[bytes, bytes]:
    """The beginning of a file and whole lines from its end; of a packed one the beginning only."""
    match file.suffix.lower():
        case ".gz":
            with gzip.open(file) as stream:
                return stream.read(_LOOKED_AT), b""
        case ".zst":
            with pa.CompressedInputStream(pa.OSFile(str(file)), "zstd") as packed:
                return bytes(packed.read(_LOOKED_AT)), b""
        case _:
            with file.open("rb") as plain:
                begin = plain.read(_LOOKED_AT)
                plain.seek(max(len(begin), file.stat().st_size - _LOOKED_AT))
                return begin, plain.read(_LOOKED_AT).partition(b"\n")[2]


def _encoding(begin: bytes, end: bytes) -> str:
    """DuckDB's name for what is not UTF-8; empty for what is."""
    if begin.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(begin)  # it may end within a letter
        end.decode("utf-8")
    except UnicodeDecodeError:
        return "latin-1"
    return ""


def _hidden_delimiter(lines: Sequence[str]) -> str:
    """The delimiter of a file that looked like one column because its rows differ in length; empty for none."""
    if len(lines) < 2:
        return ""
    best = max(_DELIMITERS, key=lambda letter: min(lines[0].count(letter), lines[1].count(letter)))
    return best if lines[0].count(best) and lines[1].count(best) else ""


def _no_longer_rows(name: str, lines: Sequence[str], delimiter: str, columns: int) -> None:
    """Raises ValueError for rows with more fields than the header, whose values have no name."""
    fields = [len(row) for row in csv.reader(lines, delimiter=delimiter)]
    for at, count in enumerate(fields, 1):
        if count > fields[0]:
            raise ValueError(f"line {at} of “{name}” has {count} fields where {fields[0]} are expected")
    if columns > fields[0]:
        raise ValueError(f"a line of “{name}” has {columns} fields where {fields[0]} are expected")


def _written_with_commas(lines: Sequence[str]) -> bool:
    """Whether fields between semicolons are numbers with a decimal comma."""
    fields = [field.strip() for line in lines[1:] for field in line.split(";")] if ";" in "".join(lines[:1]) else []
    decimal = [field for field in fields if field.count(",") == 1 and field.strip("-").replace(",", "").isdigit()]
    return bool(decimal) and all("." not in field or field in decimal for field in fields if field[:1].isdigit())
