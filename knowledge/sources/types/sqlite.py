"""SQLite's declared types. Any value may stand under any of them: what arrives follows the values themselves."""

import pyarrow as pa

from knowledge.catalog.model import DataType
from knowledge.sources.types.table import TypeTable

_SIZE = r"(?:\s*\(.*\))?"

SQLITE = TypeTable(
    (
        (rf"boolean{_SIZE}|bool", DataType.BOOLEAN, pa.int64()),
        (rf"datetime{_SIZE}|timestamp.*", DataType.TIMESTAMP, pa.timestamp("us")),
        (r"date", DataType.DATE, pa.date32()),
        (r"time", DataType.TIME, pa.string()),
        (r"json", DataType.JSON, pa.string()),
        (rf".*int.*{_SIZE}", DataType.INTEGER, pa.int64()),
        (rf".*(?:char|clob|text).*{_SIZE}|uuid", DataType.TEXT, pa.string()),
        (rf".*blob.*{_SIZE}|(?:var)?binary{_SIZE}", DataType.BINARY, pa.binary()),
        (rf".*(?:real|floa|doub|numeric|decimal|number|money).*{_SIZE}", DataType.NUMBER, pa.float64()),
    )
)
