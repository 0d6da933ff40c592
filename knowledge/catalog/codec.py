"""The catalog as JSON text, so that it can be stored and is there at once at the next start."""

import json
from dataclasses import MISSING, fields
from typing import Any, TypeVar

from knowledge.catalog.model import Catalog, Column, DataType, ForeignKey, Table

FORMAT = 1

T = TypeVar("T", Column, ForeignKey, Table)


def dumps(catalog: Catalog) -> str:
    """Compact JSON; fields that hold their default are left out."""
    tables = [
        _compact(table)
        | {
            "columns": [_compact(column) for column in table.columns],
            "keys": [_compact(key) for key in table.keys],
        }
        for table in catalog.tables
    ]
    return json.dumps({"format": FORMAT, "dialects": catalog.dialects, "tables": tables}, separators=(",", ":"))


def loads(text: str) -> Catalog:
    """The catalog behind `dumps`, with the same version. ValueError for any other text."""
    try:
        value = json.loads(text)
        if value["format"] != FORMAT:
            raise ValueError(f"the catalog has format {value['format']}, not {FORMAT}")
        return Catalog(tuple(_table(item) for item in value["tables"]), dict(value["dialects"]))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("the text is no catalog") from error


def _compact(value: Column | ForeignKey | Table) -> dict[str, Any]:
    return {
        item.name: getattr(value, item.name)
        for item in fields(value)
        if item.default is MISSING or getattr(value, item.name) != item.default
    }


def _table(value: dict[str, Any]) -> Table:
    columns = tuple(_restore(Column, {**item, "type": DataType(item["type"])}) for item in value["columns"])
    keys = tuple(_restore(ForeignKey, item) for item in value["keys"])
    return _restore(Table, {**value, "columns": columns, "keys": keys})


def _restore(cls: type[T], value: dict[str, Any]) -> T:
    arguments: dict[str, Any] = {name: tuple(item) if isinstance(item, list) else item for name, item in value.items()}
    return cls(**arguments)
