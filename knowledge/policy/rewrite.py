"""Writes row filters and column masks into a query tree; nothing is done with text."""

from collections.abc import Mapping

from sqlglot import exp

from knowledge.catalog.model import Table
from knowledge.errors import NotAllowed
from knowledge.guard.names import table_nodes
from knowledge.policy.fence import fence, may_fail
from knowledge.policy.filters import bound_to
from knowledge.policy.masks import identifier, masked
from knowledge.policy.port import Key, TableRules

ROW = "t"
"""Alias of the table inside its subquery: its own columns are always meant, never those of a query around it."""


def apply(query: exp.Query, tables: Mapping[Key, Table], rules: Mapping[Key, TableRules], dialect: str) -> exp.Query:
    """A guarded query with every table replaced by what the person may see of it; `tables` are all that it reads.

    Each becomes `(SELECT columns with masks FROM table WHERE filters) AS alias`. Raises NotAllowed for a forbidden
    table, and where a rule can't be kept in this dialect.
    """
    for key in tables:
        if key not in rules or not rules[key].allowed:
            raise NotAllowed("The query reads a table that you may not see.", next_step="Ask its owner for the right.")
    if all(rules[key].open for key in tables):
        return query
    written = query.copy()
    fenced = any(rules[key].filters for key in tables) and may_fail(written, tables.values())
    for node in list(table_nodes(written)):
        key = _key(node, tables)
        if not rules[key].open:
            _replace(node, _seen(node, tables[key], rules[key], dialect, fenced=fenced))
    return written


def _key(node: exp.Table, tables: Mapping[Key, Table]) -> Key:
    """Which of the tables a place means: `name`, `schema.name`, `source.name` or `source.schema.name`."""
    name, db, catalog = node.name.lower(), node.db.lower(), node.catalog.lower()
    meant = [
        key
        for key in tables
        if key[2] == name
        and ((catalog, db) == (key[0], key[1]) or (not catalog and (db == key[1] or (db == key[0] and not key[1]))))
    ]
    if len(meant) != 1:
        raise NotAllowed(f"It is not clear which table “{node.name[:80]}” is, so its rules can't be kept.")
    return meant[0]


def _seen(node: exp.Table, table: Table, rules: TableRules, dialect: str, *, fenced: bool) -> exp.Select:
    columns = [column for column in table.columns if column.name.lower() not in rules.hidden]
    if not columns:
        raise NotAllowed("The query reads a table of which you may not see any column.")
    inside = node.copy()
    for arg in ("alias", "joins", "laterals"):
        inside.set(arg, None)
    inside.set("alias", exp.TableAlias(this=exp.to_identifier(ROW)))
    select = exp.Select(expressions=[_shown(column.name, table, rules, dialect) for column in columns])
    select = select.from_(inside, copy=False)
    for text in rules.filters:
        select = select.where(bound_to(text, table, dialect, ROW), copy=False)
    return fence(select, dialect) if fenced and rules.filters else select


def _shown(name: str, table: Table, rules: TableRules, dialect: str) -> exp.Expr:
    column = exp.Column(this=identifier(name, dialect), table=exp.to_identifier(ROW))
    mask = rules.masks.get(name.lower())
    if mask is None:
        return column
    value = masked(column, mask, table.by_name[name.lower()].type, dialect)
    return exp.Alias(this=value, alias=identifier(name, dialect))


def _replace(node: exp.Table, select: exp.Select) -> None:
    alias = node.args.get("alias") or exp.TableAlias(this=node.this.copy())
    subquery = exp.Subquery(this=select, alias=alias.copy())
    for arg in ("joins", "laterals"):
        subquery.set(arg, node.args.get(arg))
    node.replace(subquery)
