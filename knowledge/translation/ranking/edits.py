"""Other queries that the words of a question may mean as well: each edit changes one part of a query."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from knowledge.translation.ir import Field, Filter, Item, Order, Query, renamed
from knowledge.translation.reading.draft import Reader

Edit = Callable[[Reader, Query], Iterator[Query]]


def edited(r: Reader, query: Query) -> Iterator[tuple[str, Query]]:
    """Every query that one edit makes, with the name of the edit."""
    for edit in EDITS:
        for made in edit(r, query):
            if made != query and made.select:
                yield edit.__name__, made


def without_table(_: Reader, query: Query) -> Iterator[Query]:
    """A table that is joined only because a word names it is left out."""
    for table in query.also:
        yield replace(query, also=tuple(t for t in query.also if t != table))


def with_table(r: Reader, query: Query) -> Iterator[Query]:
    """A table that a word names, and that nothing else needs, is joined: only rows that have one there are wanted."""
    used = set(query.tables())
    named = dict.fromkeys(c.table for c in r.chunks if c.table and c.table not in used)
    for table in list(named)[:2]:
        if r.index.graph.distance(query.focus, table) <= 2:
            yield replace(query, also=(*query.also, table))


def without_item(_: Reader, query: Query) -> Iterator[Query]:
    """One thing less is shown."""
    if len(query.select) < 2:
        return
    for item in query.select:
        rest = tuple(i for i in query.select if i != item)
        if item.fn and query.group and not any(i.fn for i in rest) and not _measured(query):
            yield replace(query, select=rest, group=())
        yield replace(query, select=rest)


def key_for_name(r: Reader, query: Query) -> Iterator[Query]:
    """A thing is shown by its key, or by key and name."""
    for item in query.select:
        key = r.index.key(item.field.table) if not item.fn and not item.field.row else ""
        if not key or key == item.field.column:
            continue
        made = Item(Field(item.field.table, key))
        if made in query.select:
            continue
        yield _instead(query, item, (made,))
        yield replace(query, select=_swapped(query.select, item, (made, item)))


def name_for_key(r: Reader, query: Query) -> Iterator[Query]:
    """A thing is shown by its name, or by name and key."""
    for item in query.select:
        if item.fn or item.field.row:
            continue
        table = item.field.table
        home = table if item.field.column == r.index.key(table) else r.index.refers(item.field)
        if home in r.index.tables:
            names = tuple(Item(field) for field in r.index.display(home) if Item(field) not in query.select)
            if names and names != (item,):
                yield _instead(query, item, names)
                yield replace(query, select=_swapped(query.select, item, (item, *names)))


def other_name(r: Reader, query: Query) -> Iterator[Query]:
    """A column that is called the same in another table."""
    for field in dict.fromkeys(query.fields()):
        if field.row:
            continue
        words = r.index.words.get((field.table, field.column))
        tables = [t for t in (*query.tables(), *_about(r)) if t != field.table]
        for table in dict.fromkeys(tables):
            for column in r.index.tables[table].columns:
                if r.index.words.get((table, column.name)) == words or column.name.lower() == field.column.lower():
                    yield _used(renamed(query, field, Field(table, column.name)), field.table)


def other_target(r: Reader, query: Query) -> Iterator[Query]:
    """Another column that the same words fit."""
    used = dict.fromkeys(query.fields())
    for chunk in r.chunks:
        for field in chunk.columns[:1]:
            if field in used:
                for target in chunk.targets:
                    new = Field(target.table, target.column)
                    if target.column and new != field and target.score >= 0.4:
                        yield _used(renamed(query, field, new), field.table)


def key_elsewhere(r: Reader, query: Query) -> Iterator[Query]:
    """A key that a joined table holds anyway, or the key that it points at."""
    for field in dict.fromkeys(query.fields()):
        if field.row:
            continue
        for edge in r.index.graph.edges.get(field.table, ()):
            for a, b in edge.pairs:
                many, one = Field(edge.many, a), Field(edge.one, b)
                if field == one and edge.many in query.tables():
                    yield _used(renamed(query, one, many), one.table)
                if field == many:
                    yield _used(renamed(query, many, one), many.table)


def order_turned(_: Reader, query: Query) -> Iterator[Query]:
    """Sorted the other way."""
    for order in query.order[:1]:
        yield replace(query, order=(Order(order.item, not order.desc), *query.order[1:]))


def order_dropped(_: Reader, query: Query) -> Iterator[Query]:
    """Not sorted, or not cut."""
    if query.order:
        yield replace(query, order=(), limit=None, within=())
    if query.limit is not None:
        yield replace(query, limit=None)
    elif query.order:
        yield replace(query, limit=1)


def order_by_count(r: Reader, query: Query) -> Iterator[Query]:
    """“the most” counts rows."""
    if query.order and query.limit:
        for table in dict.fromkeys((*query.tables(), *_about(r))):
            item = Item(Field(table, "*"), "count")
            if query.order[0].item != item:
                keys = _group_for(r, query)
                yield replace(query, order=(Order(item, query.order[0].desc),), group=query.group or keys)


def counted_elsewhere(r: Reader, query: Query) -> Iterator[Query]:
    """Rows of another table are counted."""
    for item in _counts(query):
        for table in dict.fromkeys((*query.tables(), *_about(r))):
            made = Item(Field(table, "*"), "count")
            if made != item:
                yield _replaced(query, item, made)


def counted_otherwise(r: Reader, query: Query) -> Iterator[Query]:
    """The different values of a column are counted, or a column holds the count."""
    named = [chunk.columns[0] for chunk in r.chunks if chunk.columns]
    for item in _counts(query):
        for field in named if item.field.row else ():
            yield _replaced(query, item, Item(field, "count", True))
            if r.numeric(field) and not r.index.is_key(field):
                yield _replaced(query, item, Item(field))
                yield _replaced(query, item, Item(field, "sum"))


def aggregated_otherwise(_: Reader, query: Query) -> Iterator[Query]:
    """A measure as it is, added up or averaged."""
    for item in query.select:
        for fn in _FUNCTIONS if item.fn and item.fn in _FUNCTIONS else ():
            yield _replaced(query, item, replace(item, fn=fn))


def ordered_otherwise(r: Reader, query: Query) -> Iterator[Query]:
    """Sorted by a measure as it is, added up or averaged."""
    for order in query.order[:1]:
        if order.item.field.row or order.item.fn not in _FUNCTIONS:
            continue
        for fn in _FUNCTIONS:
            made = replace(query, order=(Order(replace(order.item, fn=fn), order.desc), *query.order[1:]))
            yield replace(made, group=query.group or _group_for(r, query)) if fn else made


def best_as_extreme(r: Reader, query: Query) -> Iterator[Query]:
    """“the highest price” is a figure; the row that has it is another question."""
    if query.limit == 1 and len(query.order) == 1 and not query.group and not query.order[0].item.fn:
        order = query.order[0]
        fn = "max" if order.desc else "min"
        made = replace(query, select=(Item(order.item.field, fn),), order=(), limit=None)
        yield made
        inner = replace(made, also=query.also)
        yield replace(
            query, order=(), limit=None, filters=(*query.filters, Filter(order.item, "=", query=inner, phrase="nested"))
        )
    if not query.group and len(query.select) == 1 and query.select[0].fn in ("max", "min"):
        item = query.select[0]
        order = Order(Item(item.field), item.fn == "max")
        shown = tuple(Item(field) for field in r.index.display(query.focus))
        yield replace(query, select=shown, order=(order,), limit=1)


def filter_dropped(_: Reader, query: Query) -> Iterator[Query]:
    """One condition less."""
    for f in query.filters:
        yield replace(query, filters=tuple(other for other in query.filters if other != f))


def other_value(r: Reader, query: Query) -> Iterator[Query]:
    """The same words as a value of another column."""
    for f in query.filters:
        for chunk in r.chunks:
            for hit in chunk.hits[:8]:
                if hit.stored.lower() in [str(v).lower() for v in f.values] and hit.field != f.item.field:
                    made = replace(f, item=Item(hit.field), values=(hit.stored,))
                    yield _used(_with(query, f, made), f.item.field.table)


def compared_otherwise(_: Reader, query: Query) -> Iterator[Query]:
    """“at least” or “more than”; a part of a text or all of it; in or not."""
    for f in query.filters:
        text = bool(f.values) and isinstance(f.values[0], str)
        if f.op == "=" and text and not f.query:
            yield _with(query, f, replace(f, op="like", values=tuple(f"%{value}%" for value in f.values)))
        elif f.op in _TURNED:
            yield _with(query, f, replace(f, op=_TURNED[f.op]))


def combined_otherwise(_: Reader, query: Query) -> Iterator[Query]:
    """All or any of two conditions; both of two values, or either."""
    if len(query.filters) == 2 and not any(f.item.fn or f.either for f in query.filters):
        yield replace(query, filters=tuple(replace(f, either=1) for f in query.filters))
    if any(f.either for f in query.filters):
        yield replace(query, filters=tuple(replace(f, either=0) for f in query.filters))
    for f in query.filters:
        if f.op == "in" and len(f.values) == 2 and not query.group:
            first, second = (replace(query, filters=_of(query, f, replace(f, op="=", values=(v,)))) for v in f.values)
            yield replace(first, combine="intersect", second=second)
    if query.combine == "intersect" and query.second:
        yield replace(query, combine="", second=None, filters=(*query.filters, *query.second.filters))
        yield replace(query, combine="union")


def grouped_otherwise(r: Reader, query: Query) -> Iterator[Query]:
    """By the thing or by what is shown of it, or not by anything."""
    plain = tuple(item for item in query.select if not item.fn)
    if not query.group:
        return
    yield replace(query, group=plain)
    for table in dict.fromkeys(item.field.table for item in plain):
        key = r.index.key(table)
        if key and all(item.field.column != key for item in query.group):
            yield replace(query, group=(Item(Field(table, key)), *query.group))


def group_shown(_: Reader, query: Query) -> Iterator[Query]:
    """The group, its size or what sorts it is shown too."""
    for item in query.group:
        if item not in query.select and not item.field.row:
            yield replace(query, select=(item, *query.select))
    if query.group and not any(item.fn for item in query.select):
        yield replace(query, select=(*query.select, Item(Field(query.focus, "*"), "count")))
    if query.group and query.order and query.order[0].item.fn and query.order[0].item not in query.select:
        yield replace(query, select=(*query.select, query.order[0].item))


def about_otherwise(r: Reader, query: Query) -> Iterator[Query]:
    """Another table is shown."""
    if len(query.select) == 1 and not query.aggregated:
        for table in dict.fromkeys((*query.tables(), *_about(r))):
            if table != query.select[0].field.table:
                made = tuple(Item(field) for field in r.index.display(table))
                yield replace(query, select=made, focus=table, also=(*query.also, query.focus))
                yield replace(query, select=made, focus=table)


def with_column(r: Reader, query: Query) -> Iterator[Query]:
    """A column that a word names is shown too."""
    used = set(query.fields())
    shown = 0
    for chunk in r.chunks:
        for field in chunk.columns[:1]:
            if field not in used and not query.aggregated and shown < 3:
                shown += 1
                yield replace(query, select=(*query.select, Item(field)))
                yield replace(query, select=(Item(field), *query.select))
                if len(query.select) == 1:
                    yield replace(query, select=(Item(field),))
            elif field not in used and shown < 3:
                shown += 1
                group = (*query.group, Item(field)) if query.group else (Item(field),)
                yield replace(query, select=(Item(field), *query.select), group=group)


EDITS: tuple[Edit, ...] = (
    without_table, with_table, without_item, key_for_name, name_for_key, other_name, other_target, key_elsewhere,
    order_turned, order_dropped, order_by_count, counted_elsewhere, counted_otherwise, aggregated_otherwise,
    ordered_otherwise, best_as_extreme, filter_dropped, other_value, compared_otherwise, combined_otherwise,
    grouped_otherwise, group_shown, about_otherwise, with_column,
)  # fmt: skip
"""The order is part of the trained weights: train again after a change."""

_FUNCTIONS = ("", "sum", "avg", "max", "min")
_TURNED = {">": ">=", ">=": ">", "<": "<=", "<=": "<", "null": "not null", "not null": "null", "in": "not in",
           "not in": "in"}  # fmt: skip


def _counts(query: Query) -> list[Item]:
    items = [*query.select, *(order.item for order in query.order), *(f.item for f in query.filters)]
    return [item for item in dict.fromkeys(items) if item.fn == "count"]


def _measured(query: Query) -> bool:
    return any(o.item.fn for o in query.order) or any(f.item.fn for f in query.filters)


def _about(r: Reader) -> list[str]:
    """Tables that words of the question name."""
    return list(dict.fromkeys(chunk.table for chunk in r.chunks if chunk.table))


def _swapped(items: Sequence[Item], old: Item, new: Sequence[Item]) -> tuple[Item, ...]:
    return tuple(dict.fromkeys(made for item in items for made in (new if item == old else (item,))))


def _instead(query: Query, old: Item, new: Sequence[Item]) -> Query:
    """`new` in place of an item, where rows are grouped by it too."""
    return replace(query, select=_swapped(query.select, old, new), group=_swapped(query.group, old, new))


def _replaced(query: Query, old: Item, new: Item) -> Query:
    return replace(
        query,
        select=_swapped(query.select, old, (new,)),
        order=tuple(Order(new if o.item == old else o.item, o.desc) for o in query.order),
        filters=tuple(replace(f, item=new) if f.item == old else f for f in query.filters),
    )


def _used(query: Query, table: str) -> Query:
    """The query, in focus where its fields are when nothing of the table is left."""
    left = {field.table for field in query.fields()}
    if query.focus == table and table not in left and left:
        first = next((item.field.table for item in query.select), query.focus)
        return replace(query, focus=first, also=tuple(t for t in query.also if t != first))
    return query


def _of(query: Query, old: Filter, new: Filter) -> tuple[Filter, ...]:
    return tuple(new if f is old else f for f in query.filters)


def _with(query: Query, old: Filter, new: Filter) -> Query:
    return replace(query, filters=_of(query, old, new))


def _group_for(r: Reader, query: Query) -> tuple[Item, ...]:
    """What rows are grouped by once something is aggregated: what is shown, by key where there is one."""
    plain = [item for item in query.select if not item.fn]
    keys = [Item(Field(i.field.table, r.index.key(i.field.table))) for i in plain if r.index.key(i.field.table)]
    return tuple(dict.fromkeys((*keys, *plain)))
