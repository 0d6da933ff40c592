"""Writes the names of a query so that any database understands them as they were checked."""

import re
from itertools import count

from sqlglot import exp

from knowledge.catalog.model import Catalog
from knowledge.guard.names import EVERY, cte_of, place_of, table_at, table_nodes

_FOLDED = re.compile(r"[a-z_][a-z0-9_]*")
_ANY_CASE = ("sqlite", "duckdb")
"""Dialects in which a name means the same in any case, quoted or not."""


def settle(query: exp.Expr, catalog: Catalog, source: str) -> None:
    """Change a tree in place: databases differ in what they take a name for, so it is left no choice.

    Default schemas are left out, tables are spelled as in the catalog, names of WITH as in their definition; and a
    definition with the name of a table that the query reads too gets another name.
    """
    _leave_default_schemas_out(query, catalog, source)
    if source != EVERY and catalog.dialects.get(source) not in _ANY_CASE:
        for node in list(table_nodes(query)):
            table = table_at(node, catalog, source)
            _spell(node, exp.to_identifier(table.name, quoted=_quoted(node.this, table.name)))
            if node.args.get("db"):
                node.set("db", exp.to_identifier(table.schema, quoted=_quoted(node.args["db"], table.schema)))
    _tell_definitions_from_tables(query)


def _leave_default_schemas_out(query: exp.Expr, catalog: Catalog, source: str) -> None:
    for node in list(query.find_all(exp.Table, exp.Column)):
        if node.args.get("db") and not place_of(node, catalog, source)[1]:
            everywhere = source == EVERY
            node.set("db", (node.args.get("catalog") or node.args["db"]) if everywhere else None)
            node.set("catalog", None)


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
