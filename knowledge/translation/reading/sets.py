"""What is nested or combined in a query: things without any, both of two values, the one but not the other."""

from collections.abc import Sequence
from dataclasses import replace

from knowledge.translation.ir import Field, Filter, Item, Query, Scalar
from knowledge.translation.joins import Edge
from knowledge.translation.reading.draft import OPPOSITE, Reader


def absent(r: Reader, query: Query) -> Query:
    """“without any order”: not in a nested query, which takes the conditions on that table."""
    table, within = r.draft.absent, tuple(r.draft.within)
    if not table:
        return query
    if table == query.focus and within:
        return _without(r, query, within)
    table = r.draft.through if table == query.focus else table
    if not table or table == query.focus:
        return query
    query = replace(query, also=tuple(t for t in query.also if t != table))
    order = query.order[0].item if len(query.order) == 1 else None
    if query.limit and order and order.field.table == table and not order.fn and r.index.key(table):
        # “not on the project with the most hours”: the limit says which rows there are none of.
        key = Item(Field(table, r.index.key(table)))
        first = Query(query.source, table, (key,), order=query.order, limit=query.limit)
        within = (*within, Filter(key, "=" if query.limit == 1 else "in", query=first, phrase="nested"))
        query = replace(query, order=(), limit=None)
    made = absence(r, query, table, within)
    return replace(query, filters=(*query.filters, made)) if made else query


def _without(r: Reader, query: Query, within: tuple[Filter, ...]) -> Query:
    """“all accounts except those in Paris”, “countries without a stadium that ...”."""
    if _bare_values(r, query):
        return _combine(r, query, "except", query.filters, (*query.filters, *within))
    if len(within) == 1 and within[0].op in OPPOSITE and not within[0].query:
        return replace(query, filters=(*query.filters, replace(within[0], op=OPPOSITE[within[0].op])))
    key = Item(Field(query.focus, r.index.key(query.focus)))
    if not key.field.column:
        r.unsupported = r.unsupported or "to know what exactly should not be"
        return query
    inner = Query(query.source, query.focus, (key,), within)
    return replace(query, filters=(*query.filters, Filter(key, "not in", query=inner, phrase="nested")))


def absence(r: Reader, query: Query, table: str, filters: tuple[Filter, ...]) -> Filter | None:
    """`query`'s rows that have none in `table`: key not in (select key from there)."""
    path = r.index.graph.path([query.focus], table, frozenset())
    if not path:
        return None
    edge = path[0]
    here, there = (edge.one, edge.many) if edge.one == query.focus else (edge.many, edge.one)
    mine, theirs = next(((a, b) if edge.many == here else (b, a)) for a, b in edge.pairs)
    if edge.many == query.focus and len(path) == 1 and not filters:
        return Filter(Item(Field(here, mine)), "null", phrase=table)
    far = _last_repeated(path[1:], there)
    inner = Query(r.index.source, there, (Item(Field(there, theirs)),), filters, also=(far,) if far != there else ())
    return Filter(Item(Field(here, mine)), "not in", query=inner, phrase=table)


def _last_repeated(path: Sequence[Edge], here: str) -> str:
    """The farthest table of a path that a row need not have: what a key points at is there anyway."""
    far = here
    for edge in path:
        far = edge.many if edge.one == here else far
        here = edge.other(here)
    return far


def united(r: Reader, query: Query) -> Query:
    """“in Fall 2009 or in Spring 2010”, “phone numbers of customers and suppliers”, “or with more than two orders”."""
    turn = r.draft.turn
    if turn is not None and turn < len(query.filters):
        start = next(at for at, f in enumerate(query.filters) if f.item == query.filters[turn].item)
        shared, left = query.filters[:start], query.filters[start:turn]
        return _combine(r, query, "union", (*shared, *left), (*shared, *query.filters[turn:]))
    if r.draft.alike:
        select = tuple(_counterparts(r, query.select, r.draft.alike))
        second = Query(query.source, r.draft.alike, select, query.filters)
        return replace(query, combine="union", second=second, order=(), limit=None) if select else query
    return _alternatives(r, query)


def united_with(r: Reader, table: str) -> bool:
    """“phone numbers of customers and suppliers”: the same columns of two tables that no key joins."""
    tables = {item.field.table for item in r.draft.select}
    apart = all(r.index.graph.distance(other, table) > 1 for other in tables)
    return bool(tables) and table not in tables and apart and bool(_counterparts(r, r.draft.select, table))


def _counterparts(r: Reader, items: Sequence[Item], table: str) -> list[Item]:
    """Columns of another table that are called the same as these; empty where any has none."""
    found: list[Item] = []
    for item in items:
        words = set(r.index.words[(item.field.table, item.field.column)]) if not item.field.row else set()
        words -= set(r.index.words[(item.field.table, "")])
        own = set(r.index.words[(table, "")])
        columns = (c.name for c in r.index.tables[table].columns)
        same = [name for name in columns if set(r.index.words[(table, name)]) - own == words and words]
        if item.fn or not same:
            return []
        found.append(Item(Field(table, same[0])))
    return found


