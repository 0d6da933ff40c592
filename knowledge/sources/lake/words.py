"""Errors of DuckDB and Arrow in words: who must act, and on what."""

import re

import duckdb
import pyarrow as pa

from knowledge.errors import KnowledgeError, Refused, SourceUnavailable, TooMuch, only_reading
from knowledge.sources.meter import SMALLER

READING = (duckdb.Error, pa.ArrowException, OSError, ValueError, KeyError)
"""What reading files may raise."""

_CSV_LINE = re.compile(r"CSV Error on Line: (\d+)")
_FIELDS = re.compile(r"Expected Number of Columns: (\d+) Found: (\d+)")
_COLUMN = re.compile(r"Error when converting column \"(.*?)\"\. (.*)")
_FILE = re.compile(r"^\s*file = (.*)$", re.MULTILINE)


def explained(source: str, error: Exception, spill: str = "") -> KnowledgeError:
    """The error for a query that failed."""
    said = str(error)
    match error:
        case KnowledgeError():
            return error
        case duckdb.OutOfMemoryException():
            return _too_large("temp_directory" in said and "offload" in said)
        case duckdb.PermissionException():
            return only_reading()
        case duckdb.IOException() | duckdb.Error() if _disk_full(said, spill):
            return _too_large(True)
        case duckdb.IOException() | duckdb.HTTPException() | OSError():
            return unreadable(source, "", error)
        case duckdb.InvalidInputException() | duckdb.ConversionException() if _CSV_LINE.search(said):
            return unreadable(source, "", error)
        case _ if _from_arrow(said):
            return unreadable(source, "", error)
        case _:
            return Refused(
                f"The database could not run the query: {first_line(error)}.", next_step="Ask in other words."
            )


def unreadable(source: str, table: str, error: Exception) -> SourceUnavailable:
    """The error for files that can't be read."""
    which = f"“{table}” of the source “{source}”" if table else f"The source “{source}”"
    return SourceUnavailable(
        f"{which} could not be read: {csv_words(str(error)) or first_line(error)}.",
        next_step="Check its files with `quillux source test`.",
    )


def csv_words(said: str) -> str:
    """Where a CSV file is wrong, and how; empty for an error of another kind."""
    line = _CSV_LINE.search(said)
    if not line:
        return ""
    file = _FILE.search(said)
    where = f"line {line[1]}" + (f" of “{file[1].strip().rpartition('/')[2]}”" if file else "")
    if fields := _FIELDS.search(said):
        return f"{where} has {fields[2]} fields where {fields[1]} are expected"
    if column := _COLUMN.search(said):
        return f"{where}, column “{column[1]}”: {column[2][:200].rstrip('. ')}"
    if "unicode" in said:
        return f"{where} is neither UTF-8 nor what its beginning looked like; save the file as UTF-8"
    return f"{where}: {first_line(said.partition(chr(10))[2] or said)}"


def first_line(error: Exception | str) -> str:
    """What an error says first, without the end of its sentence."""
    lines = [line for line in str(error).splitlines() if line.strip()]
    return lines[0][:300].rstrip(". ") if lines else type(error).__name__


def _too_large(spilled: bool) -> TooMuch:
    what = "more space for temporary files" if spilled else "more memory"
    return TooMuch(f"The query needs {what} than it may have.", next_step=SMALLER)


def _disk_full(said: str, spill: str) -> bool:
    return "No space left on device" in said or bool(spill and spill in said)


def _from_arrow(said: str) -> bool:
    return any(word in said for word in ("ArrowException", "OSError", "ArrowInvalid", "Parquet", "AWS Error", "Arrow"))
