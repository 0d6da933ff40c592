"""What a fragment such as “only Germany”, “by month” or “sort by that” changes in the question before."""

from collections.abc import Sequence
from dataclasses import replace

from knowledge.translation.followups.pointing import Pointing
from knowledge.translation.followups.referring import Referent, narrowed
from knowledge.translation.ir import Field, Filter, Item, Order, Query
from knowledge.translation.reading.draft import THAT, Reader
from knowledge.translation.reading.measuring import grain_of, total
from knowledge.translation.reading.resting import ordered, usual_order
from knowledge.translation.reading.sets import absence


def changed(
    before: Query, reader: Reader, point: Pointing, at: Referent, instead: Sequence[Field] = ()
) -> Query | None:
    """The question before with the changes that were read; None when nothing changed."""
    usual = before.limit is None and before.order == usual_order(before)
    before = replace(before, within=(), arranged=())
    _resolve(before, reader)
    start = _start(replace(before, order=()) if usual else before, reader, point, at)
    query = _narrowed(start, reader)
    if point.compares:
        query = _compared(before, query)
    query = _shown(query, reader, point, at, instead)
    query = _regrouped(query, reader, point)
    query = _sorted(query, reader, point)
    query = _by_entity(query, reader)
    if reader.draft.share:
        query = _shared(query)
    query = ordered(query)
    sorts = reader.draft.orders or reader.desc is not None or any(chunk.has("order") for chunk in reader.chunks)
    return query if query != before or sorts else None


def _start(query: Query, reader: Reader, point: Pointing, at: Referent) -> Query:
    """The query that is changed: about its rows where some are asked for, a list where a figure was shown."""
    asks = point.partly or reader.asked in ("who", "which") or (reader.draft.orders and reader.draft.limit)
    if query.aggregated and not query.group and asks:
        shown = tuple(Item(field) for field in reader.index.display(at.table))
        query = replace(query, focus=at.table, select=shown, order=())
    query = _named(query, reader, at)
    some = reader.draft.filters or reader.draft.orders or reader.draft.limit or reader.desc is not None
    if point.partly and query.limit and query.limit > 1 and some:
        return narrowed(query, at, reader) or query
    return query


def _named(query: Query, reader: Reader, at: Referent) -> Query:
    """Who or which of them is asked, where only something of them was shown: their names are shown with it."""
    picks = reader.draft.orders and reader.draft.limit and not reader.draft.select
    names = [Item(field) for field in reader.index.display(at.table)]
    if query.aggregated or not picks or at.column or any(name in query.select for name in names):
        return query
    return replace(query, select=tuple(names if reader.asked == "who" else [*names, *query.select]))


def _resolve(before: Query, reader: Reader) -> None:
    """Put what was shown before in the place of “that”."""
    that = _measure_of(before, reader)
    draft = reader.draft
    for at, f in enumerate(draft.filters):
        if f.query is not None and not f.query.select:
            draft.filters[at] = replace(f, query=replace(before, order=(), arranged=()))
        elif f.item == THAT and that:
            draft.filters[at] = replace(f, item=that)
    draft.orders = [Order(that, o.desc) if o.item == THAT and that else o for o in draft.orders]
    if reader.fns and that and not (draft.select and all(not i.fn for i in draft.select)):
        draft.select = [replace(that, fn=fn) for fn in reader.fns if not that.field.row]
        reader.fns, reader.unsupported = [], ""


def _measure_of(query: Query, reader: Reader) -> Item | None:
    """The figure that was shown: the measure, else the number shown last, else what rows were sorted by."""
    measures, dims = _parts(query)
    numbers = [i for i in dims if reader.numeric(i.field) and not reader.index.is_key(i.field)]
    ranks = [order.item for order in query.order]
    return next(iter([*measures[-1:], *numbers[-1:], *ranks]), None)


def _compared(before: Query, query: Query) -> Query:
    """“compared to last year”: the period before and the new one side by side."""
    old = next((f for f in before.filters if f.op == "within" and all(f.values)), None)
    new = next((f for f in query.filters if f.op == "within" and all(f.values)), None)
    if not old or not new or old.values == new.values or not query.aggregated:
        return query
    time = Item(new.item.field, grain=grain_of(new))
    filters = [f for f in query.filters if f is not new]
    filters += [replace(f, either=90) for f in (old, new)]
    dims = [item for item in query.select if not item.fn and not item.grain]
    measures = [item for item in query.select if item.fn]
    group = tuple(dict.fromkeys([time, *(g for g in query.group if not g.grain)]))
    return replace(query, select=(time, *dims, *measures), group=group, filters=tuple(filters), order=(), limit=None)


