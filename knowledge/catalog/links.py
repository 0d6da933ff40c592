"""Keys into other sources, apart from their tables: they belong to no single source's scan."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from knowledge.catalog.ledger import Place
from knowledge.catalog.model import ForeignKey, Table


@dataclass(frozen=True, slots=True)
class Link:
    """A key of the table at `place` into another source."""

    place: Place
    key: ForeignKey


def with_links(tables: Sequence[Table], links: Iterable[Link]) -> tuple[Table, ...]:
    """The tables with these keys added; a key whose column is gone is left out."""
    keys: dict[Place, list[ForeignKey]] = defaultdict(list)
    for link in links:
        keys[link.place].append(link.key)
    return tuple(_with(table, keys.get((table.schema, table.name), ())) for table in tables)


def _with(table: Table, keys: Sequence[ForeignKey]) -> Table:
    found = tuple(key for key in keys if all(name.lower() in table.by_name for name in key.columns))
    return replace(table, keys=(*table.keys, *found)) if found else table


def links_to_json(tables: Iterable[Table]) -> dict[str, Any]:
    """The keys of these tables into other sources, as JSON."""
    return {
        "keys": [
            {"schema": table.schema, "table": table.name, "key": _listed(asdict(key))}
            for table in tables
            for key in table.keys
            if key.source
        ]
    }


def links_of(value: Mapping[str, Any]) -> list[Link]:
    """The links behind `links_to_json`."""
    return [Link((item["schema"], item["table"]), ForeignKey(**_tupled(item["key"]))) for item in value.get("keys", ())]


def _listed(value: dict[str, Any]) -> dict[str, Any]:
    return {name: list(item) if isinstance(item, tuple) else item for name, item in value.items()}


def _tupled(value: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(item) if isinstance(item, list) else item for name, item in value.items()}
