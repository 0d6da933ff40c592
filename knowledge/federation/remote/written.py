"""A tree in the dialect of an engine, checked by reading it back."""

from collections.abc import Mapping

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError

from knowledge.catalog.model import Catalog
from knowledge.federation.remote.port import JoinEngine
from knowledge.federation.tree import SPACE, bound
from knowledge.federation.walk import every


def whole(query: exp.Query, catalog: Catalog, engine: JoinEngine) -> str | None:
    """The SQL of a query over several sources for an engine that reads them itself; None where it can't run there."""
    found = bound(query, catalog)
    for node in list(every(found.query, exp.Table)):
        if node.db != SPACE:
            continue
        parts = engine.written(found.tables[node.alias])
        if parts is None:
            return None
        names = [exp.to_identifier(part, quoted=True) for part in parts]
        node.set("this", names[-1])
        node.set("db", names[-2] if len(names) > 1 else None)
        node.set("catalog", names[-3] if len(names) > 2 else None)
    _use_real_names(found.query, {alias: table.by_name for alias, table in found.tables.items()})
    return faithful(found.query, engine.dialect)


def faithful(tree: exp.Query, dialect: str) -> str | None:
    """The SQL of a tree, if the dialect has words for all of it and reads it back as the same."""
    for identifier in every(tree, exp.Identifier):
        identifier.set("quoted", True)
    try:
        sql = tree.sql(dialect, comments=False, unsupported_level=ErrorLevel.RAISE)
        again = sqlglot.parse_one(sql, read=dialect)
    except SqlglotError:
        return None
    same = again.sql(dialect, comments=False) == sql and _names(again) == _names(tree)
    return sql if same else None


def _use_real_names(tree: exp.Query, columns: Mapping[str, Mapping[str, object]]) -> None:
    for column in every(tree, exp.Column):
        known = columns.get(column.table, {}).get(column.name.lower())
        if known is not None:
            column.set("this", exp.to_identifier(getattr(known, "name", column.name), quoted=True))


def _names(tree: exp.Expr) -> list[tuple[str, ...]]:
    """What is read: every table with its alias, and every column."""
    tables = [(node.catalog, node.db, node.name, node.alias) for node in every(tree, exp.Table)]
    return sorted(tables) + sorted({(node.table, node.name) for node in every(tree, exp.Column)})
