"""Metrics of the glossary in a draft: worked out as defined, dated by their own time, never put together from parts."""

from dataclasses import replace
from typing import TYPE_CHECKING

from knowledge.translation.ir import METRIC, Field, Filter, Item, Query

if TYPE_CHECKING:
    from knowledge.translation.reading.draft import Reader

_ROWS = ("avg", "median", "min", "max")


def worked_out(r: "Reader") -> None:
    """Each metric is its own aggregate, whatever words such as “total” stand beside it."""
    if not r.index.glossary.terms:
        return
    draft = r.draft
    draft.select = [_worked(r, item) for item in draft.select]
    draft.orders = [replace(order, item=_worked(r, order.item)) for order in draft.orders]
    draft.filters = [replace(f, item=_worked(r, f.item)) for f in draft.filters]


def _worked(r: "Reader", item: Item) -> Item:
    item = replace(item, over=_worked(r, item.over)) if item.over else item
    metric = r.metric(item.field)
    if metric is None:
        return item
    kind, _, fn = item.fn.rpartition(" ")
    if fn in ("", "sum", METRIC) or (fn == "avg" and metric.additivity == "non-additive"):
        return replace(item, fn=f"{kind} {METRIC}".strip(), minus=None, times=None)
    if fn in _ROWS or fn == "percent":
        return item
    r.unsupported = r.unsupported or f"another way to work out “{_name(r, item.field)}”, which is a metric"
    return item


def metric_time(r: "Reader") -> Field | None:
    """The column by which the metric of a question is dated, where the glossary says so."""
    if not r.index.glossary.terms:
        return None
    for chunk in r.chunks:
        for at in chunk.columns:
            if (metric := r.metric(at)) and (found := _time(r, at, metric.time)):
                return found
    return None


def _time(r: "Reader", at: Field, time: str) -> Field | None:
    """A column of the metric's table, or of one that is named before the dot."""
    table, _, column = time.rpartition(".")
    schema = r.index.tables[at.table].schema
    for label in (table or at.table, f"{schema}.{table}" if table else at.table):
        if label in r.index.tables and (held := r.index.tables[label].by_name.get(column.lower())):
            return Field(label, held.name)
    return None


def refuse_parts(r: "Reader", query: Query) -> None:
    """A figure that does not add up has no shares and no running total."""
    items = (*query.select, *(order.item for order in query.order))
    for item in items:
        metric = r.metric(item.field)
        kind = item.fn.partition(" ")[0]
        summed = kind in ("share", "percent") and metric and metric.additivity == "non-additive"
        running = kind == "running" and metric and metric.additivity != "additive"
        if summed or running:
            name = _name(r, item.field)
            r.unsupported = r.unsupported or f"a figure that adds up, and “{name}” is one that does not"


def latest_only(r: "Reader", query: Query) -> Query:
    """A balance or a stock counts as it stood last in each period: days do not add up."""
    measures = [item for item in (*query.select, *(o.item for o in query.order)) if item.fn]
    kept = {i.field for i in measures if (m := r.metric(i.field)) and m.additivity == "semi-additive"}
    if not kept:
        return query
    at = kept.pop()
    metric = r.metric(at)
    time = _time(r, at, metric.time) if metric else None
    if time is None or kept or any(item.field != at for item in measures):
        r.unsupported = r.unsupported or f"“{_name(r, at)}” by itself, for it does not add up over time"
        return query
    by_time = tuple(item for item in query.group if item.grain and item.field == time)
    own = tuple(f for f in query.filters if f.item.field.table == time.table and not f.item.fn and not f.query)
    inner = Query(query.source, time.table, (Item(time, "max"),), own, by_time)
    last = Filter(Item(time), "in" if by_time else "=", query=inner, phrase="latest")
    return replace(query, filters=(*query.filters, last))


def _name(r: "Reader", at: Field) -> str:
    term = r.index.term(at)
    return term.name if term else at.column
