"""Whether the names in a query are tables and columns of the catalog, or were given in the query itself."""

from collections.abc import Iterator

from sqlglot import exp

from knowledge.catalog.model import Catalog, Table
from knowledge.errors import NotAllowed, Refused
from knowledge.guard.allowed import COLLATIONS

EVERY = "*"
"""A query over several sources; the same as `knowledge.federation.EVERYWHERE`."""

_DEFAULT_SCHEMAS = {
    "sqlite": {"main"},
    "postgres": {"public"},
    "duckdb": {"main"},
    "redshift": {"public"},
    "snowflake": {"public"},
    "tsql": {"dbo"},
    "databricks": {"default"},
    "clickhouse": {"default"},
}


def tables_of(query: exp.Expr, catalog: Catalog, source: str) -> list[Table]:
    """The catalog's tables that a query reads, one for each mention. Raises NotAllowed for any other.

    In a query over every source (`*`) tables are written `source.table` or `source.schema.table`.
    """
    return [table_at(node, catalog, source) for node in table_nodes(query)]


def table_nodes(query: exp.Expr) -> Iterator[exp.Table]:
    """Every place where a query reads a table that it does not define itself by WITH."""
    for node in query.find_all(exp.Table):
        if not isinstance(node.this, exp.Identifier):
            raise NotAllowed("The query reads something that is not a table, so it was not run.")
        if cte_of(node) is None:
            yield node


def table_at(node: exp.Table, catalog: Catalog, source: str) -> Table:
    """The catalog's table that one place in a query means. Raises NotAllowed where there is none, or more than one."""
    place, schema = place_of(node, catalog, source)
    key = (place.lower(), schema.lower(), node.name.lower())
    table = catalog.by_key.get(key)
    if table is None:
        raise NotAllowed(_unknown(node, source), next_step="Ask about one of the tables in the catalog.")
    if len(catalog.by_key) != len(catalog.tables) and _twice(key, catalog):
        raise NotAllowed(
            f"There are several tables “{node.name[:80]}” that differ in nothing but upper and lower case.",
            next_step="Ask whoever runs the source to rename one, or to make a view.",
        )
    return table


def place_of(node: exp.Expr, catalog: Catalog, source: str) -> tuple[str, str]:
    """Source and schema that a table, or the qualifier of a column, is written with; no schema for the default one."""
    parts = [part for part in (node.text("catalog"), node.text("db")) if part]
    if source == EVERY:
        place, parts = (parts[0], parts[1:]) if parts else ("", [])
    else:
        place = source
    if len(parts) > 1:
        raise NotAllowed("The query names a table by its database, which is not allowed here.")
    schema = parts[0] if parts else ""
    return place, "" if schema.lower() in _DEFAULT_SCHEMAS.get(_dialect(catalog, place), set()) else schema


def _dialect(catalog: Catalog, place: str) -> str:
    return catalog.dialects.get(place) or next(
        (dialect for name, dialect in catalog.dialects.items() if name.lower() == place.lower()), ""
    )


def _twice(key: tuple[str, str, str], catalog: Catalog) -> bool:
    same = (t for t in catalog.tables if (t.source.lower(), t.schema.lower(), t.name.lower()) == key)
    return sum(1 for _ in same) > 1


def _unknown(node: exp.Table, source: str) -> str:
    written = ".".join(part for part in (node.text("catalog"), node.text("db"), node.name) if part)[:120]
    if source == EVERY and not node.db:
        return f"The table “{written}” is written without its source; over several sources it is `source.table`."
    where = "any source" if source == EVERY else f"the source “{source}”"
    return f"There is no table “{written}” in {where} that may be asked."


def check_columns(query: exp.Expr, tables: list[Table]) -> None:
    """Every column is one of the tables' columns, or named by the query itself; Refused otherwise.

    This keeps row ids, system columns and whole-row references out; which of the tables a column belongs to is for
    the database to say.
    """
    known = {name for table in tables for name in table.by_name}
    known |= {alias.alias.lower() for alias in query.find_all(exp.Alias)}
    known |= {column.name.lower() for alias in query.find_all(exp.TableAlias) for column in alias.columns}
    for node in query.find_all(exp.Column, exp.Join):
        if isinstance(node, exp.Join):
            wanted = [column.name for column in node.args.get("using") or []]
        elif isinstance(node.this, exp.Star) or _is_collation(node):
            continue
        else:
            wanted = [node.name]
        for name in wanted:
            if name.lower() not in known:
                raise Refused(
                    f"There is no column “{name[:80]}” in the tables of the query.",
                    next_step="Ask in other words, or look at the columns in the catalog.",
                )


def _is_collation(node: exp.Expr) -> bool:
    return isinstance(node.parent, exp.Collate) and node.arg_key == "expression" and node.name.lower() in COLLATIONS


def cte_of(node: exp.Table) -> exp.CTE | None:
    """The WITH that defines the name before this place; None inside its own definition, where it is a real table."""
    if node.args.get("db") or node.args.get("catalog"):
        return None
    inside: exp.Expr = node
    while (parent := inside.parent) is not None:
        with_ = parent.args.get("with_")
        seen: list[exp.CTE] = []
        if isinstance(parent, exp.With):
            seen = parent.expressions[: parent.expressions.index(inside)]
        elif with_ is not None and with_ is not inside:
            seen = with_.expressions
        meant = [cte for cte in seen if cte.alias.lower() == node.name.lower()]
        if meant:
            return next((cte for cte in meant if cte.alias == node.name), meant[0])
        inside = parent
    return None
