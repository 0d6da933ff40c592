"""Views read other tables with the rights of whoever made them, so the rules of those tables matter too."""

from collections.abc import Iterable, Mapping

from knowledge.catalog.model import Catalog, Table
from knowledge.policy.port import Key


def with_tables_beneath(tables: Mapping[Key, Table], catalog: Catalog) -> tuple[Table, ...]:
    """The tables and all that views among them are made from, as far as the catalog knows."""
    found = dict(tables)
    open_ends = list(tables.values())
    while open_ends:
        for key in reads_of(open_ends.pop()):
            if key not in found and key in catalog.by_key:
                found[key] = catalog.by_key[key]
                open_ends.append(found[key])
    return tuple(found.values())


def reads_of(table: Table) -> Iterable[Key]:
    """Keys of the tables that a view is made from."""
    for name in table.reads:
        schema, _, last = name.lower().rpartition(".")
        yield table.source.lower(), schema, last
        if schema == table.schema.lower() or (not schema and table.schema):
            yield table.source.lower(), "" if schema else table.schema.lower(), last
