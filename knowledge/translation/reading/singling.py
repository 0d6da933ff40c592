"""Rows picked out in a nested query: “students in the dorm with the largest capacity”, “average of the oldest 3”."""

from dataclasses import replace

from knowledge.translation.ir import Field, Filter, Item, Query
from knowledge.translation.reading.draft import Reader
from knowledge.translation.words import lemma


def singled(r: Reader, query: Query) -> Query:
    """The query with its limit inside, where the limit picks a thing that many rows belong to."""
    if not query.limit or len(query.order) != 1 or r.draft.groups or query.second:
        return query
    item = query.order[0].item
    table = r.draft.topmost if item.fn else item.field.table
    figures = bool(query.select) and all(i.fn for i in query.select) and item not in query.select
    if not table or not r.index.key(table) or item.fn not in ("", "count", "avg", "sum"):
        return query
    if item.fn in ("avg", "sum") and item.field.table not in (table, query.focus):
        return query
    apart = table != query.focus and r.many(table, query.focus)
    if not (figures if table == query.focus else apart and (figures or item.fn or _plural(r, query))):
        return query
    return _nested(r, query, table)


def _nested(r: Reader, query: Query, table: str) -> Query:
    """Rows of, or at, the first rows of a table in the order asked for."""
    key, order = Item(Field(table, r.index.key(table))), query.order[0]
    own = tuple(f for f in query.filters if f.item.field.table == table and not f.item.fn and not f.either)
    group = (key,) if order.item.fn else ()
    inner = Query(query.source, table, (key,), own, group, query.order, query.limit)
    picked = Filter(key, "=" if query.limit == 1 else "in", query=inner, phrase="nested")
    rest = tuple(f for f in query.filters if f not in own)
    counted = {order.item.field.table} - {table, query.focus}
    also = tuple(t for t in query.also if t not in counted)
    return replace(query, filters=(*rest, picked), order=(), limit=None, also=also)


def _plural(r: Reader, query: Query) -> bool:
    """Whether several rows of the focus are asked for by name."""
    for chunk in r.chunks:
        word = chunk.text.lower().split()[-1] if chunk.text else ""
        names = chunk.table == query.focus or (
            bool(chunk.columns) and " of " in chunk.text and chunk.columns[0].table == query.focus
        )
        if names:
            return lemma(word) != word
    return False
