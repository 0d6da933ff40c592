"""How many rows a fetch will probably give, by what the catalog knows of its tables."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from math import prod

from sqlglot import exp

from knowledge.catalog.model import Column, Table
from knowledge.federation.plan import Field
from knowledge.federation.walk import every, has

_UNKNOWN = 0.3
_PATTERN = 0.1
_DAY = 86_400.0


class Statistics:
    """What is known of the relations of one fetch."""

    def __init__(self, tables: Mapping[str, Table], members: Sequence[exp.Expr]) -> None:
        self._tables = tables
        self._origins: dict[tuple[str, str], exp.Column] = {}
        for member in members:
            for node in every(member, exp.Subquery):
                if isinstance(node.this, exp.Select):
                    for item in node.this.expressions:
                        if isinstance(inner := item.unalias(), exp.Column):
                            self._origins[node.alias, item.alias_or_name] = inner

    def column(self, alias: str, name: str) -> tuple[Table, Column] | None:
        """The catalog's column behind a column of a relation, through derived tables."""
        for _ in range(20):
            if table := self._tables.get(alias):
                found = table.by_name.get(name.lower())
                return (table, found) if found else None
            origin = self._origins.get((alias, name))
            if origin is None:
                return None
            alias, name = origin.table, origin.name
        return None

    def field(self, alias: str, column: str, name: str, kind: str, *, native: bool) -> Field:
        """A column of the fetch with what is known of its values."""
        made = "" if native else kind
        known = self.column(alias, column)
        if known is None:
            return Field(name, made, kind)
        return Field(name, made, kind, known[1].distinct, known[1].minimum, known[1].maximum)

    def rows_read(self, query: exp.Expr) -> int | None:
        """All rows of all tables in a query; None where a table was not measured."""
        counts = [self._tables[node.alias].rows for node in every(query, exp.Table) if node.alias in self._tables]
        return sum(count or 0 for count in counts) if all(count is not None for count in counts) else None

    def rows(self, members: Sequence[exp.Expr], where: Sequence[exp.Expr]) -> int | None:
        """Rows expected of joined relations under conditions."""
        counts = [self._relation(member) for member in members]
        if any(count is None for count in counts):
            return None
        return max(1, round(prod(count or 0 for count in counts) * self.share(where)))

    def share(self, conditions: Sequence[exp.Expr]) -> float:
        """The part of the rows for which all conditions hold, taken as independent."""
        return prod((self._one(condition) for condition in conditions), start=1.0)

    def _relation(self, node: exp.Expr) -> int | None:
        if isinstance(node, exp.Table):
            table = self._tables.get(node.alias)
            return table.rows if table else None
        return self._query(node.this) if isinstance(node, exp.Subquery) else None

    def _query(self, node: exp.Expr) -> int | None:
        if not isinstance(node, exp.Select):
            return None
        from_ = node.args.get("from_")
        items = ([from_.this] if from_ else []) + [join.this for join in node.args.get("joins") or []]
        where = node.args.get("where")
        rows = self.rows(items, list(where.this.flatten()) if where and isinstance(where.this, exp.And) else
                         [where.this] if where else [])  # fmt: skip
        if rows is None:
            return None
        if group := node.args.get("group"):
            rows = min(rows, prod(self._distinct(item) or rows for item in group.expressions))
        elif any(has(item, exp.AggFunc) and not has(item, exp.Window) for item in node.expressions):
            rows = 1
        limit = node.args.get("limit")
        return min(rows, int(limit.expression.name)) if limit and limit.expression.name.isdigit() else rows

    def _distinct(self, node: exp.Expr) -> int | None:
        known = self.column(node.table, node.name) if isinstance(node, exp.Column) else None
        return known[1].distinct if known else None

    def _one(self, node: exp.Expr) -> float:
        match node:
            case exp.Paren():
                return self._one(node.this)
            case exp.And():
                return self._one(node.left) * self._one(node.right)
            case exp.Or():
                return min(1.0, self._one(node.left) + self._one(node.right))
            case exp.Not():
                return max(0.01, 1 - self._one(node.this))
            case _:
                return self._compared(node)

    def _compared(self, node: exp.Expr) -> float:
        match node:
            case exp.EQ():
                return self._equal(node)
            case exp.NEQ():
                return 1 - self._equal(node)
            case exp.In():
                distinct = self._distinct(_inner(node.this))
                return min(1.0, len(node.expressions) / distinct) if distinct and node.expressions else _UNKNOWN
            case exp.Like() | exp.Glob():
                return _PATTERN
            case exp.GT() | exp.GTE() | exp.LT() | exp.LTE():
                return self._range(node)
            case exp.Between():
                low = self._between(node.this, node.args["low"], None)
                high = self._between(node.this, None, node.args["high"])
                return max(0.0001, low + high - 1) if low + high > 1 else 0.01
            case _:
                return _UNKNOWN

    def _equal(self, node: exp.Expr) -> float:
        counts = [self._distinct(_inner(side)) for side in (node.this, node.expression)]
        known = [count for count in counts if count]
        return 1 / max(known) if known else 0.1

    def _range(self, node: exp.Expr) -> float:
        left, right, up = node.this, node.expression, isinstance(node, exp.GT | exp.GTE)
        if not isinstance(_inner(left), exp.Column):
            left, right, up = right, left, not up
        return self._between(left, right, None) if up else self._between(left, None, right)

    def _between(self, column: exp.Expr, low: exp.Expr | None, high: exp.Expr | None) -> float:
        """The part of a column's range above `low`, or below `high`."""
        inner = _inner(column)
        known = self.column(inner.table, inner.name) if isinstance(inner, exp.Column) else None
        bound = low if low is not None else high
        if known is None or bound is None:
            return _UNKNOWN
        first, last, at = place_of(known[1].minimum), place_of(known[1].maximum), place_of(_text(bound))
        if first is None or last is None or at is None or last <= first:
            return _UNKNOWN
        share = (last - at) / (last - first) if low is not None else (at - first) / (last - first)
        return min(1.0, max(0.0001, share))


def _inner(node: exp.Expr) -> exp.Expr:
    while isinstance(node, exp.Paren | exp.Collate | exp.Cast):
        node = node.this
    return node


def _text(node: exp.Expr) -> str | None:
    sign = ""
    if isinstance(node, exp.Neg):
        node, sign = node.this, "-"
    inner = _inner(node)
    return sign + inner.name if isinstance(inner, exp.Literal) else None


def place_of(text: str | None) -> float | None:
    """Numbers and days on one line, to see how far along a range a value lies."""
    if text is None:
        return None
    try:
        return float(text)
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None).timestamp() if len(text) > 10 else (
            date.fromisoformat(text).toordinal() - date(1970, 1, 1).toordinal()
        ) * _DAY  # fmt: skip
    except (ValueError, OverflowError):
        return None
