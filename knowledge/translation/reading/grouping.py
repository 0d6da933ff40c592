"""Rules for groups: “for each region”, “per month and product”, “orders by channel”."""

from knowledge.translation.chunks import Chunk
from knowledge.translation.ir import Field, Item
from knowledge.translation.reading.dating import date_column
from knowledge.translation.reading.draft import Reader
from knowledge.translation.reading.selecting import flagged

_PASS = ("ignore", "prep", "of", "distinct", "equals", "their")


def grouping(r: Reader) -> bool:
    """“for each region”, “per month and product”, “by city”."""
    here = r.see()
    if here.linked or not here.has("each", "by", "per"):
        return False
    if here.has("by") and r.clause == "order":
        return r.step()
    if here.has("by") and not _groups_by(r):
        r.clause = "where" if r.clause == "select" and (r.draft.select or r.draft.shown) else r.clause
        return r.step()
    width, found = 1, False
    while True:
        chunk = r.see(width)
        if (chunk.has(*_PASS, "each", "per") and not chunk.linked) or _some_of(r, chunk, width):
            width += 1
            continue
        item = _group(r, chunk)
        if item is None:
            break
        found = True
        r.draft.groups.append(item)
        width += 1
        owned = r.see(width).text.lower().endswith((" its", " their"))
        if owned or not (r.see(width).has("and", "comma") and _group_follows(r, width + 1)):
            break
        width += 1
    r.draft.measured = r.draft.measured or (found and here.has("per", "by"))
    r.pending = []
    return r.step(width)


def _some_of(r: Reader, chunk: Chunk, width: int) -> bool:
    """“orders by insiders”: a term for some rows of the table that groups."""
    return bool(chunk.columns) and r.index.term(chunk.columns[0]) is not None and flagged(r, width)


def rhythm(r: Reader) -> bool:
    """“monthly revenue”."""
    here = r.see()
    item = _group(r, here) if _unit(r, here) and here.text.lower().endswith(("ly", "annual")) else None
    if item is None:
        return False
    r.draft.groups.append(item)
    r.draft.measured = True
    return r.step()


def _groups_by(r: Reader) -> bool:
    """“by” groups when a measure stands before it and a name (or unit of time) follows."""
    following = r.see(1)
    if not (following.linked or _unit(r, following)) or (following.value and not following.linked):
        return False
    if r.see(2).value or r.see(2).has("cmp", "equals") or _by_whom(r):
        return False
    if r.topic and not r.draft.select:
        return True
    measured = any(item.fn or r.numeric(item.field) for item in r.draft.select)
    return bool(measured or r.draft.share or r.fns or _unit(r, following) or _bare_topic(r))


def _by_whom(r: Reader) -> bool:
    """“opened by customers in Germany”: who did it, and which of them."""
    before, who = r.see(-1), r.see(1)
    deed = before.text.lower().endswith("ed") and not before.table
    return bool(deed and who.table and r.see(2).has("prep") and r.see(3).value)


def _bare_topic(r: Reader) -> bool:
    """“orders by channel”: only a table stands before, so its rows are counted."""
    return bool(r.draft.shown) and not r.draft.select and not r.see(1).value


def _group_follows(r: Reader, ahead: int) -> bool:
    chunk = r.see(ahead)
    after = r.see(ahead + 1)
    return bool(
        ((chunk.linked and not chunk.has("agg", "count")) or _unit(r, chunk)) and not after.has("cmp", "equals")
    )


def _unit(r: Reader, chunk: Chunk) -> str:
    return r.lexicon.units.get(chunk.text.lower(), "")


def _group(r: Reader, chunk: Chunk) -> Item | None:
    unit = _unit(r, chunk)
    if unit and not (chunk.columns and chunk.targets[0].score > 0.9):
        field = date_column(r, chunk, unit)
        if field and r.yearly(field):
            return Item(field)
        return Item(field, grain=unit) if field else None
    if chunk.table and not (chunk.columns and _fits(r, chunk)):
        return Item(Field(chunk.table, "*"))
    if chunk.columns:
        shown = {i.field for i in r.draft.select if not i.fn}
        again = [Field(t.table, t.column) for t in chunk.targets if Field(t.table, t.column) in shown]
        return Item((again or chunk.columns)[0])
    return None


def _fits(r: Reader, chunk: Chunk) -> bool:
    """A column of the table in focus is nearer than a table of the same name."""
    column = chunk.columns[0]
    return column.table == r.draft.focus and not r.index.refers(column) and chunk.table != column.table
