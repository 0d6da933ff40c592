"""From a draft to a query: what is shown by default, what is grouped, what is nested."""

from dataclasses import replace

from knowledge.translation.ir import Field, Item, Order, Query
from knowledge.translation.reading.asking import moment, whereabouts
from knowledge.translation.reading.comparing import complete, paced
from knowledge.translation.reading.draft import Draft, Reader
from knowledge.translation.reading.gathering import counted_by_condition, grouped
from knowledge.translation.reading.measuring import (
    along_time,
    averaged,
    measured,
    peaked,
    ranked_by_sales,
    ranked_by_value,
    refuse_sums_of_keys,
    refuse_unlike_counts,
    shared,
    summed,
)
from knowledge.translation.reading.metrics import latest_only, refuse_parts, worked_out
from knowledge.translation.reading.resting import ordered
from knowledge.translation.reading.sets import absent, combined, united
from knowledge.translation.reading.singling import singled


def finish(r: Reader) -> Query | None:
    """The query of what was read, or None when nothing of it can be asked of the data."""
    draft = r.draft
    focus = _focus(draft)
    if not focus:
        return None
    worked_out(r)
    paced(r, draft)
    complete(draft, {c.text: c.period.whole for c in r.chunks if c.period and c.period.whole})
    measured(r, focus)
    peaked(r, focus)
    if r.desc is not None and r.superior and draft.limit and not draft.orders and not draft.select:
        ranked_by_value(r, focus)
    draft.select = [_owned(item, focus) for item in draft.select]
    if r.desc is not None and not draft.orders and not draft.limit:
        draft.orders = [Order(item, r.desc) for item in draft.select[:1]]
    draft.orders = [Order(summed(r, _owned(order.item, focus), focus), order.desc) for order in draft.orders]
    refuse_unlike_counts(r)
    refuse_sums_of_keys(r)
    if draft.averaged:
        averaged(r)
    along_time(r)
    if draft.limit and r.sold and not draft.orders:
        ranked_by_sales(r, focus)
    _show(r, focus)
    if r.asked == "who" and draft.select and all(r.temporal(item.field) and not item.fn for item in draft.select):
        r.unsupported = r.unsupported or "to know who is meant, such as “which customers”"
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
    query = singled(r, united(r, absent(r, query)))
    query = grouped(r, query)
    query = counted_by_condition(r, combined(r, query))
    query = ordered(_lean(r, query))
    _refuse_unranked(r, query)
    refuse_parts(r, query)
    return latest_only(r, query)


MOST_SHOWN = 8
"""Columns of a row that has no name of its own."""


def _focus(draft: Draft) -> str:
    tables = [draft.focus, *draft.shown]
    tables += [item.field.table for item in (*draft.select, *draft.groups)]
    tables += [f.item.field.table for f in draft.filters] + [order.item.field.table for order in draft.orders]
    tables += draft.also
    return next((table for table in tables if table), "")


def _refuse_unranked(r: Reader, query: Query) -> None:
    """Any rows would do as the first ones of rows in no order."""
    if query.limit and not query.order and r.superior:
        r.unsupported = r.unsupported or f"to know by what “{r.superior.lower()}” is told"


def _owned(item: Item, focus: str) -> Item:
    return item if item.field.table else replace(item, field=Field(focus, "*"))


def _show(r: Reader, focus: str) -> None:
    """Tables asked for are shown by name; with nothing asked for, the focus is."""
    draft = r.draft
    asked = bool(draft.select)
    if draft.share:
        shared(r, focus)
        return
    _show_tables(r, focus)
    asks = {"when": moment, "whereabouts": whereabouts}.get(r.asked)
    if not draft.select and asks and (found := asks(r, focus)):
        draft.select.append(Item(found))
    if draft.everything and not any(item.fn for item in draft.select):
        draft.select[:] = [Item(Field(focus, column.name)) for column in r.index.tables[focus].columns]
    peaks = any(item.grain for item in draft.groups) and any(order.item.fn for order in draft.orders)
    if not draft.select and not peaks:
        draft.select.extend(Item(field) for field in r.index.display(focus))
    listed = not (asked or draft.groups or draft.orders or draft.limit or draft.filters)
    if listed and draft.select == [Item(Field(focus, r.index.key(focus)))]:
        # Rows that have no name would be listed as bare keys, which tell a person nothing.
        draft.select[:] = [Item(Field(focus, column.name)) for column in r.index.tables[focus].columns[:MOST_SHOWN]]


def _show_tables(r: Reader, focus: str) -> None:
    """Each table asked for by its name, unless a column of it is asked for."""
    draft = r.draft
    groups = {item.field.table for item in draft.groups}
    for table in draft.shown:
        named = any(item.field.table == table and not item.fn for item in draft.select)
        counts = any(item.fn for item in draft.select)
        nameless = bool(draft.select) and _nameless(r, table)
        if not named and not nameless and table not in groups and not (counts and table == focus and draft.groups):
            draft.select.extend(Item(field) for field in r.index.display(table))
        elif nameless and not named:
            draft.also.append(table)


def _nameless(r: Reader, table: str) -> bool:
    """Whether only a key tells the rows of a table apart, which nobody asks for without saying so."""
    shown = r.index.display(table)[0]
    words = r.index.words[(table, shown.column)]
    column = r.index.column(shown)
    return r.index.is_key(shown) and (words[-1] in ("id", "code", "number") or bool(column and column.type.numeric))


def _lean(r: Reader, query: Query) -> Query:
    """Without tables that a foreign key already stands for."""
    used = {field.table for field in query.fields()}
    also = []
    for table in query.also:
        parents = any(e.one == table for t in used for e in r.index.graph.edges.get(t, ()) if e.many == t)
        if table in used or not parents:
            also.append(table)
    return replace(query, also=tuple(also))
