"""Tables and the catalog as JSON, so that they can be stored and are there at once at the next start."""

import json
import sys
import zlib
from dataclasses import MISSING, fields
from typing import Any, TypeVar

from knowledge.catalog.model import Catalog, Column, DataType, ForeignKey, Table

FORMAT = 1
SHORT = 40

T = TypeVar("T", Column, ForeignKey, Table)

_DEFAULTS = {
    kind: tuple((item.name, item.default) for item in fields(kind) if item.name not in ("columns", "keys"))
    for kind in (Column, Table)
} | {ForeignKey: tuple((item.name, item.default) for item in fields(ForeignKey))}
_TYPES = {str(kind): kind for kind in DataType}


def dumps(catalog: Catalog) -> str:
    """Compact JSON; fields that hold their default are left out."""
    tables = [_plain(table) for table in catalog.tables]
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


def pack(table: Table) -> bytes:
    """One table as compressed JSON."""
    return zlib.compress(json.dumps(_plain(table), separators=(",", ":")).encode("utf-8", "surrogatepass"), 3)


def unpack(packed: bytes, digest: str = "") -> Table:
    """The table behind `pack`, with the same digest. ValueError for anything else.

    Where the digest is known it need not be made again, which is half the time of loading a large catalog.
    """
    try:
        table = _table(json.loads(zlib.decompress(packed).decode("utf-8", "surrogatepass")))
        if digest:
            table.__dict__["digest"] = digest  # where the cached property keeps it
        return table
    except (KeyError, TypeError, AttributeError, zlib.error) as error:
        raise ValueError("the bytes are no table") from error


def _plain(table: Table) -> dict[str, Any]:
    columns = [_compact(column) for column in table.columns]
    return _compact(table) | {"columns": columns, "keys": [_compact(key) for key in table.keys]}


def _compact(value: Column | ForeignKey | Table) -> dict[str, Any]:
    found = ((name, getattr(value, name), default) for name, default in _DEFAULTS[type(value)])
    return {name: item for name, item, default in found if default is MISSING or item != default}


def _table(value: dict[str, Any]) -> Table:
    columns = tuple(_restore(Column, {**item, "type": _TYPES[item["type"]]}) for item in value["columns"])
    keys = tuple(_restore(ForeignKey, item) for item in value["keys"])
    return _restore(Table, {**value, "columns": columns, "keys": keys})


def _restore(cls: type[T], value: dict[str, Any]) -> T:
    arguments: dict[str, Any] = {
        name: tuple(map(shared, item) if name != "counts" else item) if isinstance(item, list) else shared(item)
        for name, item in value.items()
    }
    return cls(**arguments)


def shared(item: Any) -> Any:
    """Short texts once in memory, however many tables have them: names, types, countries, states."""
    return sys.intern(item) if type(item) is str and len(item) <= SHORT else item
