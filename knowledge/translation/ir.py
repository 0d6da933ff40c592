"""What a question means, before it is SQL: measures, dimensions, filters, order, limit, combination, nesting."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, TypeAlias

Scalar: TypeAlias = str | int | float | bool | None
METRIC = "metric"
"""The `fn` of a measure that is worked out as the glossary says."""


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a table; column `*` is the row itself."""

    table: str
    column: str

    @property
    def row(self) -> bool:
        """True when the row as such is meant."""
        return self.column == "*"


@dataclass(frozen=True, slots=True)
class Item:
    """A field, perhaps aggregated by `fn` (count, sum, avg, median ...) or cut to a `grain` (year, month ...).

    `minus` is taken off the field row by row, `times` another field: days between dates, `price - cost`,
    `revenue - cost * quantity`; another `sign` (+, *, /) joins them otherwise. With `over` the item is divided by that
    one; a distinct `over` counts only those that have any. Only rows that meet the conditions `given` count. `shift`
    takes the rows of the period one such unit earlier: the revenue of the month before.
    """

    field: Field
    fn: str = ""
    distinct: bool = False
    grain: str = ""
    minus: Field | None = None
    times: Field | None = None
    sign: str = "-"
    over: "Item | None" = None
    shift: str = ""
    given: "tuple[Filter, ...]" = ()

    def fields(self) -> list[Field]:
        """All fields of the item."""
        own = [self.field, *(field for field in (self.minus, self.times) if field)]
        own += [f.item.field for f in self.given]
        return [*own, *(self.over.fields() if self.over else ())]

    def atoms(self) -> list["Item"]:
        """What the item is worked out from: itself, or both parts of a ratio, or the two periods of a change."""
        if self.over:
            return [*replace(self, over=None).atoms(), *self.over.atoms()]
        kind, _, fn = self.fn.partition(" ")
        if kind == "growth" and self.shift:
            return [replace(self, fn=fn, shift=""), replace(self, fn=fn)]
        return [self]


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition. Those with the same non-zero `either` are alternatives; `query` is nested; `other` a field."""

    item: Item
    op: str
    values: tuple[Scalar, ...] = ()
    query: "Query | None" = None
    other: Field | None = None
    either: int = 0
    phrase: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """Sort by an item."""

    item: Item
    desc: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """One query of one source. `focus` is the table the question is about, `also` tables that must be joined.

    With `within`, the limit counts for each value of these items: the best three in each group.
    `arranged` sorts the rows that the order and the limit have chosen.
    """

    source: str
    focus: str
    select: tuple[Item, ...] = ()
    filters: tuple[Filter, ...] = ()
    group: tuple[Item, ...] = ()
    order: tuple[Order, ...] = ()
    limit: int | None = None
    distinct: bool = False
    also: tuple[str, ...] = ()
    combine: str = ""
    second: "Query | None" = None
    within: tuple[Item, ...] = ()
    arranged: tuple[Order, ...] = ()

    @property
    def aggregated(self) -> bool:
        """True when any selected item is an aggregate."""
        return any(item.fn for item in self.select)

    def fields(self) -> list[Field]:
        """All fields used outside nested queries."""
        items = [*self.select, *self.group, *(order.item for order in self.order), *(f.item for f in self.filters)]
        return [field for item in items for field in item.fields()] + [f.other for f in self.filters if f.other]

    def tables(self) -> list[str]:
        """All tables used outside nested queries, the focus first."""
        names = [self.focus, *(field.table for field in self.fields()), *self.also]
        return list(dict.fromkeys(name for name in names if name))


def dump(query: Query) -> dict[str, Any]:
    """The query as JSON."""
    return asdict(query)


def load(data: Any) -> Query:
    """The query of its JSON. Raises KeyError, TypeError or ValueError for anything else."""
    if not isinstance(data, dict):
        raise TypeError("a query is an object")
    return Query(
        source=str(data["source"]),
        focus=str(data["focus"]),
        select=tuple(_item(item) for item in data["select"]),
        filters=tuple(_filter(item) for item in data["filters"]),
        group=tuple(_item(item) for item in data["group"]),
        order=_orders(data["order"]),
        limit=None if data["limit"] is None else int(data["limit"]),
        distinct=bool(data["distinct"]),
        also=tuple(str(name) for name in data["also"]),
        combine=str(data["combine"]),
        second=load(data["second"]) if data["second"] else None,
        within=tuple(_item(item) for item in data.get("within", ())),
        arranged=_orders(data.get("arranged", ())),
    )


def _field(data: Any) -> Field:
    return Field(str(data["table"]), str(data["column"]))


def _orders(data: Any) -> tuple[Order, ...]:
    return tuple(Order(_item(order["item"]), bool(order["desc"])) for order in data)


def _item(data: Any) -> Item:
    minus, times, over = data.get("minus"), data.get("times"), data.get("over")
    return Item(
        _field(data["field"]),
        str(data["fn"]),
        bool(data["distinct"]),
        str(data["grain"]),
        _field(minus) if minus else None,
        _field(times) if times else None,
        str(data.get("sign", "-")),
        _item(over) if over else None,
        str(data.get("shift", "")),
        tuple(_filter(one) for one in data.get("given", ())),
    )


def _filter(data: Any) -> Filter:
    return Filter(
        item=_item(data["item"]),
        op=str(data["op"]),
        values=tuple(data["values"]),
        query=load(data["query"]) if data["query"] else None,
        other=_field(data["other"]) if data["other"] else None,
        either=int(data["either"]),
        phrase=str(data["phrase"]),
    )


def renamed(query: Query, old: Field, new: Field) -> Query:
    """The query with one field in place of another."""

    def swap(item: Item) -> Item:
        return replace(item, field=new) if item.field == old else item

    return replace(
        query,
        select=tuple(swap(item) for item in query.select),
        group=tuple(swap(item) for item in query.group),
        order=tuple(replace(order, item=swap(order.item)) for order in query.order),
        filters=tuple(replace(f, item=swap(f.item)) for f in query.filters),
    )


def relabelled(query: Query, source: str, names: Mapping[str, str]) -> Query:
    """The query as one of another source, in which each table goes by its name in `names`."""

    def at(field: Field | None) -> Field | None:
        return Field(names.get(field.table, field.table), field.column) if field else None

    def item(old: Item) -> Item:
        table, dot, column = old.grain.rpartition(".")
        grain = f"{names.get(table, table)}{dot}{column}"
        over = item(old.over) if old.over else None
        given = tuple(filtered(one) for one in old.given)
        made = replace(old, grain=grain, minus=at(old.minus), times=at(old.times), over=over, given=given)
        return replace(made, field=at(old.field) or old.field)

    def filtered(old: Filter) -> Filter:
        inner = relabelled(old.query, source, names) if old.query else None
        return replace(old, item=item(old.item), query=inner, other=at(old.other))

    def orders(old: tuple[Order, ...]) -> tuple[Order, ...]:
        return tuple(Order(item(order.item), order.desc) for order in old)

    return replace(
        query,
        source=source,
        focus=names.get(query.focus, query.focus),
        select=tuple(item(old) for old in query.select),
        filters=tuple(filtered(old) for old in query.filters),
        group=tuple(item(old) for old in query.group),
        order=orders(query.order),
        also=tuple(names.get(name, name) for name in query.also),
        second=relabelled(query.second, source, names) if query.second else None,
        within=tuple(item(old) for old in query.within),
        arranged=orders(query.arranged),
    )
