"""Columns of an API's rows: declared or inferred, and their values as Arrow."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal, TypeAlias

import pyarrow as pa

from knowledge.catalog.model import DataType
from knowledge.catalog.types import from_text
from knowledge.errors import SourceUnavailable

Kind: TypeAlias = Literal["text", "integer", "number", "boolean", "date", "timestamp", "json"]
KINDS: Mapping[str, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "json": pa.string(),
}
EPOCHS = {"epoch": 1, "epoch_ms": 1_000}
_WHOLE = re.compile(r"[+-]?\d{1,19}")


@dataclass(frozen=True, slots=True)
class RestColumn:
    """A column. `at` is where its value is in a row, as keys with dots; `form` says that moments are `epoch` numbers.

    Moments with a zone become UTC.
    """

    name: str
    kind: str
    at: str = ""
    comment: str = ""
    form: str = ""

    @property
    def field(self) -> pa.Field:
        """As Arrow names it."""
        return pa.field(self.name, KINDS[self.kind], metadata={"comment": self.comment} if self.comment else None)

    def value(self, row: Mapping[str, Any], table: str) -> object:
        """Its value in a row, None where there is none. Raises SourceUnavailable for one of another type."""
        found = found_at(row, self.at or self.name)
        if found is None:
            return None
        try:
            return _VALUES[self.kind](_from_epoch(found, self.form) if self.form else found)
        except (TypeError, ValueError, OverflowError, RecursionError) as error:
            raise SourceUnavailable(
                f"“{self.name}” of the table “{table}” holds {_called(found)} where its type is {self.kind}.",
                next_step="Declare its type in the description of the API, for instance `text`.",
            ) from error


def inferred(rows: Sequence[Mapping[str, Any]]) -> tuple[RestColumn, ...]:
    """Columns of all keys that occur; of types that all values have, text where they differ."""
    names = dict.fromkeys(name for row in rows for name in row)
    return tuple(RestColumn(name, _kind([row.get(name) for row in rows]), _escaped(name)) for name in names)


def found_at(value: object, path: str) -> Any:
    """What lies at keys with dots, `data.items.0`; None where a key is missing. `\\.` is a dot within a key."""
    for key in re.split(r"(?<!\\)\.", path) if path else []:
        name = key.replace("\\.", ".")
        match value:
            case dict():
                value = value.get(name)
            case list() if name.isdigit() and int(name) < len(value):
                value = value[int(name)]
            case _:
                return None
    return value


def _escaped(name: str) -> str:
    return name.replace(".", "\\.")


def _kind(values: Sequence[object]) -> str:
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return "boolean"
    if kinds == {int}:
        return "integer"
    if kinds and kinds <= {int, float}:
        return "number"
    if kinds & {dict, list}:
        return "json"
    texts = [value for value in values if isinstance(value, str)]
    return {DataType.DATE: "date", DataType.TIMESTAMP: "timestamp"}.get(from_text(texts) or DataType.TEXT, "text")


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _integer(value: object) -> int:
    if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        raise TypeError
    if not -(2**63) <= value < 2**63:
        raise OverflowError
    return int(value)


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError
    return float(value)


def _boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return value == "true"
    raise TypeError


def _date(value: object) -> date:
    return value.date() if isinstance(value, datetime) else _iso(value).date()


def _moment(value: object) -> datetime:
    moment = value if isinstance(value, datetime) else _iso(value)
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _iso(value: object) -> datetime:
    if not isinstance(value, str):
        raise TypeError
    return datetime.fromisoformat(value)


def _from_epoch(value: object, form: str) -> datetime:
    return datetime.fromtimestamp(_number(value) / EPOCHS[form], UTC)


_VALUES: Mapping[str, Callable[[object], object]] = {
    "text": _text, "integer": _integer, "number": _number, "boolean": _boolean,
    "date": _date, "timestamp": _moment, "json": lambda value: json.dumps(value, ensure_ascii=False),
}  # fmt: skip


def _called(value: object) -> str:
    names = {bool: "true or false", int: "a whole number", float: "a number", str: "a text", list: "a list"}
    return names.get(type(value), "an object")
