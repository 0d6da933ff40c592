"""What views are made of: the tables they read, and the columns that each of their columns comes from."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.lineage import lineage
from sqlglot.optimizer.scope import traverse_scope
from sqlglot.schema import MappingSchema

from knowledge.catalog.ledger import Place
from knowledge.catalog.model import Catalog, Table

LONGEST = 200_000
"""A definition of more characters is not read."""
DEEPEST = 20
"""Views on views are followed so far."""


@dataclass(frozen=True, slots=True, order=True)
class Origin:
    """A column of a table of the same source."""

    schema: str
    table: str
    column: str


def with_reads(tables: Sequence[Table], dialect: str) -> tuple[Table, ...]:
    """The tables with what each view reads; nothing for a definition that can't be read."""
    if not any(table.definition and not table.reads for table in tables):
        return tuple(tables)
    there = {_place(table): table for table in tables}
    return tuple(
        replace(table, reads=_reads(table, there, dialect)) if table.definition and not table.reads else table
        for table in tables
    )


def of(catalog: Catalog, table: Table, column: str) -> tuple[Origin, ...]:
    """The columns of stored tables that a column is made from, through any number of views.

    A stored table's column is its own origin. Empty where a definition can't be read, or the column is made of nothing.
    """
    there = {_place(each): each for each in catalog.of(table.source)}
    dialect = catalog.dialects.get(table.source, "")
    return tuple(sorted(set(_origins(table, column, there, dialect, DEEPEST))))


def made_from(catalog: Catalog, table: Table) -> tuple[Table, ...]:
    """Every table and view that a view reads, directly or through others."""
    there = {_place(each): each for each in catalog.of(table.source)}
    found: dict[Place, Table] = {}
    waiting = [table]
    while waiting:
        for name in waiting.pop().reads:
            read = there.get(_split(name))
            if read is not None and _place(read) not in found:
                found[_place(read)] = read
                waiting.append(read)
    return tuple(found.values())


def _reads(view: Table, there: Mapping[Place, Table], dialect: str) -> tuple[str, ...]:
    query = _query(view.definition, dialect)
    if query is None:
        return ()
    try:
        named = [
            source
            for scope in traverse_scope(query)
            for source in scope.sources.values()
            if isinstance(source, exp.Table)
        ]
    except (SqlglotError, RecursionError):
        return ()
    return tuple(dict.fromkeys(_named(source, view, there) for source in named if source.name))


def _named(source: exp.Table, view: Table, there: Mapping[Place, Table]) -> str:
    """A table as the catalog writes it; as the view does where the catalog has none such."""
    schema, name = source.db, source.name
    tries = ((schema, name), ("", name)) if schema else ((view.schema, name), ("", name))
    for place in tries:
        if found := there.get((place[0].lower(), place[1].lower())):
            return f"{found.schema}.{found.name}" if found.schema else found.name
    return f"{schema}.{name}" if schema else name


def _origins(table: Table, column: str, there: Mapping[Place, Table], dialect: str, depth: int) -> Iterator[Origin]:
    if not table.definition:
        if found := table.by_name.get(column.lower()):
            yield Origin(table.schema, table.name, found.name)
        return
    query = _query(table.definition, dialect) if depth else None
    for source, name in _leaves(query, table, column, there, dialect) if query else ():
        read = there.get(_split(_named(source, table, there)))
        if read is not None:
            yield from _origins(read, name, there, dialect, depth - 1)


def _leaves(
    query: exp.Query, table: Table, column: str, there: Mapping[Place, Table], dialect: str
) -> Iterator[tuple[exp.Table, str]]:
    """Tables as the view's query names them, each with the column that is read of it."""
    names = _outputs(query, table)
    if column.lower() not in names:
        return
    try:
        root = lineage(names[column.lower()], query, schema=_schema(table, there, dialect), dialect=dialect or None)
    except (SqlglotError, RecursionError, ValueError, KeyError):
        return
    for node in root.walk():
        if isinstance(node.expression, exp.Table) and not node.downstream:
            yield node.expression, node.name.rsplit(".", 1)[-1].strip('"`[]')


def _outputs(query: exp.Query, table: Table) -> dict[str, str]:
    """From the view's columns, in lower case, to the names that its query gives them."""
    given = query.named_selects
    if len(given) == len(table.columns) and "*" not in given:
        return {column.name.lower(): name for column, name in zip(table.columns, given, strict=True)}
    return {column.name.lower(): column.name for column in table.columns}


def _schema(view: Table, there: Mapping[Place, Table], dialect: str) -> MappingSchema:
    """The tables that the view reads, as it writes them."""
    schema = MappingSchema(dialect=dialect or None)
    query = _query(view.definition, dialect)
    for source in query.find_all(exp.Table) if query else ():
        read = there.get(_split(_named(source, view, there)))
        if read is not None and source.db == "":
            schema.add_table(source.name, {column.name: str(column.type) for column in read.columns}, match_depth=False)
    return schema


def _query(definition: str, dialect: str) -> exp.Query | None:
    """The query of a definition that is one, or that creates a view of one."""
    if len(definition) > LONGEST:
        return None
    try:
        tree = sqlglot.parse_one(definition, read=dialect or None)
    except (SqlglotError, RecursionError, ValueError):
        return None
    found = tree.expression if isinstance(tree, exp.Create) else tree
    return found if isinstance(found, exp.Query) else None


def _place(table: Table) -> Place:
    return table.schema.lower(), table.name.lower()


def _split(name: str) -> Place:
    schema, _, last = name.rpartition(".")
    return schema.lower(), last.lower()
