"""What a query reads: its tables and columns in the catalog, and whether they are still what they were."""

from collections.abc import Iterator, Sequence

from sqlglot import exp

from knowledge.catalog.model import Catalog, Column, Table
from knowledge.guard.names import table_at, table_nodes
from knowledge.verified.model import Reading, VerifiedQuery

Where = tuple[str, str, str, str]
"""Source, schema, table and column."""


class Names:
    """Which column of the catalog a column of a tree is. Raises NotAllowed for a tree with unknown tables."""

    def __init__(self, tree: exp.Expr, catalog: Catalog, source: str) -> None:
        self._tables = [(node.alias_or_name.lower(), table_at(node, catalog, source)) for node in table_nodes(tree)]

    def tables(self) -> list[Table]:
        """Each table that is read, once."""
        return list({id(table): table for _, table in self._tables}.values())

    def all_of(self, node: exp.Column) -> list[tuple[Table, Column]]:
        """Every column that it may be: several where the tree leaves it open, none for a name that it gives itself."""
        owner, name = node.table.lower(), node.name.lower()
        found = [
            (table, table.by_name[name])
            for alias, table in self._tables
            if name in table.by_name and owner in ("", alias, table.name.lower())
        ]
        return list({(id(table), column.name): (table, column) for table, column in found}.values())

    def one(self, node: exp.Column) -> tuple[Where, Column] | None:
        """The column that it is beyond doubt."""
        found = self.all_of(node)
        if len(found) != 1:
            return None
        table, column = found[0]
        return (table.source, table.schema, table.name, column.name), column


def readings(tree: exp.Expr, catalog: Catalog, source: str) -> tuple[Reading, ...]:
    """What a tree that the guard let through reads."""
    names = Names(tree, catalog, source)
    used: dict[int, dict[str, str]] = {}
    for node in tree.find_all(exp.Column):
        for table, column in names.all_of(node):
            used.setdefault(id(table), {})[column.name] = kind_of(column)
    everything = any(item.is_star for select in tree.find_all(exp.Select) for item in select.expressions)
    found = []
    for table in names.tables():
        columns = {c.name: kind_of(c) for c in table.columns} if everything else used.get(id(table), {})
        found.append(Reading(table.source, table.schema, table.name, tuple(sorted(columns.items()))))
    return tuple(found)


def kind_of(column: Column) -> str:
    """What must stay as it is for a query of the column to mean the same."""
    return f"{column.type.value} {column.unit}".strip()


def unfit(query: VerifiedQuery, catalog: Catalog) -> tuple[str, ...]:
    """What is not any more as it was when the query was approved; empty while it may be used.

    Over a person's own catalog this also tells what they may not see; over the whole one only what is stale.
    """
    return tuple(_unfit(query.reads, catalog))


def _unfit(reads: Sequence[Reading], catalog: Catalog) -> Iterator[str]:
    for read in reads:
        table = catalog.by_key.get((read.source.lower(), read.schema.lower(), read.table.lower()))
        name = ".".join(part for part in (read.source, read.schema, read.table) if part)
        if table is None:
            yield f"{name} is gone"
            continue
        for column, kind in read.columns:
            now = table.by_name.get(column.lower())
            if now is None:
                yield f"{name}.{column} is gone"
            elif kind_of(now) != kind:
                yield f"{name}.{column} was {kind} and is {kind_of(now)}"
