"""Rules for one figure by another: “ratio of A to B”, “A to B ratio”, “revenue per customer by region”."""

from dataclasses import replace

from knowledge.translation.ir import Field, Item
from knowledge.translation.reading.draft import END, Reader
from knowledge.translation.reading.measuring import FLOWS, total

_PASS = ("ignore", "of", "their", "possessive", "distinct")
_WIDEST = 6


def figure(r: Reader, ahead: int) -> tuple[Item, int] | None:
    """The measure that stands so many places ahead, and the place behind it: “total price”, “number of orders”."""
    fn, counts = "", False
    for at in range(ahead, ahead + _WIDEST):
        chunk = r.see(at)
        if chunk is END:
            return None
        if chunk.linked:
            made = _measure(r, at, fn, counts=counts)
            return (made, at + 1) if made else None
        fn = chunk.plays("agg") or {"desc": "max", "asc": "min"}.get(chunk.plays("super") or "", "") or fn
        counts = counts or chunk.has("count")
        if not (chunk.has("agg", "super", "count") or chunk.has(*_PASS)):
            return None
    return None


def _measure(r: Reader, at: int, fn: str, *, counts: bool) -> Item | None:
    chunk = r.see(at)
    column = chunk.columns[0] if chunk.columns else None
    number = column is not None and r.numeric(column) and not r.index.is_key(column)
    if column and number and (fn or not chunk.table):
        return Item(column, fn)
    if chunk.table:
        return Item(Field(chunk.table, "*"), "count") if not fn or counts or fn == "sum" else None
    return Item(column, "count", distinct=True) if column and counts else None


def unread(r: Reader) -> bool:
    """A ratio whose parts no rule could read is not passed over."""
    if not r.see().has("ratio") or r.see().linked:
        return False
    r.unsupported = r.unsupported or "two figures to divide, such as “ratio of returns to orders”"
    return r.step()


def ratio(r: Reader) -> bool:
    """“the ratio of returns to orders”, “returns to orders ratio”, “revenue divided by quantity”."""
    width = 1 if r.see().has("ratio") and not r.see().linked else 0
    while width and (r.see(width).has("of", "prep", "ignore") or r.see(width).text.lower() == "between"):
        width += 1
    above = figure(r, width)
    joint = r.see(above[1]) if above else END
    if above is None or not (
        joint.has("divided") or joint.text.lower() in (*(("to", "and", "over") if width else ("to",)),)
    ):
        return False
    below = figure(r, above[1] + 1)
    if below is None or not (width or joint.has("divided") or r.see(below[1]).has("ratio")):
        return False
    end = below[1] + (0 if width or joint.has("divided") else 1)
    _place(r, above[0], below[0])
    return r.step(end)


def _place(r: Reader, above: Item, below: Item) -> None:
    rowwise = not above.fn and not below.fn and above.field.table == below.field.table
    rowwise = rowwise and not (r.metric(above.field) or r.metric(below.field))
    averaged = "avg" in r.fns
    if rowwise:
        item = replace(above, minus=below.field, sign="/", fn="avg" if averaged else "")
    else:
        parts = [part if part.fn else total(r, part.field) for part in (above, below)]
        item = replace(parts[0], over=parts[1])
    r.draft.select.append(item)
    r.draft.focus, r.fns = r.draft.focus or above.field.table, []
    r.pending = []


def each_of(r: Reader) -> bool:
    """“revenue per customer by region”, “average revenue per customer”: divided by those that have any."""
    above = figure(r, 0)
    if above is None or r.clause != "select" or not r.see(above[1]).has("per"):
        return False
    item, at = above
    what = r.see(at + 1)
    if not what.table or what.table == item.field.table or not r.many(what.table, item.field.table):
        return False
    metric = r.metric(item.field)
    flow = item.field.row or (metric is not None and metric.additivity == "additive")
    flow = flow or bool(FLOWS & set(r.index.words.get((item.field.table, item.field.column), ())))
    averaged = item.fn == "avg" or "avg" in r.fns
    if not flow or not (_grouped_further(r, at + 2) or (averaged and not item.field.row)):
        return False
    if averaged and item.field.row:
        return False
    counted = Item(Field(what.table, "*"), "count", distinct=True)
    made = replace(item, fn="count" if item.field.row else "sum", over=counted)
    r.draft.select.append(made)
    r.draft.focus, r.fns, r.pending = r.draft.focus or item.field.table, [], []
    return r.step(at + 2)


def _grouped_further(r: Reader, ahead: int) -> bool:
    """Whether a group follows, which makes the first one what a figure is worked out for."""
    while r.see(ahead).has("comma", "ignore"):
        ahead += 1
    chunk, what = r.see(ahead), r.see(ahead + 1)
    return chunk.has("by", "per", "each") and (what.linked or bool(r.lexicon.units.get(what.text.lower())))
