"""What is nested or combined in a query: things without any, both of two values."""

from dataclasses import replace

from knowledge.translation.ir import Field, Filter, Item, Query
from knowledge.translation.reading.draft import Reader


def absent(r: Reader, query: Query) -> Query:
    """“without any order”: not in a nested query, which takes the conditions on that table."""
    table = r.draft.absent
    if not table or table == query.focus:
        return query
    query = replace(query, also=tuple(t for t in query.also if t != table))
    made = absence(r, query, table, tuple(r.draft.within))
    return replace(query, filters=(*query.filters, made)) if made else query


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
    inner = Query(
        r.index.source, there, (Item(Field(there, theirs)),), filters, also=(table,) if table != there else ()
    )
    return Filter(Item(Field(here, mine)), "not in", query=inner, phrase=table)


def both(r: Reader, query: Query) -> Query:
    """“both A and B” of one column can only hold for a thing with several rows there."""
    for other in r.draft.both:
        first = next((f for f in query.filters if f.item == other.item), None)
        if first is None:
            continue
        rest = tuple(f for f in query.filters if f != first)
        key = r.index.key(query.focus)
        if key and other.item.field.table != query.focus:
            item = Item(Field(query.focus, key))
            inner = Query(query.source, query.focus, (item,), (other,))
            query = replace(query, filters=(*query.filters, Filter(item, "in", query=inner, phrase=other.phrase)))
        else:
            query = replace(query, combine="intersect", second=replace(query, filters=(*rest, other)))
    return query
