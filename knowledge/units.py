"""What the columns of a result measure, worked out from the query and the units in the catalog."""

from collections.abc import Sequence

from sqlglot import exp

from knowledge.catalog.model import DataType, Table
from knowledge.meaning import Meaning
from knowledge.tables import table_of

_SAME = (
    exp.Sum, exp.Avg, exp.Min, exp.Max, exp.Median, exp.PercentileCont, exp.PercentileDisc, exp.Round, exp.Abs,
    exp.Floor, exp.Ceil, exp.Trunc, exp.Paren, exp.Neg, exp.Window, exp.Filter, exp.Cast, exp.TryCast, exp.Stddev,
    exp.StddevSamp, exp.StddevPop, exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue, exp.AnyValue, exp.Nullif,
    exp.Coalesce, exp.Subquery, exp.ArgMax, exp.ArgMin, exp.Alias,
)  # fmt: skip
_DEPTH = 40


def meanings(query: exp.Expr, tables: Sequence[Table], names: Sequence[str]) -> list[Meaning]:
    """One for each column of a result: by the expressions of the query, or by name where a star hides them."""
    select = query.find(exp.Select)
    if select is None or select.is_star or len(select.expressions) != len(names):
        return _by_name(query, tables, names)
    scope = _Scope(query, tables)
    return [scope.meaning(item) for item in select.expressions]


def _by_name(query: exp.Expr, tables: Sequence[Table], names: Sequence[str]) -> list[Meaning]:
    """Meanings of columns that are the tables' own, by their names alone."""
    scope = _Scope(query, tables)
    return [scope.meaning(exp.column(exp.to_identifier(name, quoted=True))) for name in names]


class _Scope:
    """Names of a query: aliases of tables, columns of the catalog, expressions named in the query itself."""

    def __init__(self, query: exp.Expr, tables: Sequence[Table]) -> None:
        self._tables = {
            node.alias_or_name.lower(): table
            for node in query.find_all(exp.Table)
            if (table := table_of(node, tables)) is not None
        }
        self._named = {alias.alias.lower(): alias.this for alias in query.find_all(exp.Alias)}

    def unit(self, node: exp.Expr, depth: int) -> str:
        """The unit that an expression is in."""
        if depth <= 0:
            return ""
        match node:
            case exp.Column():
                return self._of_column(node, depth)
            case exp.Add() | exp.Sub():
                return self._common(node.left, node.right, depth)
            case exp.Mul():
                return self._product(node, depth)
            case exp.Div():
                return self._quotient(node, depth)
            case _:
                return self._first(_carriers(node), depth)

    def meaning(self, node: exp.Expr) -> Meaning:
        """All that can be said of an expression; keys and booleans are plain columns only."""
        unit, column = self.unit(node, _DEPTH), node.unalias()
        if not isinstance(column, exp.Column):
            return Meaning(unit)
        name = column.name.lower()
        owners = [table for table in self._owners(column) if name in table.by_name]
        keys = {key.lower() for table in owners for key in _keys(table)}
        boolean = bool(owners) and all(table.by_name[name].type is DataType.BOOLEAN for table in owners)
        return Meaning(unit, name in keys, boolean)

    def _owners(self, column: exp.Column) -> list[Table]:
        if column.table:
            table = self._tables.get(column.table.lower())
            return [table] if table else []
        return list(self._tables.values())

    def _of_column(self, column: exp.Column, depth: int) -> str:
        name = column.name.lower()
        for table in self._owners(column):
            if name in table.by_name:
                return table.by_name[name].unit
        named = self._named.get(name)
        return self.unit(named, depth - 1) if named is not None and named is not column else ""

    def _first(self, nodes: Sequence[exp.Expr], depth: int) -> str:
        return next((unit for node in nodes if (unit := self.unit(node, depth - 1))), "")

    def _common(self, left: exp.Expr, right: exp.Expr, depth: int) -> str:
        one, other = self.unit(left, depth - 1), self.unit(right, depth - 1)
        return one if one == other or not other else other if not one else ""

    def _product(self, node: exp.Mul, depth: int) -> str:
        """A hundred times a quotient of equal units is a percentage; an amount times a plain number keeps its unit."""
        sides = (node.left, node.right)
        if any(_is_hundred(side) for side in sides) and any(side.find(exp.Div) for side in sides):
            return "%"
        units = [unit for side in sides if (unit := self.unit(side, depth - 1))]
        return units[0] if len(units) == 1 else ""

    def _quotient(self, node: exp.Div, depth: int) -> str:
        top, bottom = node.left.unnest(), node.right
        below = self.unit(bottom, depth - 1)
        if isinstance(top, exp.Mul) and (_is_hundred(top.left) or _is_hundred(top.right)):
            rest = top.right if _is_hundred(top.left) else top.left
            return "%" if self.unit(rest, depth - 1) == below else ""
        return self.unit(top, depth - 1) if not below else ""


def _keys(table: Table) -> list[str]:
    return [*table.primary_key, *(column for key in table.keys for column in key.columns)]


def _carriers(node: exp.Expr) -> list[exp.Expr]:
    """The parts of an expression that hand on their unit."""
    match node:
        case exp.Case():
            found = [*(branch.args.get("true") for branch in node.args.get("ifs", [])), node.args.get("default")]
        case exp.If():
            found = [node.args.get("true"), node.args.get("false")]
        case exp.Select():
            found = node.expressions[:1]
        case _:
            found = [node.this] if isinstance(node, _SAME) else []
    return [part for part in found if isinstance(part, exp.Expr)]


def _is_hundred(node: exp.Expr) -> bool:
    return isinstance(node, exp.Literal) and not node.is_string and float(node.this) == 100
