"""Whether the names in a query are tables and columns of the catalog, or were given in the query itself."""

from sqlglot import exp

from knowledge.catalog.model import Catalog, Table
from knowledge.errors import NotAllowed, Refused
from knowledge.guard.allowed import COLLATIONS

_DEFAULT_SCHEMAS = {"sqlite": {"main"}, "postgres": {"public"}, "duckdb": {"main"}}


def tables_of(query: exp.Expr, catalog: Catalog, source: str) -> list[Table]:
    """The catalog's tables that a query reads. Raises NotAllowed for any other."""
    known = {(table.schema.lower(), table.name.lower()): table for table in catalog.of(source)}
    defaults = _DEFAULT_SCHEMAS.get(catalog.dialects.get(source, ""), set())
    found = []
    for node in query.find_all(exp.Table):
        if not isinstance(node.this, exp.Identifier) or node.args.get("catalog"):
            raise NotAllowed("The query reads something that is not a table, so it was not run.")
        schema, name = node.db.lower(), node.name.lower()
        if not schema and _names_a_cte(node):
            continue
        table = known.get(("" if schema in defaults else schema, name))
        if table is None:
            raise NotAllowed(
                f"There is no table “{node.name[:80]}” in the source “{source}” that may be asked.",
                next_step="Ask about one of the tables in the catalog.",
            )
        found.append(table)
    return found


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


def _names_a_cte(node: exp.Table) -> bool:
    """True when an enclosing WITH defines the name before this place; inside its own definition it is a real table."""
    inside: exp.Expr = node
    while (parent := inside.parent) is not None:
        with_ = parent.args.get("with_")
        seen: list[exp.Expr] = []
        if isinstance(parent, exp.With):
            seen = parent.expressions[: parent.expressions.index(inside)]
        elif with_ is not None and with_ is not inside:
            seen = with_.expressions
        if any(cte.alias.lower() == node.name.lower() for cte in seen):
            return True
        inside = parent
    return False
