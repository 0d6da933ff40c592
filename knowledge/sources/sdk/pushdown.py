"""Which columns and rows of a table a query can need at most: what a reader may leave out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import pyarrow as pa
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

Operator: TypeAlias = Literal["=", "!=", "<", "<=", ">", ">=", "in"]
_OPERATORS: dict[type[exp.Expr], Operator] = {
    exp.EQ: "=", exp.NEQ: "!=", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=",
}  # fmt: skip
_TURNED: dict[Operator, Operator] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True, slots=True)
class Filter:
    """A comparison that every wanted row meets. `value` has the column's own Python type; a tuple of them for `in`."""

    column: str
    operator: Operator
    value: object


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a query needs of one table: these columns, only rows that meet all filters, no more than `limit` rows."""

    columns: tuple[str, ...]
    filters: tuple[Filter, ...] = ()
    limit: int | None = None


def parsed(sql: str) -> exp.Query | None:
    """The query in DuckDB's dialect; None where sqlglot can't read it, and then nothing is pushed down."""
    try:
        tree = sqlglot.parse_one(sql, read="duckdb")
    except (SqlglotError, RecursionError):
        return None
    return tree if isinstance(tree, exp.Query) else None


def wanted(query: exp.Query | None, table: str, schema: pa.Schema) -> Wanted | None:
    """What the query needs of a table; None if it does not read it. Filters and limit only where they are safe."""
    if query is None:
        return Wanted(tuple(schema.names))
    nodes = [node for node in query.find_all(exp.Table) if node.name.lower() == table.lower()]
    if not nodes:
        return None
    columns = _columns(query, schema)
    (node,) = nodes if len(nodes) == 1 else (None,)
    select = node.find_ancestor(exp.Select) if node else None
    if node is None or select is None or not _is_plain(node, select):
        return Wanted(columns)
    return Wanted(columns, tuple(_filters(select, node, schema)), _limit(select, query))


def _columns(query: exp.Query, schema: pa.Schema) -> tuple[str, ...]:
    """The columns whose name occurs anywhere; all where the query may mean columns it does not name."""
    named = {node.name.lower() for node in query.find_all(exp.Identifier)}
    stars = [star for star in query.find_all(exp.Star) if not isinstance(star.parent, exp.Count)]
    rows = {column.name.lower() for column in query.find_all(exp.Column) if not column.table}
    relations = {table.alias_or_name.lower() for table in query.find_all(exp.Table, exp.Subquery, exp.CTE)}
    natural = any(join.method.upper() == "NATURAL" for join in query.find_all(exp.Join))
    renamed = any(alias.columns for alias in query.find_all(exp.TableAlias))
    if stars or natural or renamed or rows & relations or query.find(exp.Columns, exp.Pivot):
        return tuple(schema.names)
    return tuple(name for name in schema.names if name.lower() in named) or tuple(schema.names[:1])


def _is_plain(node: exp.Table, select: exp.Select) -> bool:
    """Whether the table stands in FROM or an ordinary JOIN, so that WHERE may be asked before the join as well."""
    at = node.parent
    if (
        not isinstance(at, exp.From | exp.Join)
        or at.parent is not select
        or node.args.get("sample")
        or node.alias_column_names
    ):
        return False
    if select.args.get("sample") or select.args.get("laterals"):
        return False
    joins = select.args.get("joins") or []
    return all(not join.method and join.kind.upper() in ("", "INNER", "OUTER", "CROSS") for join in joins)


def _filters(select: exp.Select, node: exp.Table, schema: pa.Schema) -> Iterator[Filter]:
    """Comparisons of a column with a constant, each of which every row of the answer meets. None is met by NULL."""
    where = select.args.get("where")
    alone = not select.args.get("joins")
    aliases = {item.alias.lower() for item in select.expressions if isinstance(item, exp.Alias)}
    fields = {field.name.lower(): field for field in schema}
    for part in where.this.flatten() if where and isinstance(where.this, exp.And) else [where.this] if where else []:
        for column, operator, values in _comparisons(part.unnest()):
            name = column.name.lower()
            ours = column.table.lower() == node.alias_or_name.lower() if column.table else alone and name not in aliases
            if not ours or name not in fields:
                continue
            found = [_constant(value, fields[name].type) for value in values]
            if all(value is not None for value in found):
                yield Filter(fields[name].name, operator, tuple(found) if operator == "in" else found[0])


def _comparisons(part: exp.Expr) -> Iterator[tuple[exp.Column, Operator, Sequence[exp.Expr]]]:
    match part:
        case exp.Between(this=exp.Column() as column):
            yield column, ">=", [part.args["low"]]
            yield column, "<=", [part.args["high"]]
        case exp.In(this=exp.Column() as column) if part.expressions and not part.args.get("query"):
            yield column, "in", part.expressions
        case exp.Binary(this=exp.Column() as column) if type(part) in _OPERATORS:
            yield column, _OPERATORS[type(part)], [part.expression]
        case exp.Binary(expression=exp.Column() as column) if type(part) in _OPERATORS:
            operator = _OPERATORS[type(part)]
            yield column, _TURNED.get(operator, operator), [part.this]


def _constant(value: exp.Expr, kind: pa.DataType) -> object:
    """The constant in the column's own type; None where it is none, or would lose something by being made one."""
    dated = isinstance(value, exp.Cast) and value.to.is_type("date")
    if isinstance(value, exp.Cast):
        if not (dated or value.to.is_type("timestamp")) or (pa.types.is_date(kind) and not dated):
            return None
        value = value.this
    if not isinstance(value, exp.Literal | exp.Boolean | exp.Neg):
        return None
    text = f"-{value.this.name}" if isinstance(value, exp.Neg) else value.name
    if isinstance(value, exp.Boolean):
        return bool(value.this) if pa.types.is_boolean(kind) else None
    if not _fits(value, kind):
        return None
    try:
        return pa.scalar(text).cast(kind).as_py()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, ValueError):
        return None


def _fits(value: exp.Expr, kind: pa.DataType) -> bool:
    """Whole numbers, texts, dates, times without zone; no fractions: only DuckDB takes NaN for the largest of them."""
    number = not (isinstance(value, exp.Literal) and value.is_string)
    if pa.types.is_integer(kind):
        return number
    if pa.types.is_timestamp(kind):
        return not number and kind.tz is None
    return not number and (pa.types.is_string(kind) or pa.types.is_date(kind))


def _limit(select: exp.Select, query: exp.Query) -> int | None:
    """How many rows are enough: where the query is nothing but columns of one table and a limit."""
    changed = ("where", "joins", "group", "having", "order", "distinct", "qualify", "windows", "offset", "with_")
    if select is not query or any(select.args.get(part) for part in changed):
        return None
    if select.find(exp.AggFunc, exp.Window, exp.Subquery, exp.Unnest, exp.Explode):
        return None
    limit = select.args.get("limit")
    if not isinstance(limit, exp.Limit) or limit.args.get("limit_options") or limit.expressions:
        return None
    count = limit.expression
    return int(count.this) if isinstance(count, exp.Literal) and count.is_int else None
