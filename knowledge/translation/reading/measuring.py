"""What is measured: sums, averages and counts by default, rankings, shares, trends, and what makes no sense to add."""

from dataclasses import replace
from datetime import date, timedelta

from knowledge.translation.ir import METRIC, Field, Filter, Item, Order
from knowledge.translation.reading.comparing import beside_earlier
from knowledge.translation.reading.dating import measures
from knowledge.translation.reading.draft import Reader
from knowledge.translation.times import unit_start

FLOWS = {"revenue", "turnover", "profit", "sale", "quantity"}
"""Measures that are always added up when things are compared by them."""
_RATES = {"price", "rate", "percent", "percentage", "rating", "score", "age", "temperature", "ratio", "average", "year"}


def total(r: Reader, field: Field) -> Item:
    """A measure over many rows: a metric, the sum, or the average of what cannot be added up."""
    if r.metric(field):
        return Item(field, METRIC)
    rate = bool(_RATES & set(r.index.words[(field.table, field.column)]))
    return Item(field, "avg" if rate else "sum")


def measured(r: Reader, focus: str) -> None:
    """“revenue by month” adds up; “orders per channel” counts."""
    draft = r.draft
    if draft.compared:
        draft.groups.extend(f.item for f in draft.filters if f.op == "in")
        periods = [f for f in draft.filters if f.op == "within" and f.either and all(f.values)]
        draft.groups.extend(replace(f.item, grain=holding(f)) for f in periods[:1])
        draft.measured = True
    if _bare_flow(r):
        draft.measured = True
    counted = any(item.fn or item.minus for item in draft.select)
    if not draft.measured or (counted and not FLOWS & {w for i in draft.select if not i.fn for w in _words(r, i)}):
        return
    measures = [i for i in draft.select if r.numeric(i.field) and not r.index.is_key(i.field) and not r.yearly(i.field)]
    draft.select = [total(r, i.field) if i in measures and not i.minus else i for i in draft.select]
    draft.select = [_of_all_units(r, item) for item in draft.select]
    groups = {item.field.table for item in draft.groups if item.field.row}
    if not measures and not draft.orders and focus not in groups:
        draft.shown = [table for table in draft.shown if table != focus]
        draft.select.append(Item(Field(focus, "*"), "count"))


def _of_all_units(r: Reader, item: Item) -> Item:
    """The cost beside a revenue is that of all units sold, and not of one of each."""
    words = _words(r, item)
    flows = {i.field.table for i in r.draft.select if FLOWS & set(_words(r, i)) and i.field.table != item.field.table}
    if item.fn not in ("sum", "avg") or "cost" not in words or len(flows) != 1:
        return item
    sold = next(iter(flows))
    once = any(edge.many == sold and edge.one == item.field.table for edge in r.index.graph.edges.get(sold, ()))
    units = [
        Field(sold, c.name)
        for c in r.index.tables[sold].columns
        if _words(r, Item(Field(sold, c.name))) == ("quantity",)
    ]
    return Item(units[0], "sum", minus=item.field, sign="*") if once and units else item


def peaked(r: Reader, focus: str) -> None:
    """“best month ever”: by what is measured; where nothing is, by what is sold."""
    draft = r.draft
    if not draft.peak or draft.orders:
        return
    measures_ = [item for item in draft.select if item.fn]
    field = None if measures_ else r.decide("measure", draft.peak, measures(r, focus, r.lexicon.verbs["sells"]))
    item = measures_[0] if measures_ else total(r, field) if field else Item(Field(focus, "*"), "count")
    draft.orders = [Order(item, draft.peak == "desc")]
    draft.limit = draft.limit or 1


def _bare_flow(r: Reader) -> bool:
    """“revenue yesterday”: a measure by itself is wanted as one figure."""
    draft, plain = r.draft, [item for item in r.draft.select if not item.fn]
    bare = len(draft.select) == 1 and not (draft.shown or draft.groups or draft.limit or draft.orders or draft.distinct)
    return bare and len(plain) == 1 and bool({"revenue", "turnover", "profit", "sale"} & set(_words(r, plain[0])))


def holding(f: Filter) -> str:
    """The shortest unit of time that a whole period lies in."""
    first, last = date.fromisoformat(str(f.values[0])[:10]), date.fromisoformat(str(f.values[1])[:10])
    units = ("day", "week", "month", "quarter", "year")
    last -= timedelta(days=1)
    return next((unit for unit in units if unit_start(first, unit) == unit_start(last, unit)), "year")


def grain_of(f: Filter) -> str:
    """The unit of time as long as a period."""
    first, last = (date.fromisoformat(str(value)[:10]) for value in f.values)
    units = (("year", 360), ("quarter", 85), ("month", 27), ("week", 7), ("day", 0))
    return next(unit for unit, days in units if (last - first).days >= days)


