"""From a draft to a query: what is shown by default, what is grouped, what is nested."""

from dataclasses import replace
from datetime import date

from knowledge.translation.ir import Field, Filter, Item, Order, Query
from knowledge.translation.reading.dating import measures
from knowledge.translation.reading.draft import Draft, Reader
from knowledge.translation.reading.sets import absent, both


def finish(r: Reader) -> Query | None:
    """The query of what was read, or None when nothing of it can be asked of the data."""
    draft = r.draft
    focus = _focus(draft)
    if not focus:
        return None
    _measure(r, focus)
    if r.desc is not None and r.superior and draft.limit and not draft.orders and not draft.select:
        _rank_by_value(r, focus)
    draft.select = [_owned(item, focus) for item in draft.select]
    if r.desc is not None and not draft.orders and not draft.limit:
        draft.orders = [Order(item, r.desc) for item in draft.select[:1]]
    draft.orders = [Order(_summed(r, _owned(order.item, focus), focus), order.desc) for order in draft.orders]
    _refuse_unlike_counts(r)
    _refuse_sums_of_keys(r)
    if draft.averaged:
        _averaged(r)
    _trend(r)
    if draft.limit and r.sold and not draft.orders:
        _rank_by_sales(r, focus)
    _show(r, focus)
    if draft.ranked:
        draft.select.extend(order.item for order in draft.orders if order.item.fn)
    query = Query(
        source=r.index.source,
        focus=focus,
        select=tuple(dict.fromkeys(draft.select)),
        filters=tuple(draft.filters),
        order=tuple(draft.orders),
        limit=draft.limit,
        distinct=draft.distinct,
        also=tuple(dict.fromkeys(t for t in draft.also if t != focus)),
    )
    query = absent(r, query)
    query = _grouped(r, query)
    query = _counted_by_condition(r, both(r, query))
    return ordered(_lean(r, query))


def _refuse_sums_of_keys(r: Reader) -> None:
    """A key tells rows apart; its sum or average is a number that means nothing."""
    for item in (*r.draft.select, *(order.item for order in r.draft.orders)):
        if item.fn in ("sum", "avg") and not item.field.row and r.index.is_key(item.field):
            r.unsupported = r.unsupported or f"something to add up, for “{item.field.column}” only tells rows apart"


MOST_SHOWN = 8
"""Columns of a row that has no name of its own."""
_FLOWS = {"revenue", "turnover", "profit", "sale", "quantity"}
"""Measures that are always added up when things are compared by them."""
_RATES = {"price", "rate", "percent", "percentage", "rating", "score", "age", "temperature", "ratio", "average", "year"}


def total(r: Reader, field: Field) -> Item:
    """A measure over many rows: the sum, or the average of what cannot be added up."""
    rate = bool(_RATES & set(r.index.words[(field.table, field.column)]))
    return Item(field, "avg" if rate else "sum")


def _measure(r: Reader, focus: str) -> None:
    """“revenue by month” adds up; “orders per channel” counts."""
    draft = r.draft
    if draft.compared:
        draft.groups.extend(f.item for f in draft.filters if f.op == "in")
        periods = [f for f in draft.filters if f.op == "within" and f.either and all(f.values)]
        draft.groups.extend(replace(f.item, grain=grain_of(f)) for f in periods[:1])
        draft.measured = True
    if _bare_flow(r):
        draft.measured = True
    counted = any(item.fn or item.minus for item in draft.select)
    if not draft.measured or (counted and not _FLOWS & {w for i in draft.select if not i.fn for w in _words(r, i)}):
        return
    measures = [i for i in draft.select if r.numeric(i.field) and not r.index.is_key(i.field) and not r.yearly(i.field)]
    draft.select = [total(r, item.field) if item in measures else item for item in draft.select]
    groups = {item.field.table for item in draft.groups if item.field.row}
    if not measures and not draft.orders and focus not in groups:
        draft.shown = [table for table in draft.shown if table != focus]
        draft.select.append(Item(Field(focus, "*"), "count"))


