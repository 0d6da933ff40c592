"""Writes the names of a query so that any database understands them as they were checked."""

import re
from itertools import count
from typing import TypeAlias

from sqlglot import exp

from knowledge.catalog.model import Catalog
from knowledge.errors import Refused
from knowledge.guard.names import EVERY, cte_of, place_of, table_at, table_nodes

_FOLDED = re.compile(r"[a-z_][a-z0-9_]*")
Meant: TypeAlias = dict[tuple[int, tuple[str, str], str], exp.Table]
_ANY_CASE = ("sqlite", "duckdb")
"""Dialects in which a name means the same in any case, quoted or not."""


def settle(query: exp.Expr, catalog: Catalog, source: str) -> None:
    """Change a tree in place: databases differ in what they take a name for, so it is left no choice.

    Default schemas are left out, columns say the alias of their table instead of its schema, tables are spelled as in
    the catalog, names of WITH as in their definition; and a definition with the name of a table that the query reads
    too gets another name.
    """
    _name_apart(query, catalog, source)
    _leave_default_schemas_out(query, catalog, source)
    if source != EVERY and catalog.dialects.get(source) not in _ANY_CASE:
        for node in list(table_nodes(query)):
            table = table_at(node, catalog, source)
            _spell(node, exp.to_identifier(table.name, quoted=_quoted(node.this, table.name)))
            if node.args.get("db"):
                node.set("db", exp.to_identifier(table.schema, quoted=_quoted(node.args["db"], table.schema)))
    _tell_definitions_from_tables(query)


def _leave_default_schemas_out(query: exp.Expr, catalog: Catalog, source: str) -> None:
    for node in list(query.find_all(exp.Table)):
        if node.args.get("db") and not place_of(node, catalog, source)[1]:
            everywhere = source == EVERY
            node.set("db", (node.args.get("catalog") or node.args["db"]) if everywhere else None)
            node.set("catalog", None)


def _name_apart(query: exp.Expr, catalog: Catalog, source: str) -> None:
    """No two tables of one FROM have the same name, so that a column needs no schema to say which it is of."""
    meant: Meant = {}
    taken: set[tuple[int, str]] = {
        (id(node.parent_select), node.alias.lower()) for node in query.find_all(exp.Table) if node.alias
    }
    for node in list(query.find_all(exp.Table)):
        scope = id(node.parent_select)
        if node.alias:
            continue
        meant.setdefault((scope, _place(node, catalog, source), node.name.lower()), node)
        if (scope, node.name.lower()) in taken:
            node.set("alias", exp.TableAlias(this=exp.to_identifier(_free(node.name, query))))
        taken.add((scope, node.alias_or_name.lower()))
    for column in list(query.find_all(exp.Column)):
        if column.args.get("db"):
            table = _around(column, (_place(column, catalog, source), column.table.lower()), meant)
            column.set("table", (table.args["alias"].this if table.alias else table.this).copy())
            column.set("db", None)
            column.set("catalog", None)


def _around(column: exp.Column, place: tuple[tuple[str, str], str], meant: Meant) -> exp.Table:
    select = column.parent_select
    while select is not None:
        if (table := meant.get((id(select), *place))) is not None:
            return table
        select = select.parent_select
    raise Refused(
        f"The query reads no table “{column.table[:80]}” of which “{column.name[:80]}” could be a column.",
        next_step="Ask in other words.",
    )


def _place(node: exp.Expr, catalog: Catalog, source: str) -> tuple[str, str]:
    place, schema = place_of(node, catalog, source)
    return place.lower(), schema.lower()


def _tell_definitions_from_tables(query: exp.Expr) -> None:
    references = [(node, cte) for node in query.find_all(exp.Table) if (cte := cte_of(node)) is not None]
    taken = {node.name.lower() for node in table_nodes(query)}
    for cte in list(query.find_all(exp.CTE)):
        if cte.alias.lower() in taken:
            cte.args["alias"].set("this", exp.to_identifier(_free(cte.alias, query), quoted=True))
    for node, cte in references:
        _spell(node, cte.args["alias"].this.copy())


def _spell(node: exp.Table, name: exp.Identifier) -> None:
    """Another name for the same place; columns still find it under the one that was written."""
    if (node.name, bool(node.this.args.get("quoted"))) == (name.name, bool(name.args.get("quoted"))):
        return
    if not node.alias:
        node.set("alias", exp.TableAlias(this=node.this))
    node.set("this", name)


def _quoted(written: exp.Identifier, name: str) -> bool:
    return bool(written.args.get("quoted")) or not _FOLDED.fullmatch(name)


def _free(name: str, query: exp.Expr) -> str:
    taken = {node.name.lower() for node in query.find_all(exp.Identifier)}
    return next(new for number in count(2) if (new := f"{name}_{number}").lower() not in taken)
