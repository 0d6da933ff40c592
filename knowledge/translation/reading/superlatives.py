"""Rules for extremes: “the highest price”, “the cheapest product”, “the lowest rating of each”."""

from knowledge.translation.chunks import Chunk
from knowledge.translation.ir import Field, Item, Order
from knowledge.translation.reading.adjectives import adjective_column
from knowledge.translation.reading.dating import stored_count
from knowledge.translation.reading.draft import END, Reader

PASS = ("ignore", "prep", "of", "distinct", "equals", "their", "each")
"""Roles that may stand between an extreme and what it is of."""


def limit(r: Reader, number: int) -> None:
    """Set the limit unless the question gave one."""
    if r.draft.limit is None:
        r.draft.limit = r.quota or number
    r.draft.topmost = _described(r)


def _described(r: Reader) -> str:
    """The table whose rows a superlative tells apart: “the country with the most customers”."""
    for back in range(-1, -7, -1):
        before = r.see(back)
        if before.table and not before.has("light"):
            return before.table
        if not before.has("rel", "prep", "light", "who", "equals", "which"):
            break
    return ""


def superlative(r: Reader) -> bool:
    """“highest salary”, “with the lowest average price”, “most orders”."""
    here = r.see()
    direction = here.plays("super") or {"max": "desc", "min": "asc"}.get(here.plays("agg") or "")
    if direction is None or (here.columns and not r.see(1).linked):
        return False
    maximum = here.plays("agg") in ("max", "min")
    if r.clause == "select" and not here.columns and _listed_with_aggregates(r):
        r.fns.append("max" if direction == "desc" else "min")
        return r.step()
    width, fn = 1, ""
    while r.see(width).has(*PASS) or (r.see(width).plays("agg") in ("avg", "sum") and r.see(width + 1).linked):
        fn = r.see(width).plays("agg") or fn
        width += 1
        if r.see(width - 1).linked and not r.see(width).linked:
            width -= 1
            break
    what = r.see(width)
    desc = direction == "desc"
    if r.topic and not what.linked and (r.asked in ("which", "who") or (what is END and not here.plays("agg"))):
        return _of_what_was_shown(r, desc)
    if not what.linked and r.see(-1).has("equals") and _told_before(r, desc):
        return r.step()
    if (maximum and r.clause == "select") or asks_extreme(r, what, fn):
        return False if maximum else extreme(r, what, desc, width)
    return ranked_by(r, what, fn, desc, width)


def _of_what_was_shown(r: Reader, desc: bool) -> bool:
    """“Which has the highest?”: of the figure that the question before showed."""
    r.desc, r.superior = desc, r.see().text
    limit(r, 1)
    return r.step()


def _told_before(r: Reader, desc: bool) -> bool:
    """“... in which the average price is the lowest”: what is compared stands before."""
    item = r.pending[-1] if r.pending else None
    if item is None or not (item.fn or r.numeric(item.field) or r.temporal(item.field)):
        return False
    r.draft.select = [i for i in r.draft.select if i != item or i is r.draft.select[0]]
    limit(r, 1)
    r.draft.orders.append(Order(item, desc))
    r.pending = []
    return True


def _listed_with_aggregates(r: Reader) -> bool:
    """“the highest, lowest and average cost”."""
    if r.fns:
        return True
    width = 1
    while r.see(width).has("comma", "and"):
        width += 1
    return width > 1 and r.see(width).has("agg", "super")


def asks_extreme(r: Reader, what: Chunk, fn: str) -> bool:
    """“What is the highest salary?” wants the number, not a row."""
    if r.topic and r.asked in ("which", "who"):
        return False
    if fn or not what.columns or r.clause != "select" or (what.table and not r.numeric(what.columns[0])):
        return False
    named = [item for item in r.draft.select if not item.fn]
    return (
        not named
        and not r.draft.shown
        and (r.numeric(what.columns[0]) or r.temporal(what.columns[0]))
        and not r.draft.limit
    )


def extreme(r: Reader, what: Chunk, desc: bool, width: int) -> bool:
    r.draft.select.append(Item(what.columns[0], "max" if desc else "min"))
    return r.step(width + 1)


def ranked_by(r: Reader, what: Chunk, fn: str, desc: bool, width: int) -> bool:
    if what.columns and (not what.table or r.numeric(what.columns[0])):
        column = what.columns[0]
        text = (
            not r.numeric(column)
            and not r.temporal(column)
            and r.see().text.lower() in ("most", "the most", "least", "fewest")
        )
        item = Item(column, "count") if text else Item(column, fn)
    elif what.table:
        return _table_extreme(r, what.table, desc, width)
    else:
        return False
    limit(r, 1)
    r.draft.orders.append(Order(item, desc))
    r.pending = []
    if r.clause == "order":
        r.clause = "where"
    return r.step(width + 1)


def _table_extreme(r: Reader, table: str, desc: bool, width: int) -> bool:
    counts = r.see().text.lower() in (
        "most",
        "fewest",
        "least",
        "the most",
        "the fewest",
        "greatest",
        "maximum",
        "minimum",
    )
    if counts or (r.draft.focus and r.draft.focus != table):
        limit(r, 1)
        stored = stored_count(r, table)
        r.draft.orders.append(Order(Item(stored) if stored else Item(Field(table, "*"), "count"), desc))
        r.pending = []
        return r.step(width + 1)
    means = r.lexicon.adjectives.get(r.see().text.lower().removeprefix("the "), r.lexicon.adjectives["largest"])
    found = adjective_column(r.index, means, table)
    if not found:
        return False
    limit(r, 1)
    r.draft.orders.append(Order(Item(found[0]), desc))
    return r.step(1)