def _bare_flow(r: Reader) -> bool:
    """“revenue yesterday”: a measure by itself is wanted as one figure."""
    draft, plain = r.draft, [item for item in r.draft.select if not item.fn]
    bare = len(draft.select) == 1 and not (draft.shown or draft.groups or draft.limit or draft.orders or draft.distinct)
    return bare and len(plain) == 1 and bool({"revenue", "turnover", "profit", "sale"} & set(_words(r, plain[0])))


def grain_of(f: Filter) -> str:
    """The unit of time as long as a period."""
    first, last = (date.fromisoformat(str(value)[:10]) for value in f.values)
    units = (("year", 360), ("quarter", 85), ("month", 27), ("week", 7), ("day", 0))
    return next(unit for unit, days in units if (last - first).days >= days)


def _words(r: Reader, item: Item) -> tuple[str, ...]:
    return r.index.words.get((item.field.table, item.field.column), ())


def _rank_by_value(r: Reader, focus: str) -> None:
    """“top 5 customers” says not by what: by money, where the data holds any."""
    field = r.decide("measure", r.superior, measures(r, focus, r.lexicon.verbs["spend"]))
    if field:
        r.draft.orders.append(Order(Item(field), bool(r.desc)))
        r.draft.ranked = True


def _rank_by_sales(r: Reader, focus: str) -> None:
    """“the best-selling product”: by what was sold, where the data holds it."""
    field = r.decide("measure", r.sold, measures(r, focus, r.lexicon.verbs["sells"]))
    if field is None:
        r.unsupported = f"a measure for “{r.sold}”"
    else:
        r.draft.orders.append(Order(total(r, field), r.desc is not False))
        r.draft.ranked = True


def _refuse_unlike_counts(r: Reader) -> None:
    """Counting two tables in one joined query would count only what they share."""
    counted = {item.field.table for item in r.draft.select if item.fn == "count" and item.field.row}
    if len(counted) > 1 and not r.draft.groups:
        r.unsupported = "counts of different things side by side"


def _averaged(r: Reader) -> None:
    """“average number of orders per customer”: all orders by all customers that have any."""
    draft = r.draft
    counts = [item for item in draft.select if item.fn == "count" and item.field.row]
    if len(draft.groups) != 1 or len(counts) != 1 or draft.groups[0].grain:
        r.unsupported = "an average of counts"
        return
    by = draft.groups.pop().field
    key = Field(by.table, r.index.key(by.table)) if by.row else by
    draft.select[:] = [replace(counts[0], fn="ratio", grain=f"{key.table}.{key.column}")]
    draft.also.append(key.table)


def _trend(r: Reader) -> None:
    """A running total or a growth needs a unit of time to run along; growth is shown beside its measure."""
    draft = r.draft
    if not draft.trend:
        return
    measures = [item for item in draft.select if item.fn in ("sum", "count", "avg")]
    if not measures or not any(item.grain for item in draft.groups) or draft.limit:
        r.unsupported = "a unit of time and a measure, such as “revenue growth by month”"
        return
    made = [replace(item, fn=f"{draft.trend} {item.fn}") for item in measures]
    draft.select[:] = [*measures, *made] if draft.trend == "growth" else made


def _focus(draft: Draft) -> str:
    tables = [draft.focus, *draft.shown]
    tables += [item.field.table for item in (*draft.select, *draft.groups)]
    tables += [f.item.field.table for f in draft.filters] + [order.item.field.table for order in draft.orders]
    tables += draft.also
    return next((table for table in tables if table), "")


def _owned(item: Item, focus: str) -> Item:
    return item if item.field.table else replace(item, field=Field(focus, "*"))


def _summed(r: Reader, item: Item, focus: str) -> Item:
    """“top 5 customers by revenue”: rows of a table with many per thing shown are added up."""
    words = r.index.words.get((item.field.table, item.field.column), ())
    if item.fn or item.field.table == focus or not (r.draft.ranked or _FLOWS & set(words)):
        return item
    if not r.numeric(item.field) or r.index.is_key(item.field):
        return item
    path = r.index.graph.path([focus], item.field.table, frozenset()) or []
    here = focus
    for edge in path:
        if edge.one == here:
            return total(r, item.field)
        here = edge.other(here)
    return item


