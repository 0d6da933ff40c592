"""DuckDB's types, as DESCRIBE names them and as its Arrow export carries them; sums of 128 bits come as 64."""

import re

import pyarrow as pa

from knowledge.catalog.model import DataType
from knowledge.sources.types.table import TypeTable, decimal


def _list(found: re.Match[str]) -> pa.DataType:
    return pa.list_(DUCKDB.arrow(found[1]))


def _exact(found: re.Match[str]) -> pa.DataType:
    """A decimal without decimals is a whole number here."""
    return pa.int64() if found[2] == "0" else decimal(found)


DUCKDB = TypeTable(
    (
        (r"(.+)\[\d*\]", DataType.OTHER, _list),
        (r"boolean", DataType.BOOLEAN, pa.bool_()),
        (r"tinyint", DataType.INTEGER, pa.int8()),
        (r"smallint", DataType.INTEGER, pa.int16()),
        (r"integer", DataType.INTEGER, pa.int32()),
        (r"bigint|hugeint|uhugeint", DataType.INTEGER, pa.int64()),
        (r"utinyint", DataType.INTEGER, pa.uint8()),
        (r"usmallint", DataType.INTEGER, pa.uint16()),
        (r"uinteger", DataType.INTEGER, pa.uint32()),
        (r"ubigint", DataType.INTEGER, pa.uint64()),
        (r"decimal\((\d+),\s*(\d+)\)", DataType.NUMBER, _exact),
        (r"float", DataType.NUMBER, pa.float32()),
        (r"double", DataType.NUMBER, pa.float64()),
        (r"date", DataType.DATE, pa.date32()),
        (r"timestamp", DataType.TIMESTAMP, pa.timestamp("us")),
        (r"timestamp_s", DataType.TIMESTAMP, pa.timestamp("s")),
        (r"timestamp_ms", DataType.TIMESTAMP, pa.timestamp("ms")),
        (r"timestamp_ns", DataType.TIMESTAMP, pa.timestamp("ns")),
        (r"time", DataType.TIME, pa.time64("us")),
        (r"interval", DataType.OTHER, pa.month_day_nano_interval()),
        (r"varchar", DataType.TEXT, pa.string()),
        (r"blob", DataType.BINARY, pa.binary()),
    )
)
