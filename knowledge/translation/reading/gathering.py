"""Groups of a query: what is shown and grouped beside an aggregate, and the best rows of each group."""

from dataclasses import replace

from knowledge.translation.ir import Field, Filter, Item, Query
from knowledge.translation.reading.draft import Reader


def grouped(r: Reader, query: Query) -> Query:
    """Group by what is named beside an aggregate, in the select list, the order or the conditions."""
    aggregates = [i for i in (*query.select, *(o.item for o in query.order), *(f.item for f in query.filters)) if i.fn]
    if not aggregates:
        return _listed(r, query)
    shown: list[Item] = []
    keys: list[Item] = []
    query = _limited_within(r, query)
    counted = {item.field.table for item in aggregates}
    for item in r.draft.groups:
        if item.field.row:
            keys.extend(_key(r, item.field.table))
            if not any(_names(r, i, item.field.table) for i in query.select):
                shown.extend(Item(field) for field in r.index.display(item.field.table))
        else:
            shown.append(item)
    select = tuple(sorted(dict.fromkeys((*shown, *query.select)), key=lambda item: bool(item.fn)))
    plain = [item for item in select if not item.fn]
    if not plain and not keys:
        return query
    for table in dict.fromkeys(item.field.table for item in plain):
        entity = table in r.draft.shown or (table == query.focus and not _bare(r, plain, table))
        if entity and table not in counted and not any(k.field.table == table for k in keys):
            keys.extend(_key(r, table))
    return replace(query, select=select, group=tuple(dict.fromkeys((*keys, *plain))))


def _bare(r: Reader, shown: list[Item], table: str) -> bool:
    """Whether only values of a table are shown, such as the decor of rooms, which do not tell its rows apart."""
    own = [item.field for item in shown if item.field.table == table]
    if r.draft.focus == table or len(own) != 1:
        return False
    return not r.index.is_key(own[0]) and own[0] not in r.index.display(table)


def counted_by_condition(r: Reader, query: Query) -> Query:
    """“How many customers have more than 5 orders”: the condition on a count goes into a nested query."""
    tests = tuple(f for f in query.filters if f.item.fn)
    keys = _key(r, query.focus)
    counted = [item for item in query.select if item.fn == "count" and not item.field.row]
    if len(counted) == 1 == len(query.select) and all(f.item.field.table == counted[0].field.table for f in tests):
        keys = [Item(counted[0].field)]
    if not tests or query.group or not query.aggregated or not keys:
        return query
    also = tuple(t for t in query.also if t in {f.item.field.table for f in tests})
    inner = Query(query.source, query.focus, tuple(keys), tests, tuple(keys), also=also)
    rest = tuple(f for f in query.filters if f not in tests)
    used = {f.item.field.table for f in rest} | {item.field.table for item in query.select}
    kept = tuple(t for t in query.also if t not in also or t in used)
    return replace(query, filters=(*rest, Filter(keys[0], "in", query=inner, phrase="nested")), also=kept)


def _names(r: Reader, item: Item, table: str) -> bool:
    """Whether an item already tells the rows of a table apart: a column of it, or a key that points at it."""
    return not item.fn and (item.field.table == table or (not item.field.row and r.index.refers(item.field) == table))


def _key(r: Reader, table: str) -> list[Item]:
    key = r.index.key(table)
    return [Item(Field(table, key))] if key else []


def _listed(r: Reader, query: Query) -> Query:
    """A group without a measure is just one more thing to show."""
    if r.draft.groups and r.draft.limit and r.draft.orders:
        return _best_in_each(r, query)
    extra = [i for i in r.draft.groups if not i.field.row and not i.grain and i not in query.select]
    also = [i.field.table for i in r.draft.groups if i.field.row and i.field.table != query.focus]
    shown = tuple(query.select)
    shown = (*shown, *extra)
    return replace(query, select=shown, also=(*query.also, *also))


def _best_in_each(r: Reader, query: Query) -> Query:
    """“the cheapest product in each category”."""
    shown = [Item(f) for g in r.draft.groups if g.field.row for f in r.index.display(g.field.table)]
    shown += [g for g in r.draft.groups if not g.field.row]
    within = tuple(key for group in r.draft.groups for key in _group_key(r, group))
    ranked = [order.item for order in query.order]
    return replace(query, select=tuple(dict.fromkeys((*shown, *query.select, *ranked))), within=within)


def _limited_within(r: Reader, query: Query) -> Query:
    """“top 3 products by revenue in each region”: the limit is for each region, not for all rows."""
    groups = {item.field.table for item in r.draft.groups}
    others = any(not item.fn and item.field.table not in groups for item in query.select)
    if not (r.draft.groups and r.draft.limit and others):
        return query
    return replace(query, within=tuple(key for group in r.draft.groups for key in _group_key(r, group)))


def _group_key(r: Reader, group: Item) -> list[Item]:
    """What tells the groups apart: the key of a table, or the column itself."""
    return _key(r, group.field.table) or [Item(r.index.display(group.field.table)[0])] if group.field.row else [group]
