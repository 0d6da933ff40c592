"""Binds the names of a query over several sources: which table is meant, whose column it is, one alias a relation."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, traverse_scope
from sqlglot.schema import MappingSchema

from knowledge.catalog.model import Catalog, Table
from knowledge.errors import Refused
from knowledge.federation.types import duckdb_type, type_of
from knowledge.federation.walk import every, has
from knowledge.guard.names import EVERY, table_at, table_nodes

SPACE = "quillux"
"""The schema of the names that stand for tables while a query is planned; no table of a CTE has a schema."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A tree in which each relation has an alias of its own, each column names its relation, and no star is left.

    `tables` are the catalog's tables by the alias of the relation that reads them, `types` DuckDB's types by alias and
    column ("" where unknown), `names` what the result's columns are called.
    """

    query: exp.Query
    tables: dict[str, Table]
    types: dict[tuple[str, str], str]
    names: tuple[str, ...]


def bound(query: exp.Query, catalog: Catalog) -> Bound:
    """The tree bound to the catalog. Raises NotAllowed for unknown tables, Refused for others' columns."""
    tree = query.copy()
    asked = _names(tree)
    stand_ins = _stand_ins(tree, catalog)
    columns: dict[str, object] = {SPACE: {name: _columns(table) for name, table in stand_ins.items()}}
    schema = MappingSchema(columns, dialect="duckdb", normalize=False)
    try:
        qualify(tree, schema=schema, dialect="duckdb", quote_identifiers=False, identify=False)
    except SqlglotError as error:
        raise Refused(
            f"The query could not be read: {str(error).splitlines()[0][:200]}.", next_step="Ask in other words."
        ) from error
    scopes = traverse_scope(tree)
    _make_unique(scopes)
    types = _types(scopes, stand_ins)
    if has(tree, exp.With):
        _inline(scopes)
    tables = {
        node.alias.lower(): stand_ins[node.name] for node in every(tree, exp.Table) if node.db == SPACE and node.alias
    }
    names = asked or tuple(tree.named_selects)
    return Bound(tree, tables, types, names)


def aliases(node: exp.Expr) -> Iterator[str]:
    """The aliases of all relations in a tree."""
    for item in every(node, exp.Table, exp.Subquery, exp.Lateral, exp.Values, exp.Unnest):
        if item.alias:
            yield item.alias


def _stand_ins(tree: exp.Query, catalog: Catalog) -> dict[str, Table]:
    """Gives each table of the catalog a name of its own in the tree; the name that columns know becomes its alias."""
    names: dict[tuple[str, str, str], str] = {}
    found: dict[str, Table] = {}
    moved: list[tuple[exp.Table, tuple[str, str, str], str]] = []
    for node in list(table_nodes(tree)):
        table = table_at(node, catalog, EVERY)
        name = names.setdefault((table.source, table.schema, table.name), f"t{len(names)}")
        found[name] = table
        if not node.alias:
            alias = _free(node.name.lower(), _named_beside(node))
            node.set("alias", exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))
        moved.append((node, (node.catalog.lower(), node.db.lower(), node.name.lower()), name))
    for column in list(every(tree, exp.Column)):
        if column.args.get("db"):
            _rename_long(column, moved)
    for node, _, name in moved:
        node.set("this", exp.to_identifier(name))
        node.set("db", exp.to_identifier(SPACE))
        node.set("catalog", None)
    return found


def _named_beside(node: exp.Table) -> set[str]:
    select = node.find_ancestor(exp.Select)
    if select is None:
        return set()
    items = [join.this for join in select.args.get("joins") or []]
    if from_ := select.args.get("from_"):
        items.append(from_.this)
    return {item.alias.lower() for item in items if item is not node and item.alias}


def _rename_long(column: exp.Column, moved: list[tuple[exp.Table, tuple[str, str, str], str]]) -> None:
    """`source.table.column` names its table by what it is; it becomes the alias of the nearest such relation."""
    written = (column.text("catalog").lower(), column.text("db").lower(), column.table.lower())
    place: exp.Expr | None = column
    while place is not None and (place := place.find_ancestor(exp.Select)) is not None:
        for node, key, _ in moved:
            if key == written and node.find_ancestor(exp.Select) is place:
                column.set("table", exp.to_identifier(node.alias, quoted=True))
                column.set("db", None)
                column.set("catalog", None)
                return


