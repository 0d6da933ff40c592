"""Measures that one join would count twice or lose: each is worked out by itself, then they stand side by side.

“revenue and refunds by category”, “returns to orders ratio”, “revenue by month compared to last year”.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeAlias

from sqlglot import exp

from knowledge.translation.index import Index
from knowledge.translation.ir import METRIC, Field, Filter, Item, Query
from knowledge.translation.times import moved
from knowledge.translation.windows import percent_of, quotient

SIDES = "side_by_side"
Home: TypeAlias = tuple[str, str]
"""The table whose rows are measured, and by which unit of time they are earlier."""


@dataclass(frozen=True, slots=True)
class Arm:
    """The measures of one home: `query` selects the groups, then the `atoms`."""

    home: Home
    query: Query
    atoms: tuple[Item, ...]


def arms(query: Query, index: Index) -> list[Arm]:
    """The queries whose results stand side by side; none where one join does."""
    homes: dict[Home, dict[Item, None]] = {}
    for item in _measures(query):
        for atom, home in _homes(item):
            homes.setdefault(home, {})[atom] = None
    if not _needed(query, list(homes), index):
        return []
    return [_arm(query, home, tuple(atoms), index) for home, atoms in homes.items()]


def _measures(query: Query) -> list[Item]:
    items = (*query.select, *(o.item for o in query.order), *(f.item for f in query.filters))
    return [item for item in items if item.fn]


def _homes(item: Item) -> list[tuple[Item, Home]]:
    """What an item is worked out from, each with where it belongs."""
    if item.over and item.over.distinct:
        base = replace(item, over=None)
        home = (base.field.table, base.shift)
        return [(base, home), (replace(item.over, shift=base.shift), home)]
    return [(atom, (atom.field.table, atom.shift)) for atom in item.atoms()]


def _needed(query: Query, homes: Sequence[Home], index: Index) -> bool:
    if any(shift for _, shift in homes):
        return True
    tables = list(dict.fromkeys(table for table, _ in homes))
    if len(tables) < 2:
        return False
    added = {item.field.table for item in _measures(query) if item.fn in ("sum", "avg", "median", METRIC)}
    added |= {item.over.field.table for item in _measures(query) if item.over and not item.over.distinct}
    pairs = [(a, b) for a in tables for b in tables if a != b]
    siblings = any(not upward(index, a, b) and not upward(index, b, a) for a, b in pairs)
    return siblings or any(b in added and upward(index, a, b) for a, b in pairs)


def upward(index: Index, one: str, other: str) -> bool:
    """Whether each row of the first table belongs to at most one of the second."""
    here, path = one, index.graph.path([one], other, frozenset())
    for edge in path or []:
        if edge.many != here:
            return False
        here = edge.one
    return path is not None


def _arm(query: Query, home: Home, atoms: tuple[Item, ...], index: Index) -> Arm:
    table, shift = home
    moment = own_date(index, table)

    def own(item: Item) -> Item:
        column = index.column(item.field)
        dated = bool(column and column.type.temporal)
        return replace(item, field=moment) if dated and moment and item.field.table != table else item

    groups = tuple(replace(own(item), shift=shift if item.grain else "") for item in query.group)
    filters = tuple(_earlier(replace(f, item=own(f.item)), shift) for f in query.filters if not f.item.fn)
    made = tuple(replace(atom, shift="") for atom in atoms)
    return Arm(home, Query(query.source, table, (*groups, *made), filters, groups), atoms)


def own_date(index: Index, table: str) -> Field | None:
    """The first moment that a table itself holds."""
    columns = index.tables[table].columns
    return next((Field(table, column.name) for column in columns if column.type.temporal), None)


def _earlier(f: Filter, shift: str) -> Filter:
    if not shift or f.op != "within":
        return f
    values = (str(moved(date.fromisoformat(str(value)[:10]), shift)) if value else None for value in f.values)
    return replace(f, values=tuple(values))


class Sides:
    """The results of all arms as rows of one nested select, and the outer expressions of a query's items over it."""

    def __init__(self, query: Query, found: Sequence[Arm], trees: Sequence[exp.Select]) -> None:
        self.query = query
        self.grouped = bool(query.group)
        self.places = {
            (atom, arm.home): f"measure_{a}_{b}" for a, arm in enumerate(found) for b, atom in enumerate(arm.atoms)
        }
        union: exp.Query | None = None
        for arm, tree in zip(found, trees, strict=True):
            part = self._part(arm, tree)
            union = exp.Union(this=union, expression=part, distinct=False) if union else part
        self.rows = exp.Subquery(this=union, alias=exp.TableAlias(this=exp.to_identifier(SIDES)))

    def _part(self, arm: Arm, tree: exp.Select) -> exp.Select:
        """The result of one arm with an empty column for each measure of the others."""
        held = [one.this if isinstance(one, exp.Alias) else one for one in tree.selects]
        keys = len(self.query.group)
        own = {self.places[atom, arm.home]: made for atom, made in zip(arm.atoms, held[keys:], strict=True)}
        tree.set("expressions", [exp.alias_(one, f"part_{at}") for at, one in enumerate(held[:keys])])
        for (atom, _), name in self.places.items():
            empty = exp.cast(exp.Null(), "bigint" if atom.fn == "count" else "double")
            tree = tree.select(exp.alias_(own.get(name, empty), name))
        return tree

    def item(self, item: Item) -> exp.Expr:
        """An item of the query, taken from the nested rows."""
        if not item.fn:
            return exp.column(f"part_{self.query.group.index(item)}", SIDES)
        made = [self._one(atom, home) for atom, home in _homes(item)]
        if len(made) == 1:
            return made[0]
        if item.fn.startswith("growth"):
            gained = exp.paren(exp.Sub(this=made[0], expression=made[1]))
            return percent_of(gained, exp.Nullif(this=made[1].copy(), expression=exp.Literal.number(0)))
        return quotient(made[0], made[1])

    def _one(self, atom: Item, home: Home) -> exp.Expr:
        """One row of each group holds the measure; a count of nothing is 0, but not that of a time before all data."""
        most = exp.Max(this=exp.column(self.places[atom, home], SIDES))
        return (
            exp.Coalesce(this=most, expressions=[exp.Literal.number(0)]) if atom.fn == "count" and not home[1] else most
        )

    def select(self, names: Sequence[exp.Identifier]) -> exp.Select:
        """The outer select, one row for each group that any arm has, without its conditions on measures."""
        query = self.query
        outputs = [exp.alias_(self.item(item), name) for item, name in zip(query.select, names, strict=True)]
        made = exp.Select().select(*outputs).from_(self.rows)
        made = made.group_by(*(self.item(item) for item in query.group)) if self.grouped else made
        now = [(atom, home) for atom, home in self.places if not home[1]]
        if self.grouped and now and len(now) < len(self.places):
            raw = exp.Max(this=exp.column(self.places[now[0]], SIDES))
            made = made.having(exp.Not(this=exp.Is(this=raw, expression=exp.Null())))
        orders = [exp.Ordered(this=self.item(o.item), desc=o.desc, nulls_first=not o.desc) for o in query.order]
        made = made.order_by(*orders) if orders else made
        return made.limit(query.limit) if query.limit is not None else made
