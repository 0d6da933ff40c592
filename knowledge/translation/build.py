"""From a query of the intermediate representation to a sqlglot tree of the source's dialect."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from sqlglot import Dialect, exp

from knowledge.catalog.model import DataType
from knowledge.translation.apart import Arm, Sides, arms
from knowledge.translation.headings import headings
from knowledge.translation.index import TERM, Index
from knowledge.translation.ir import METRIC, Field, Filter, Item, Query, Scalar
from knowledge.translation.joins import Edge
from knowledge.translation.labels import EVERYWHERE
from knowledge.translation.meaning.terms import Terms
from knowledge.translation.once import correlated, medians, once
from knowledge.translation.windows import (
    arranged,
    best_within,
    days_between,
    days_since,
    grained,
    later,
    percent_of,
    quotient,
    weekday_rank,
    windowed,
)

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_OPS: dict[str, type[exp.Binary]] = {
    "=": exp.EQ,
    "!=": exp.NEQ,
    ">": exp.GT,
    "<": exp.LT,
    ">=": exp.GTE,
    "<=": exp.LTE,
    "like": exp.Like,
}


_FUNCTIONS: dict[str, type[exp.AggFunc]] = {
    "sum": exp.Sum,
    "avg": exp.Avg,
    "min": exp.Min,
    "max": exp.Max,
    "median": exp.Median,
}
_SIGNS: dict[str, type[exp.Binary]] = {"-": exp.Sub, "+": exp.Add, "*": exp.Mul}


class Unjoinable(Exception):
    """The tables of a query have no keys between them, or a name is not in the catalog."""


class Builder:
    """Builds one query. `hints` are lemmas of the question that tell parallel keys apart."""

    def __init__(self, index: Index, hints: frozenset[str]) -> None:
        self.index = index
        self.hints = hints
        self.by_chance = False
        self.terms = Terms(self)
        self.joined: dict[str, None] = {}
        keywords = Dialect.get_or_raise(index.dialect).tokenizer_class.KEYWORDS
        self.reserved = {word for phrase in keywords for word in phrase.split()} | {"USER", "CHECK", "TO"}

    def query(self, query: Query) -> exp.Select | exp.SetOperation:
        """The tree of a query. Raises Unjoinable."""
        if query.second and query.combine and (query.limit is not None or query.second.limit is not None):
            raise Unjoinable("the first of several combined rows")
        tree: exp.Select | exp.SetOperation = self._select(query)
        if query.second and query.combine:
            tree.set("order", None)  # Only the whole could be sorted, and by what is shown.
            operator = {"intersect": exp.Intersect, "except": exp.Except, "union": exp.Union}[query.combine]
            tree = operator(this=tree, expression=self._select(query.second), distinct=True)
        return tree

    def _select(self, query: Query) -> exp.Select:
        if found := arms(query, self.index):
            return self._apart(query, found)
        tables = query.tables()
        edges = self._edges(query, tables) if len(tables) > 1 else []
        if edges is None:
            raise Unjoinable(", ".join(tables))
        self.by_chance = self.by_chance or _by_chance(edges, tables)
        plan = _Plan(self, query, edges)
        repeated = plan.repeated()
        names = headings(self.index, query.select)
        select = exp.Select().select(*map(plan.output, query.select, names))
        select = select.from_(self._table(tables[0]))
        inside = {tables[0]}
        for edge in edges:
            table = edge.many if edge.many not in inside else edge.one
            if table in inside:
                continue
            inside.add(table)
            select = select.join(self._table(table), on=self._on(edge), join_type="inner")
        select = plan.complete(select)
        if repeated:
            select = once(select, self.column(repeated))
        select = medians(select) if select.find(exp.Median) else select
        select = best_within(select, query, plan.item) if query.within else select
        return arranged(select, query) if query.arranged else select

    def _edges(self, query: Query, tables: list[str]) -> list[Edge] | None:
        """The keys that join the tables: from what is measured to all else where that is one row each."""
        items = (*query.select, *(o.item for o in query.order), *(f.item for f in query.filters))
        centres = {atom.field.table for item in items if item.fn for atom in item.atoms()}
        # The name of a table that is shown is no hint of the way to another.
        hints = self.hints - {word for table in tables for word in self.index.words[(table, "")]}
        star = self.index.graph.star(centres.pop(), tables, hints) if len(centres) == 1 else None
        return star or self.index.graph.tree(tables, self.hints)

    def _apart(self, query: Query, found: Sequence[Arm]) -> exp.Select:
        if query.within or query.arranged or query.distinct:
            raise Unjoinable("measures of several tables cannot be ranked in groups")
        if any(not o.item.fn and o.item not in query.group for o in query.order):
            raise Unjoinable("measures of several tables are sorted by what is shown beside them")
        sides = Sides(query, found, [self._select(arm.query) for arm in found])
        made = sides.select([self.identifier(name) for name in headings(self.index, query.select)])
        plan = _Plan(self, query, left=sides.item)
        having = [plan.condition(f) for f in _alternatives(f for f in query.filters if f.item.fn)]
        return made.having(*having) if having else made

    def _on(self, edge: Edge) -> exp.Expr:
        pairs = [
            exp.EQ(this=self.column(Field(edge.many, a)), expression=self.column(Field(edge.one, b)))
            for a, b in edge.pairs
        ]
        return exp.and_(*pairs)

    def identifier(self, name: str) -> exp.Identifier:
        """A name, quoted where the dialect needs it."""
        plain = _PLAIN.match(name) and name.upper() not in self.reserved
        exact = self.index.dialect == "postgres" and name != name.lower()
        return exp.Identifier(this=name, quoted=not plain or exact)

    def _table(self, label: str) -> exp.Table:
        """A table as the source, or the federation, names it; with an alias where its label is not its name."""
        table = self.index.tables.get(label)
        if table is None:
            raise Unjoinable(label)
        self.joined[label] = None
        schema = self.identifier(table.schema) if table.schema else None
        source = self.identifier(table.source) if self.index.source == EVERYWHERE else None
        made = exp.Table(this=self.identifier(table.name), db=schema or source, catalog=source if schema else None)
        if label != table.name:
            made.set("alias", exp.TableAlias(this=self.identifier(self._alias(label))))
        return made

    def _alias(self, label: str) -> str:
        table = self.index.tables[label]
        name = label if label == table.name else label.replace(".", "_")
        while name != label and name in self.index.tables:
            name += "_"
        return name

    def column(self, at: Field) -> exp.Column:
        """A column with its table. Raises Unjoinable for a name that the catalog does not hold."""
        column = self.index.column(at)
        if column is None or at.column.startswith(TERM):
            raise Unjoinable(f"{at.table}.{at.column}")
        return exp.Column(this=self.identifier(column.name), table=self.identifier(self._alias(at.table)))


def _by_chance(edges: Sequence[Edge], tables: Sequence[str]) -> bool:
    """Whether two tables meet only because both refer to a row of a third that the question does not name."""
    parents = [edge.one for edge in edges]
    return any(parents.count(table) > 1 and table not in tables for table in parents)


class _Plan:
    """The parts of one select, once its joins are known."""

    def __init__(
        self,
        builder: Builder,
        query: Query,
        edges: Sequence[Edge] = (),
        left: Callable[[Item], exp.Expr] | None = None,
    ) -> None:
        self.builder = builder
        self.index = builder.index
        self.query = query
        self.edges = edges
        self.left = left or self.item

    def complete(self, select: exp.Select) -> exp.Select:
        """Conditions, groups, order and limit."""
        query = self.query
        percent = any(item.fn == "percent" for item in query.select)
        kept = (f for f in query.filters if not f.item.fn and not (percent and _tested(f)))
        where = [*self.builder.terms.always(query), *(self.condition(f) for f in _alternatives(kept))]
        having = [self.condition(f) for f in _alternatives(f for f in query.filters if f.item.fn)]
        select = select.where(*where) if where else select
        select = select.group_by(*(self.item(item) for item in query.group)) if query.group else select
        select = select.having(*having) if having else select
        if query.order:
            # Nothing is not the least: of a few rows that are asked for, those without a value come last.
            few = query.limit is not None
            ranks = [(self._rank(o.item), o.desc) for o in query.order]
            select = select.order_by(*(exp.Ordered(this=x, desc=d, nulls_first=not (d or few)) for x, d in ranks))
        if query.limit is not None and not query.within:
            select = select.limit(query.limit)
        repeats = not query.group and not query.aggregated and self._fans_out(query.focus)
        # Rows that differ only in what they are sorted by must stay apart, or there is nothing to sort them by.
        sorted_unseen = any(order.item not in query.select for order in query.order)
        if (query.distinct or repeats) and not sorted_unseen and not query.group and not query.aggregated:
            select = select.distinct()
        return select

    def output(self, item: Item, name: str) -> exp.Expr:
        """An item of the select list under the name that people give it."""
        made = self.item(item)
        return made if name == item.field.column and not item.fn else exp.alias_(made, self.builder.identifier(name))

    def item(self, item: Item) -> exp.Expr:
        """The expression of an item."""
        if item.over:
            return quotient(self.item(replace(item, over=None)), self.item(item.over))
        if " " in item.fn:
            return self._windowed(item)
        if item.fn == "count":
            return self._count(item)
        if item.fn == "percent":
            return self._percent(item)
        if item.fn == METRIC:
            return self.builder.terms.measure(item.field, self.query)
        made = self._value(item)
        if item.fn == "since":
            return days_since(exp.Max(this=made), item.grain, self.index.dialect)
        if item.grain:
            dialect = self.index.dialect
            made = later(made, item.grain, item.shift, dialect) if item.shift else made
            made = grained(made, item.grain, dialect)
        return _FUNCTIONS[item.fn](this=made) if item.fn else made

    def _rank(self, item: Item) -> exp.Expr:
        """What an item is sorted by: weekdays in the order of the week, else itself."""
        if item.grain == "weekday" and self.query.group:
            return weekday_rank(self.builder.column(item.field), self.index.dialect)
        return self.item(item)

    def _value(self, item: Item) -> exp.Expr:
        """What an item holds in one row: a column, days between two dates, or one column less another."""
        if self.index.term(item.field):
            return self.builder.terms.value(item.field, self.query)
        made: exp.Expr = self.builder.column(item.field)
        if item.minus is None:
            return made
        less: exp.Expr = self.builder.column(item.minus)
        column = self.index.column(item.field)
        if column and column.type.temporal:
            return days_between(less, made, self.index.dialect)
        if item.times:
            less = exp.Mul(this=less, expression=self.builder.column(item.times))
        return quotient(made, less) if item.sign == "/" else exp.paren(_SIGNS[item.sign](this=made, expression=less))

    def _windowed(self, item: Item) -> exp.Expr:
        """A measure compared with the other rows shown: its share, its running total, its growth."""
        kind, _, fn = item.fn.partition(" ")
        over = [i for i in self.query.group if i.grain]
        parts = [self.item(i) for i in self.query.group if not i.grain]
        if kind == "rank":
            parts = [self.item(i) for i in self.query.group if i.field.table != self.query.focus]
        return windowed(kind, self.item(replace(item, fn=fn)), [self.item(i) for i in over], parts)

    def repeated(self) -> Field | None:
        """The key of the table whose measure the joins would count twice. Raises Unjoinable where that is no help."""
        items = [*self.query.select, *(o.item for o in self.query.order), *(f.item for f in self.query.filters)]
        atoms = [atom for item in items for atom in item.atoms()]
        added = {i.field.table for i in atoms if i.fn.split(" ")[-1] in ("sum", "avg", "median", "percent", METRIC)}
        many = {table for table in added if self._fans_out(table)}
        if not many:
            return None
        table = many.pop()
        key = self.index.key(table)
        if many or added != {table} or not key:
            raise Unjoinable(f"{table} would be counted more than once")
        return Field(table, key)

    def _percent(self, item: Item) -> exp.Expr:
        """How many rows of each hundred meet the conditions, or how much of each hundred of a measure they hold."""
        conditions = [self.condition(f) for f in _alternatives(f for f in self.query.filters if _tested(f))]
        if not conditions:
            raise Unjoinable("a percentage without anything to count")
        if self.index.term(item.field):
            part = self.builder.terms.measure(item.field, self.query, conditions)
            return percent_of(
                part,
                exp.Nullif(this=self.builder.terms.measure(item.field, self.query), expression=exp.Literal.number(0)),
            )
        if not item.field.row:
            held = exp.Case().when(exp.and_(*conditions), self._value(item)).else_(exp.Literal.number(0))
            whole = exp.Nullif(this=exp.Sum(this=self._value(item)), expression=exp.Literal.number(0))
            return percent_of(exp.Sum(this=held), whole)
        case = exp.Case().when(exp.and_(*conditions), exp.Literal.number("100.0")).else_(exp.Literal.number("0.0"))
        return exp.Round(this=exp.Avg(this=case), decimals=exp.Literal.number(2))

    def _count(self, item: Item) -> exp.Expr:
        if item.given:
            met = exp.and_(*(self.condition(group) for group in _alternatives(item.given)))
            key = self.index.key(item.field.table) if self._fans_out(item.field.table) else ""
            told: exp.Expr = self.builder.column(Field(item.field.table, key)) if key else exp.Literal.number(1)
            case = exp.Case().when(met, told)
            return exp.Count(this=exp.Distinct(expressions=[case]) if key else case)
        if not item.field.row:
            column = self.builder.column(item.field)
            return exp.Count(this=exp.Distinct(expressions=[column]) if item.distinct else column)
        key = self.index.key(item.field.table)
        if key and (self._fans_out(item.field.table)):
            return exp.Count(this=exp.Distinct(expressions=[self.builder.column(Field(item.field.table, key))]))
        return exp.Count(this=exp.Star())

    def _fans_out(self, table: str) -> bool:
        """Whether the joins repeat rows of a table."""
        reached, changed = {table}, True
        while changed:
            changed = False
            for edge in self.edges:
                if edge.one in reached and edge.many not in reached:
                    return True
                if edge.many in reached and edge.one not in reached:
                    reached.add(edge.one)
                    changed = True
        return False

    def condition(self, filters: list[Filter]) -> exp.Expr:
        """Conditions of which one must hold."""
        made = [self._one(f) for f in filters]
        return exp.paren(exp.or_(*made)) if len(made) > 1 else made[0]

    def _one(self, f: Filter) -> exp.Expr:
        return self._flag(f) if self.index.term(f.item.field) and not f.item.fn else self._plain(f)

    def _plain(self, f: Filter) -> exp.Expr:
        left = self.left(f.item)
        if f.query is not None:
            return self._nested(left, f)
        if f.other is not None:
            return _OPS[f.op](this=left, expression=self._other(f.other, f.values))
        values = [self._literal(value, f.item) for value in f.values]
        match f.op:
            case "in" | "not in":
                made: exp.Expr = exp.In(this=left, expressions=values)
            case "between" | "not between":
                made = exp.Between(this=left, low=values[0], high=values[1])
            case "within" | "not within":
                made = exp.paren(_within(left, f.values)) if f.op != "within" else _within(left, f.values)
            case "null" | "not null":
                made = exp.Is(this=left, expression=exp.Null())
            case "not like":
                made = exp.Like(this=left, expression=values[0])
            case _:
                return _OPS[f.op](this=left, expression=values[0])
        return exp.Not(this=made) if f.op.startswith("not ") else made

    def _flag(self, f: Filter) -> exp.Expr:
        """Whether a row is what a term says; a row of which that is unknown is not."""
        met = self.builder.terms.condition(f.item.field)
        if (f.op, f.values) == ("=", (True,)):
            return exp.paren(met) if isinstance(met, exp.Connector) else met
        if (f.op, f.values) not in (("!=", (True,)), ("=", (False,))):
            raise Unjoinable(f"{f.item.field.column} is no value")
        one = exp.Case().when(met, exp.Literal.number(1)).else_(exp.Literal.number(0))
        return exp.EQ(this=one, expression=exp.Literal.number(0))

    def _other(self, at: Field, factors: Sequence[Scalar]) -> exp.Expr:
        """The column that a condition compares with, perhaps several times it: “more than twice the cost”."""
        column: exp.Expr = self.builder.column(at)
        return exp.Mul(this=self._literal(factors[0], Item(at)), expression=column) if factors else column

    def _nested(self, left: exp.Expr, f: Filter) -> exp.Expr:
        assert f.query is not None  # noqa: S101
        inner = self.builder.query(replace(f.query, within=()) if f.query.limit is None else f.query)
        if f.op in ("in", "not in"):
            if f.op == "not in" and isinstance(inner, exp.Select):
                inner = inner.where(exp.Not(this=exp.Is(this=inner.selects[0].copy(), expression=exp.Null())))
            if self.index.dialect == "mysql" and inner.args.get("limit"):
                # MySQL has no limit right inside IN.
                inner = exp.select("*").from_(inner.subquery("shown"))
            made: exp.Expr = exp.In(this=left, query=exp.Subquery(this=inner))
            return exp.Not(this=made) if f.op == "not in" else made
        if f.query.within and isinstance(inner, exp.Select):
            inner = correlated(inner, [self.builder.column(item.field) for item in f.query.within])
        return _OPS[f.op](this=left, expression=exp.Subquery(this=inner))

    def _literal(self, value: Scalar, item: Item) -> exp.Expr:
        column = self.index.column(item.field) if not item.fn else None
        if value is None:
            return exp.Null()
        if isinstance(value, bool) and (said := self.index.answers(item.field)):
            return exp.Literal.string(said.get(value, ""))
        if isinstance(value, bool):
            return exp.Literal.number(int(value)) if self.index.dialect == "sqlite" else exp.Boolean(this=value)
        if isinstance(value, (int, float)):
            text = column is not None and column.type == DataType.TEXT
            return exp.Literal.string(str(value)) if text else exp.Literal.number(value)
        return exp.Literal.string(str(value))


def _tested(f: Filter) -> bool:
    """Whether a percentage counts the rows that meet this condition; a period limits all rows instead."""
    return not f.item.fn and f.op not in ("within", "not within")


def _within(left: exp.Expr, values: Sequence[Scalar]) -> exp.Expr:
    start, end = values
    parts: list[exp.Expr] = []
    if start is not None:
        parts.append(exp.GTE(this=left, expression=exp.Literal.string(str(start))))
    if end is not None:
        parts.append(exp.LT(this=left.copy(), expression=exp.Literal.string(str(end))))
    return exp.and_(*parts) if parts else exp.true()


def _alternatives(filters: object) -> list[list[Filter]]:
    """Filters that all must hold, those with the same `either` together."""
    found: dict[object, list[Filter]] = {}
    for at, f in enumerate(filters):  # type: ignore[var-annotated, arg-type]
        found.setdefault(f.either or f"only {at}", []).append(f)
    return list(found.values())