def _words(r: Reader, item: Item) -> tuple[str, ...]:
    return r.index.words.get((item.field.table, item.field.column), ())


def ranked_by_value(r: Reader, focus: str) -> None:
    """“top 5 customers” says not by what: by money, where the data holds any."""
    field = r.decide("measure", r.superior, measures(r, focus, r.lexicon.verbs["spend"]))
    if field:
        r.draft.orders.append(Order(Item(field), bool(r.desc)))
        r.draft.ranked = True


def ranked_by_sales(r: Reader, focus: str) -> None:
    """“the best-selling product”: by what was sold, where the data holds it."""
    field = r.decide("measure", r.sold, measures(r, focus, r.lexicon.verbs["sells"]))
    if field is None:
        r.unsupported = f"a measure for “{r.sold}”"
    else:
        r.draft.orders.append(Order(total(r, field), r.desc is not False))
        r.draft.ranked = True


def refuse_unlike_counts(r: Reader) -> None:
    """Counting two tables in one joined query would count only what they share."""
    counted = {item.field.table for item in r.draft.select if item.fn == "count" and item.field.row}
    if len(counted) > 1 and not r.draft.groups:
        r.unsupported = "counts of different things side by side"


def refuse_sums_of_keys(r: Reader) -> None:
    """A key tells rows apart; its sum or average is a number that means nothing."""
    for item in (*r.draft.select, *(order.item for order in r.draft.orders)):
        if item.fn in ("sum", "avg") and not item.field.row and r.index.is_key(item.field):
            r.unsupported = r.unsupported or f"something to add up, for “{item.field.column}” only tells rows apart"


def averaged(r: Reader) -> None:
    """“average number of orders per customer”: all orders by all customers that have any."""
    draft = r.draft
    counts = [item for item in draft.select if item.fn == "count" and item.field.row]
    if len(draft.groups) != 1 or len(counts) != 1 or draft.groups[0].grain:
        r.unsupported = "an average of counts"
        return
    by = draft.groups.pop().field
    key = Field(by.table, r.index.key(by.table)) if by.row else by
    draft.select[:] = [replace(counts[0], over=Item(key, "count", distinct=True))]


def along_time(r: Reader) -> None:
    """A running total or a growth needs a unit of time to run along; growth is shown beside its measure."""
    draft = r.draft
    if draft.shift and beside_earlier(draft):
        return
    if not draft.trend and not draft.shift:
        return
    measures = [item for item in draft.select if item.fn in ("sum", "count", "avg", METRIC)]
    if not measures or not any(item.grain for item in draft.groups) or draft.limit:
        r.unsupported = "a unit of time and a measure, such as “revenue growth by month”"
        return
    made = [replace(item, fn=f"{draft.trend} {item.fn}") for item in measures]
    draft.select[:] = [*measures, *made] if draft.trend == "growth" else made


def summed(r: Reader, item: Item, focus: str) -> Item:
    """“top 5 customers by revenue”: rows of a table with many per thing shown are added up."""
    words = r.index.words.get((item.field.table, item.field.column), ())
    if item.fn or item.field.table == focus or not (r.draft.ranked or FLOWS & set(words)):
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


def _by_clause(r: Reader, f: Filter) -> bool:
    """Whether a condition is what a percentage tests: “... of orders that were cancelled, by channel”."""
    named = next((at for at, chunk in enumerate(r.chunks) if chunk.table), len(r.chunks))
    at = next((at for at, chunk in enumerate(r.chunks) if chunk.text == f.phrase), 0)
    return any(chunk.has("who", "rel", "equals", "neg") for chunk in r.chunks[named + 1 : at])


def shared(r: Reader, focus: str) -> None:
    """“what percentage of orders were cancelled” tests rows; “share of orders by channel” compares groups."""
    draft = r.draft
    flags = [item for item in draft.select if r.flag(item.field)]
    draft.select = [item for item in draft.select if item not in flags]
    draft.filters += [Filter(item, "=", (True,), phrase=item.field.column) for item in flags]
    tested = [f for f in draft.filters if f.op not in ("within", "not within")]
    draft.tested = draft.tested or bool(flags) or any(_by_clause(r, f) for f in tested)
    if tested and (draft.tested or not draft.groups):
        flows = [i.field for i in draft.select if r.numeric(i.field) and not r.index.is_key(i.field)]
        draft.select[:] = [Item(flows[0] if flows else Field(focus, "*"), "percent")]
        return
    measures = [item for item in draft.select if item.fn] or [
        total(r, i.field) if r.numeric(i.field) else Item(Field(focus, "*"), "count") for i in draft.select[:1]
    ]
    measures = measures or [Item(Field(focus, "*"), "count")]
    draft.select[:] = [i if i.fn.startswith("share") else replace(i, fn=f"share {i.fn}") for i in measures]