def _by_entity(query: Query, reader: Reader) -> Query:
    """A condition or order by an aggregate, over plain rows, is per row of the table in focus."""
    measured = any(o.item.fn for o in query.order) or any(f.item.fn for f in query.filters)
    if not measured or query.group or query.aggregated:
        return query
    key = reader.index.key(query.focus)
    keys = [Item(Field(query.focus, key))] if key else []
    return replace(query, group=tuple(dict.fromkeys([*keys, *query.select])))


def _narrowed(query: Query, reader: Reader) -> Query:
    """New conditions take the place of those on the same column, or on the same kind of date."""
    filters = list(query.filters)
    for made in reader.draft.filters:
        same = [f for f in filters if _replaces(made, f, reader)]
        made = _same_date(made, same)
        filters = [f for f in filters if f not in same]
        filters.append(made)
    table = reader.draft.absent
    if table and table != query.focus and table in reader.index.tables:
        lacking = absence(reader, query, table, tuple(reader.draft.within))
        filters += [lacking] if lacking else []
    return replace(query, filters=tuple(filters))


def _replaces(new: Filter, old: Filter, reader: Reader) -> bool:
    if old.query is not None or old.item.fn != new.item.fn:
        return False
    dates = reader.temporal(new.item.field) and reader.temporal(old.item.field)
    return old.item.field == new.item.field or (dates and old.op in ("within", ">=", "<") and new.op == "within")


def _same_date(made: Filter, same: list[Filter]) -> Filter:
    """A new period is about the date that the question before was about."""
    return replace(made, item=same[0].item) if same and made.op == "within" else made


def _shown(query: Query, reader: Reader, point: Pointing, at: Referent, instead: Sequence[Field]) -> Query:
    """New things to show: added after “also”, in place of those named after “instead of”, else of what was shown."""
    new = _asked(query, reader)
    if instead:
        return replace(query, select=_replaced(query.select, new, instead))
    if not new:
        return query
    measures, dims = _parts(query)
    if all(item.fn for item in new):
        return _measured(query, new, reader, point, at)
    if measures and query.group and not point.only:
        return _with(query, [*(dims if point.more else []), *(i for i in new if not i.fn)], measures, ())
    if measures and point.more:
        return _with(query, [i for i in new if not i.fn], measures, ())
    select = [*dims, *new] if point.more else new
    return replace(query, select=tuple(dict.fromkeys(select)), distinct=reader.draft.distinct)


def _asked(query: Query, reader: Reader) -> list[Item]:
    """What a text names to be shown."""
    draft = reader.draft
    new = [replace(i, field=Field(query.focus, "*")) if not i.field.table else i for i in draft.select]
    known = {i.field for i in query.select}
    for table in draft.shown:
        if table != query.focus and not any(field in known for field in reader.index.display(table)):
            new += [Item(field) for field in reader.index.display(table)]
    return new


def _replaced(select: Sequence[Item], new: Sequence[Item], gone: Sequence[Field]) -> tuple[Item, ...]:
    at = next(place for place, item in enumerate(select) if item.field in gone)
    kept = [item for item in select if item.field not in gone]
    return tuple(dict.fromkeys([*kept[:at], *new, *kept[at:]]))


def _measured(query: Query, new: list[Item], reader: Reader, point: Pointing, at: Referent) -> Query:
    """New measures of the same groups, or of each row that was listed."""
    measures, dims = _parts(query)
    if query.limit and query.limit > 1 and not (measures or point.more or point.each):
        query = narrowed(query, at, reader) or query
    if measures or not (point.more or point.each):
        return _with(query, dims if measures else [], [*(measures if point.more else []), *new], ())
    key = reader.index.key(at.table)
    keys = [Item(Field(at.table, key))] if key else []
    return _with(query, dims, new, keys)


