"""MySQL's and MariaDB's types, as information_schema names them and as a result's columns carry them."""

import pyarrow as pa
from pymysql.constants import FIELD_TYPE, FLAG

from knowledge.catalog.model import DataType
from knowledge.sources.types.table import Rule, TypeTable, decimal

_WIDTH = r"(?:\(\d+\))?"


def _integer(name: str, signed: pa.DataType, unsigned: pa.DataType) -> tuple[Rule, Rule]:
    return (
        (rf"{name}{_WIDTH}(?: signed)?", DataType.INTEGER, signed),
        (rf"{name}{_WIDTH} unsigned(?: zerofill)?", DataType.INTEGER, unsigned),
    )


MYSQL = TypeTable(
    (
        (r"tinyint\(1\)|bool(?:ean)?", DataType.BOOLEAN, pa.int8()),
        (r"bit\(1\)|bit", DataType.BOOLEAN, pa.bool_()),
        (r"bit\(\d+\)", DataType.INTEGER, pa.uint64()),
        *_integer("tinyint", pa.int8(), pa.uint8()),
        *_integer("smallint", pa.int16(), pa.uint16()),
        *_integer("mediumint", pa.int32(), pa.uint32()),
        *_integer("int(?:eger)?", pa.int32(), pa.uint32()),
        *_integer("bigint", pa.int64(), pa.uint64()),
        (rf"year{_WIDTH}", DataType.INTEGER, pa.int16()),
        (r"decimal\((\d+),\s*(\d+)\)(?: unsigned)?(?: zerofill)?", DataType.NUMBER, decimal),
        (r"(?:float|double)(?:\(\d+,\d+\))?(?: unsigned)?(?: zerofill)?", DataType.NUMBER, pa.float64()),
        (r"date", DataType.DATE, pa.date32()),
        (rf"datetime{_WIDTH}", DataType.TIMESTAMP, pa.timestamp("us")),
        (rf"timestamp{_WIDTH}", DataType.TIMESTAMP, pa.timestamp("us", "UTC")),
        (rf"time{_WIDTH}", DataType.TIME, pa.time64("us")),
        (r"json", DataType.JSON, pa.string()),
        (
            r"(?:var)?char\(\d+\)|(?:tiny|medium|long)?text|enum\(.*\)|set\(.*\)|uuid|inet[46]",
            DataType.TEXT,
            pa.string(),
        ),
        (r"(?:var)?binary\(\d+\)|(?:tiny|medium|long)?blob", DataType.BINARY, pa.binary()),
        (r"geometry|point|linestring|polygon|multi.*|geometrycollection", DataType.OTHER, pa.binary()),
        (r"null", DataType.OTHER, pa.null()),
    )
)
"""`tinyint(1)` is read as a number: the catalog knows it for yes and no, and nothing keeps a 2 out of it."""

BINARY_CHARSET = 63

_INTEGERS = {
    FIELD_TYPE.TINY: "tinyint",
    FIELD_TYPE.SHORT: "smallint",
    FIELD_TYPE.INT24: "mediumint",
    FIELD_TYPE.LONG: "int",
    FIELD_TYPE.LONGLONG: "bigint",
}
_NAMED = {
    FIELD_TYPE.FLOAT: "float",
    FIELD_TYPE.DOUBLE: "double",
    FIELD_TYPE.NULL: "null",
    FIELD_TYPE.TIMESTAMP: "timestamp",
    FIELD_TYPE.DATE: "date",
    FIELD_TYPE.NEWDATE: "date",
    FIELD_TYPE.TIME: "time",
    FIELD_TYPE.DATETIME: "datetime",
    FIELD_TYPE.YEAR: "year",
    FIELD_TYPE.JSON: "json",
    FIELD_TYPE.GEOMETRY: "geometry",
}


def native_of(code: int, flags: int, length: int, scale: int, charset: int) -> str:
    """The native type of a column of a result, from what the server sends ahead of the rows."""
    unsigned = " unsigned" if flags & FLAG.UNSIGNED else ""
    if name := _INTEGERS.get(code):
        return f"{name}(1)" if name == "tinyint" and length == 1 and not unsigned else name + unsigned
    if code in (FIELD_TYPE.DECIMAL, FIELD_TYPE.NEWDECIMAL):
        return f"decimal({length - (not unsigned) - (scale > 0)},{scale})"
    if code == FIELD_TYPE.BIT:
        return f"bit({length})"
    return _NAMED.get(code) or ("longblob" if charset == BINARY_CHARSET else "longtext")
