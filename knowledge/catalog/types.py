"""From a database's own type, or from the values themselves, to what a column holds."""

import re
from collections.abc import Iterable

from knowledge.catalog.model import DataType

ISO_DATE = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
ISO_TIMESTAMP = re.compile(
    ISO_DATE.pattern + r"[T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?(Z|[+-]\d\d(:?\d\d)?)?"
)

_RULES: tuple[tuple[DataType, str], ...] = (
    (DataType.OTHER, r"\[\]|^array|struct|map\(|^list|range|interval"),
    (DataType.BOOLEAN, r"bool|^bit$"),
    (DataType.TIMESTAMP, r"timestamp|datetime"),
    (DataType.DATE, r"^date"),
    (DataType.TIME, r"^time"),
    (DataType.JSON, r"json|variant"),
    (DataType.INTEGER, r"(^|[\s(])u?(tiny|small|medium|big|huge)?int(eger|\d*)(\(\d+\))?( unsigned)?$|serial"),
    (DataType.NUMBER, r"numeric|decimal|number|real|float|double|money"),
    (DataType.TEXT, r"char|text|clob|string|uuid|enum|name$|citext|inet"),
    (DataType.BINARY, r"blob|binary|bytea"),
)


def from_native(native: str) -> DataType:
    """What a declared type holds; OTHER where the name says nothing."""
    lowered = native.strip().lower()
    return next((kind for kind, pattern in _RULES if re.search(pattern, lowered)), DataType.OTHER)


def from_text(values: Iterable[str]) -> DataType | None:
    """DATE or TIMESTAMP when every value is ISO text of it, and there is one; otherwise None."""
    found = list(values)
    if not found:
        return None
    if all(ISO_DATE.fullmatch(value) for value in found):
        return DataType.DATE
    if all(ISO_DATE.fullmatch(value) or ISO_TIMESTAMP.fullmatch(value) for value in found):
        return DataType.TIMESTAMP
    return None