def _alternatives(r: Reader, query: Query) -> Query:
    """Alternatives in several tables, each looked for by itself: a join would leave out rows that meet one of them."""
    key = Item(Field(query.focus, r.index.key(query.focus)))
    made: list[Filter] = []
    for f in query.filters:
        rest = [g.item for g in query.filters if g.either == f.either and g is not f]
        mixed = f.either and any(i.fn or i.field.table != f.item.field.table for i in rest)
        if mixed and key.field.column and not f.query and (f.item.fn or r.many(query.focus, f.item.field.table)):
            inner = Query(query.source, query.focus, (key,), (replace(f, either=0),), (key,) if f.item.fn else ())
            f = Filter(key, "in", query=inner, either=f.either, phrase=f.phrase)
        made.append(f)
    if tuple(made) == query.filters:
        return query
    used = {i.field.table for i in (*query.select, *query.group, *(o.item for o in query.order))}
    used |= {f.item.field.table for f in made}
    return replace(query, filters=tuple(made), also=tuple(t for t in query.also if t in used))


def combined(r: Reader, query: Query) -> Query:
    """“both A and B”, “A but not B” of one column: no single row can be so, but a thing with several rows can."""
    first = next((f for f in query.filters if any(_against(f, g) for g in query.filters)), None)
    if first is None or query.second:
        return query
    groups, shared = _parts(query.filters, first.item)
    table = first.item.field.table
    if not groups[1][0].op.startswith(("!", "not")):
        if _several(r, query, table):
            return _nested_each(r, query, groups, shared)
        return _combine(r, query, "intersect", (*shared, *groups[0]), (*shared, *groups[1]))
    turned = replace(groups[1][0], op={"!=": "=", "not in": "in"}[groups[1][0].op])
    return _combine(r, query, "except", (*shared, *groups[0]), (*shared, turned, *groups[1][1:]))


def _against(one: Filter, other: Filter) -> bool:
    """Whether no row meets the first and then the second condition, or the second says nothing beside the first."""
    if one.item != other.item or one.item.fn or one.either or other.either or one is other:
        return False
    if one.query or other.query or one.other or other.other or not one.values or not other.values:
        return False
    if one.op in ("=", "in") and other.op in ("=", "!=", "not in"):
        return not set(one.values) & set(other.values)
    if one.op == other.op == "within":
        (start, end), (begin, stop) = one.values, other.values
        return bool(end and begin and str(end) <= str(begin)) or bool(stop and start and str(stop) <= str(start))
    return (one.op[0] + other.op[0] == "><" and not _below(one.values[0], other.values[0])) or (
        one.op[0] + other.op[0] == "<>" and not _below(other.values[0], one.values[0])
    )


def _below(low: Scalar, high: Scalar) -> bool:
    """Whether something can lie between two numbers or two days."""
    if isinstance(low, int | float) and isinstance(high, int | float):
        return low < high
    return str(low) < str(high)


def _parts(filters: Sequence[Filter], item: Item) -> tuple[list[tuple[Filter, ...]], tuple[Filter, ...]]:
    """The conditions of each value of the item, which stand together in the question, and those of all of them."""
    starts = [at for at, f in enumerate(filters) if f.item == item]
    own = {f.item for f in filters[starts[0] : starts[1]]}
    last = starts[-1]
    end = next((at for at in range(last + 1, len(filters)) if filters[at].item not in own), len(filters))
    groups = [tuple(filters[at:to]) for at, to in zip(starts, [*starts[1:], end], strict=True)]
    return groups, (*filters[: starts[0]], *filters[end:])


def _several(r: Reader, query: Query, table: str) -> bool:
    """Whether things are asked for that can have several rows in a table, each told apart by its key."""
    return bool(r.index.key(query.focus)) and r.many(query.focus, table) and not _bare_values(r, query)


def _bare_values(r: Reader, query: Query) -> bool:
    """Whether values are asked for, such as the states of colleges, and not the rows that have them."""
    plain = [item.field for item in query.select if not item.fn or item.distinct]
    return len(plain) == len(query.select) and all(
        not field.row and not r.index.is_key(field) and field not in r.index.display(field.table) for field in plain
    )


def _nested_each(r: Reader, query: Query, groups: Sequence[tuple[Filter, ...]], shared: tuple[Filter, ...]) -> Query:
    """Each value looked for by itself: key in (select key ...) and key in (select key ...)."""
    key = Item(Field(query.focus, r.index.key(query.focus)))
    made = [
        Filter(key, "in", query=Query(query.source, query.focus, (key,), group), phrase=group[0].phrase)
        for group in groups
    ]
    used = {item.field.table for item in (*query.select, *query.group, *(o.item for o in query.order))}
    also = tuple(t for t in query.also if t in used or not r.many(query.focus, t))
    return replace(query, filters=(*shared, *made), also=also)


def _combine(r: Reader, query: Query, how: str, left: tuple[Filter, ...], right: tuple[Filter, ...]) -> Query:
    """The rows of the one without, or only with, those of the other; of a count, the different values of one column."""
    if not query.aggregated:
        return replace(query, filters=left, combine=how, second=replace(query, filters=right, order=(), limit=None))
    item = query.select[0]
    if len(query.select) > 1 or query.group or item.fn != "count":
        r.unsupported = r.unsupported or "figures of what has both"
        return query
    field = Field(item.field.table, r.index.key(item.field.table)) if item.field.row else item.field
    inner = Query(query.source, query.focus, (Item(field),), right, also=query.also)
    if how == "union":
        inner = replace(inner, combine="union", second=replace(inner, filters=left))
        return replace(query, filters=(Filter(Item(field), "in", query=inner, phrase="nested"),))
    op = {"except": "not in", "intersect": "in"}[how]
    return replace(query, filters=(*left, Filter(Item(field), op, query=inner, phrase="nested")))