def _show(r: Reader, focus: str) -> None:
    """Tables asked for are shown by name; with nothing asked for, the focus is."""
    draft = r.draft
    asked = bool(draft.select)
    if draft.share:
        _share(r, focus)
        return
    groups = {item.field.table for item in draft.groups}
    for table in draft.shown:
        named = any(item.field.table == table and not item.fn for item in draft.select)
        counts = any(item.fn for item in draft.select)
        if not named and table not in groups and not (counts and table == focus and draft.groups):
            draft.select.extend(Item(field) for field in r.index.display(table))
    if not draft.select and r.asked == "when" and (date := _date(r, focus)):
        draft.select.append(Item(date))
    if draft.everything and not any(item.fn for item in draft.select):
        draft.select[:] = [Item(Field(focus, column.name)) for column in r.index.tables[focus].columns]
    if not draft.select:
        draft.select.extend(Item(field) for field in r.index.display(focus))
    listed = not (asked or draft.groups or draft.orders or draft.limit or draft.filters)
    if listed and draft.select == [Item(Field(focus, r.index.key(focus)))]:
        # Rows that have no name would be listed as bare keys, which tell a person nothing.
        draft.select[:] = [Item(Field(focus, column.name)) for column in r.index.tables[focus].columns[:MOST_SHOWN]]


def _share(r: Reader, focus: str) -> None:
    """“what percentage of orders were cancelled” tests rows; “share of orders by channel” compares groups."""
    draft = r.draft
    tested = [f for f in draft.filters if f.op not in ("within", "not within")]
    if tested and (draft.tested or not draft.groups):
        flows = [i.field for i in draft.select if r.numeric(i.field) and not r.index.is_key(i.field)]
        draft.select[:] = [Item(flows[0] if flows else Field(focus, "*"), "percent")]
        return
    measures = [item for item in draft.select if item.fn] or [
        total(r, i.field) if r.numeric(i.field) else Item(Field(focus, "*"), "count") for i in draft.select[:1]
    ]
    measures = measures or [Item(Field(focus, "*"), "count")]
    draft.select[:] = [i if i.fn.startswith("share") else replace(i, fn=f"share {i.fn}") for i in measures]


def _date(r: Reader, table: str) -> Field | None:
    fields = (Field(table, column.name) for column in r.index.tables[table].columns)
    return next((field for field in fields if r.temporal(field)), None)


def _grouped(r: Reader, query: Query) -> Query:
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
        entity = table in r.draft.shown or table == query.focus
        if entity and table not in counted and not any(k.field.table == table for k in keys):
            keys.extend(_key(r, table))
    return replace(query, select=select, group=tuple(dict.fromkeys((*keys, *plain))))


def _counted_by_condition(r: Reader, query: Query) -> Query:
    """“How many customers have more than 5 orders”: the condition on a count goes into a nested query."""
    tests = tuple(f for f in query.filters if f.item.fn)
    keys = _key(r, query.focus)
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
    if not r.draft.select and extra:
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


def _lean(r: Reader, query: Query) -> Query:
    """Without tables that a foreign key already stands for."""
    used = {field.table for field in query.fields()}
    ratios = {item.grain.rpartition(".")[0] for item in query.select if item.fn == "ratio"}
    also = []
    for table in query.also:
        parents = any(e.one == table for t in used for e in r.index.graph.edges.get(t, ()) if e.many == t)
        if table in used or table in ratios or not parents:
            also.append(table)
    return replace(query, also=tuple(also))


def usual_order(query: Query) -> tuple[Order, ...]:
    """The order of an answer for which none is asked: time ascending, then the measure, largest first."""
    measures = [item for item in query.select if item.fn]
    times = [Order(item) for item in query.select if not item.fn and (item.grain or _years(item))]
    largest = [Order(item, True) for item in measures[:1] if query.group and len(times) < len(query.group)]
    if query.second or (not query.group and not query.limit):
        return tuple(times) if not query.second and any(o.item.grain for o in times) else ()
    return (*times, *largest) if query.limit is None else (*(Order(item, True) for item in measures[:1]),)


def _years(item: Item) -> bool:
    return item.field.column.lower().endswith("year")


def ordered(query: Query) -> Query:
    """The query in its usual order, unless it has one."""
    return query if query.order else replace(query, order=usual_order(query))