def _free(name: str, taken: set[str]) -> str:
    at = 2
    free = name
    while free in taken:
        free, at = f"{name}_{at}", at + 1
    return free


def _columns(table: Table) -> dict[str, str]:
    return {column.name.lower(): duckdb_type(column) or "VARCHAR" for column in table.columns}


def _names(tree: exp.Query) -> tuple[str, ...]:
    """What the columns are called as asked, in the letters of the query; empty when a star hides them."""
    items = tree.selects
    if any(item.is_star for item in items):
        return ()
    return tuple(item.alias_or_name or item.sql("duckdb").lower() for item in items)


def _make_unique(scopes: list[Scope]) -> None:
    """Renames relations, so that an alias means one relation wherever in the tree it stands."""
    taken: set[str] = set()
    renamed: list[tuple[exp.Expr, str, list[exp.Column]]] = []
    for scope in scopes:
        for name, node in scope.references:
            alias = _named(node).args.get("alias")
            if alias is None:
                continue
            unique = _free(name, taken)
            taken.add(unique)
            if unique != name:
                columns = [column for column in scope.columns if column.table == name]
                renamed.append((alias, unique, columns))
    for alias, unique, columns in renamed:
        alias.set("this", exp.to_identifier(unique, quoted=True))
        for column in columns:
            column.set("table", exp.to_identifier(unique, quoted=True))


def _named(node: exp.Expr) -> exp.Expr:
    """The relation that has the alias: a derived table is referred to by the query in it."""
    while isinstance(node, exp.Query) and not isinstance(node, exp.Subquery) and node.parent is not None:
        if not isinstance(node.parent, exp.Subquery | exp.Lateral):
            return node
        node = node.parent
    return node


def _inline(scopes: list[Scope]) -> None:
    """A WITH that is read once stands where it is read, so that it can be planned together with it."""
    uses: dict[int, list[exp.Table]] = {}
    bodies: dict[int, exp.Expr] = {}
    for scope in scopes:
        for node, source in scope.selected_sources.values():
            if isinstance(node, exp.Table) and isinstance(source, Scope):
                uses.setdefault(id(source.expression), []).append(node)
                bodies[id(source.expression)] = source.expression
    for key, nodes in uses.items():
        cte = bodies[key].parent
        if len(nodes) == 1 and isinstance(cte, exp.CTE) and not cte.args["alias"].columns:
            with_, body = cte.parent, cte.this
            cte.pop()
            nodes[0].replace(exp.Subquery(this=body, alias=nodes[0].args["alias"]))
            if with_ is not None and not with_.expressions:
                with_.pop()


def _types(scopes: list[Scope], stand_ins: dict[str, Table]) -> dict[tuple[str, str], str]:
    """DuckDB's type of each column of each relation, from the inside out."""
    types: dict[tuple[str, str], str] = {}

    def known(column: exp.Column) -> str:
        return types.get((column.table, column.name), "")

    for scope in scopes:
        for reference, source in scope.selected_sources.values():
            node = _named(reference)
            if isinstance(source, Scope):
                types |= {key: type_of(item, known) for key, item in _made(node, source.expression)}
            elif isinstance(node, exp.Table) and node.db == SPACE:
                columns = stand_ins[node.name].columns
                types |= {(node.alias, column.name.lower()): duckdb_type(column) for column in columns}
    return types


def _made(node: exp.Expr, query: exp.Expr) -> Iterator[tuple[tuple[str, str], exp.Expr]]:
    """The columns of a derived table or of a WITH, with the expressions behind them."""
    if not isinstance(query, exp.Query):
        return
    alias = node.args.get("alias")
    named = alias.columns if alias else []
    for at, item in enumerate(query.selects):
        yield (node.alias_or_name, named[at].name if at < len(named) else item.alias_or_name), item