def _parts(query: Query) -> tuple[list[Item], list[Item]]:
    """Measures and dimensions of a query."""
    return [i for i in query.select if i.fn], [i for i in query.select if not i.fn]


def _with(query: Query, dims: Sequence[Item], measures: Sequence[Item], keys: Sequence[Item]) -> Query:
    """The query with other dimensions and measures, its order kept where it still makes sense."""
    kept = [k for k in query.group if any(k.field.table == d.field.table for d in dims) and k not in query.select]
    group = tuple(dict.fromkeys([*keys, *kept, *dims])) if measures else ()
    select = tuple(dict.fromkeys([*dims, *measures]))
    order = tuple(o for o in query.order if o.item in select and not o.item.grain)
    return replace(query, select=select, group=group, order=order, limit=query.limit if order else None)


def _regrouped(query: Query, reader: Reader, point: Pointing) -> Query:
    """“by month” groups by month instead; “also by month” as well."""
    groups = reader.draft.groups
    if not groups:
        return query
    measures, dims = _parts(query)
    shown: list[Item] = []
    keys: list[Item] = []
    for item in groups:
        if item.field.row:
            shown += [Item(field) for field in reader.index.display(item.field.table)]
            key = reader.index.key(item.field.table)
            keys += [Item(Field(item.field.table, key))] if key else []
        else:
            shown.append(_on_same_date(item, query, reader))
    if not measures:
        numeric = [i for i in dims if reader.numeric(i.field) and not reader.index.is_key(i.field)]
        measures = [total(reader, i.field) for i in numeric] or [Item(Field(query.focus, "*"), "count")]
        dims = []
    made = _with(query, [*(dims if point.more or point.joins else []), *shown], measures, keys)
    return replace(made, order=(), limit=None)


def _on_same_date(item: Item, query: Query, reader: Reader) -> Item:
    """A unit of time cuts the date that the question is already filtered by."""
    dated = [f.item.field for f in query.filters if reader.temporal(f.item.field)]
    return replace(item, field=dated[0]) if item.grain and dated else item


def _sorted(query: Query, reader: Reader, point: Pointing) -> Query:
    draft = reader.draft
    orders = [
        Order(replace(o.item, field=Field(query.focus, "*")) if not o.item.field.table else o.item, o.desc)
        for o in draft.orders
    ]
    measures, dims = _parts(query)
    if measures and orders:
        orders = [Order(next((m for m in measures if m.field == o.item.field), o.item), o.desc) for o in orders]
        orders = [o for o in orders if o.item.fn or o.item in dims]
    asked = any(chunk.has("order", "asc", "desc", "alphabetical") for chunk in reader.chunks)
    if not orders and (asked or draft.limit):
        wanted = _sorted_by(query, reader, point)
        orders = [Order(wanted, reader.desc if reader.desc is not None else bool(measures))]
        if query.order and draft.limit and not asked:
            turned = [Order(o.item, bool(reader.desc)) for o in query.order[:1]] if query.limit else orders
            orders = turned if reader.superior else list(query.order)
    if not orders:
        return query
    if asked and query.limit and draft.limit is None and all(o.item in query.select for o in orders):
        return replace(query, arranged=tuple(orders))
    return replace(query, order=tuple(orders), limit=draft.limit if draft.limit is not None else query.limit)


def _sorted_by(query: Query, reader: Reader, point: Pointing) -> Item:
    """What rows are sorted by when nothing is named: the measure, “that” as the column shown last, else the first."""
    measures, dims = _parts(query)
    if dims and any(chunk.has("alphabetical") for chunk in reader.chunks):
        return dims[0]
    if measures:
        return measures[-1]
    if reader.superior and (number := _measure_of(query, reader)):
        return number
    if reader.superior:
        reader.unsupported = f"a figure that is meant by “{reader.superior.lower()}”"
    return query.select[-1 if point.that else 0]


def _shared(query: Query) -> Query:
    """Each measure as a share of the whole, in percent."""
    select = tuple(replace(i, fn=f"share {i.fn}") if i.fn and not i.fn.startswith("share") else i for i in query.select)
    swapped = {a: b for a, b in zip(query.select, select, strict=True)}
    return replace(query, select=select, order=tuple(replace(o, item=swapped.get(o.item, o.item)) for o in query.order))
