"""Which table of the catalog a table in a query tree is, in a query of one source or of several."""

from collections.abc import Iterable

from sqlglot import exp

from knowledge.catalog.model import Table

_DEFAULT_SCHEMAS = frozenset(("main", "public", "dbo", "default"))


def table_of(node: exp.Table, tables: Iterable[Table]) -> Table | None:
    """The table that a name such as `orders`, `archive.orders`, `shop.orders` or `shop.archive.orders` means.

    None for a name that no table has, such as that of a CTE.
    """
    named = [table for table in tables if table.name.lower() == node.name.lower()]
    parts = [part.lower() for part in (node.catalog, node.db) if part]
    return min(named, key=lambda table: _strangeness(table, parts), default=None)


def _strangeness(table: Table, parts: list[str]) -> int:
    """How badly what stands before the name fits where the table is; 0 for a perfect fit."""
    source, schema = table.source.lower(), table.schema.lower()
    match parts:
        case []:
            return 1 if schema else 0
        case [home]:
            fits = (home == schema, home == source and not schema, home in _DEFAULT_SCHEMAS and not schema)
            return 0 if any(fits) else 1 if home == source else 2
        case _:
            alike = parts[0] == source and (parts[1] == schema or (not schema and parts[1] in _DEFAULT_SCHEMAS))
            return 0 if alike else 2
