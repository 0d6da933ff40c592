"""Rules for conditions: comparisons, ranges, values, text patterns, periods, negation."""

from knowledge.translation.chunks import Chunk
from knowledge.translation.ir import Field, Item
from knowledge.translation.lexicon import Adjective
from knowledge.translation.reading.dating import (
    date_column,
    dated,
    in_period,
    is_year,
    iso,
    measures,
    period_compare,
    stored_count,
)
from knowledge.translation.reading.draft import END, THAT, Reader
from knowledge.translation.reading.measuring import FLOWS, total
from knowledge.translation.reading.nesting import FLIP, left_side, nested, operator, than_others, than_that
from knowledge.translation.times import year_period


def comparison(r: Reader) -> bool:
    """“more than 3 orders”, “price above 20”, “salary above the average”, “born after 1990”."""
    op, width, adjective = operator(r)
    if not op:
        return False
    if r.see().text.lower().startswith("or ") and op.endswith("=") and _ahead(r, width):
        r.joiner, op = "or", op[0]
    if than_others(r, op, width, adjective):
        return True
    return than_that(r, op, width, adjective) or _with_right(r, op, width, adjective)


def _with_right(r: Reader, op: str, width: int, adjective: Adjective | None) -> bool:
    """A comparison with the number, period, aggregate or column that stands behind it."""
    right = r.see(width)
    while right.has("prep", "of", "equals") and not right.value and right.number is None:
        width += 1
        right = r.see(width)
    ahead = _ahead(r, width + 1)
    if right.columns and not right.table and ahead and (not r.pending or r.yearly(right.columns[0])):
        r.pending = [Item(right.columns[0])]
        width += ahead
        right = r.see(width)
    if right.number is not None:
        return _number(r, op, width, adjective)
    if right.period:
        return period_compare(r, op, width)
    if right.plays("agg") is not None or (right.has("super") and r.see(width + 1).columns):
        return nested(r, op, width, adjective)
    if r.pending and (right.columns[:1] == (r.pending[-1].field,) or (right.value and r.numeric(r.pending[-1].field))):
        r.unsupported = r.unsupported or f"to know with which “{right.text}” to compare"
    if r.pending and (right.columns or right.value):
        other = right.columns[0] if right.columns else None
        r.add(r.pending[-1], op, *(() if other else (right.text,)), other=other, phrase=right.text)
        return r.step(width + 1)
    return r.step() if not adjective else False


def _ahead(r: Reader, width: int) -> int:
    """How far a figure or period stands behind, with no more than “of” or “the year” between; 0 for none."""
    steps = 0
    while r.see(width + steps).has("of", "prep", "equals") and r.see(width + steps).number is None and steps < 3:
        steps += 1
    here = r.see(width + steps)
    return steps + 1 if here.number is not None or here.period else 0


def _number(r: Reader, op: str, width: int, adjective: Adjective | None) -> bool:
    number = _whole(r.see(width).number)
    left = left_side(r, adjective)
    after = r.see(width + 1)
    if left and after.table and not left[0].fn and not r.numeric(left[0].field) and not r.temporal(left[0].field):
        left = None
    phrase = r.see(width).text
    left = _often(r, left, after, number)
    if left is None and after.text.lower() in ("time", "times"):
        after = END
        width += 1
    if left is None and is_year(number) and not after.linked and (field := date_column(r, after, "year")):
        left = Item(field), True
    if left is None:
        item = _natural(r, width, after) or _measured(r, after)
        if item is None:
            r.lost.append(r.see(width))
            return r.step(width + 1)
        r.add(item, op, number, phrase=phrase)
        return r.step(width + 1 if after is END or after.period or after.has("each", "per", "by") else width + 2)
    item, up = _added_up(r, left[0]), left[1]
    op = op if up else FLIP.get(op, op)
    if (
        r.temporal(item.field)
        and not r.yearly(item.field)
        and not item.fn
        and isinstance(number, int)
        and 1700 < number < 2101
    ):
        dated(r, item, op, year_period(number), phrase)
    else:
        r.add(item, op, number, phrase=phrase)
    return r.step(width + 1)


def _natural(r: Reader, width: int, after: Chunk) -> Item | None:
    """“how many people under 40 for each gender”: of a thing named right before, its age, or else its price."""
    table = r.see(-1).table
    if not table or width != 1 or not r.draft.select or not after.has("each", "per", "by"):
        return None
    for name in ("age", "price"):
        named = [f for f in measures(r, table, (name,)) if f.table == table]
        if len(named) == 1:
            return Item(named[0])
    return None


def _added_up(r: Reader, item: Item) -> Item:
    """“categories with a revenue of more than 10000”: that of all their rows together, not of any one."""
    field, about = item.field, r.about
    flow = FLOWS & set(r.index.words.get((field.table, field.column), ()))
    alone = not item.fn and not item.minus and not item.grain and about not in ("", field.table)
    return total(r, field) if flow and alone and r.numeric(field) and r.many(about, field.table) else item


def _often(r: Reader, left: tuple[Item, bool] | None, after: Chunk, number: float | None) -> tuple[Item, bool] | None:
    """“ordered more than 20 times” counts the deeds; a moment is more than no other number."""
    if left is None or left[0].fn or not r.temporal(left[0].field) or r.yearly(left[0].field) or left[0].minus:
        return left
    if after.text.lower() in ("time", "times"):
        return Item(Field(left[0].field.table, "*"), "count"), True
    if not is_year(number):
        r.unsupported = f"what {number:g} is a number of"
    return left


def _measured(r: Reader, after: Chunk) -> Item | None:
    """What “more than 3 ...” counts or compares."""
    column = after.columns[0] if after.columns else None
    if column and r.numeric(column) and not r.index.is_key(column) and not after.table:
        adds = column.table != r.about and r.about and r.many(r.about, column.table)
        return total(r, column) if adds and FLOWS & set(r.index.words[(column.table, column.column)]) else Item(column)
    if not after.linked and r.see(-1).text.lower() in r.lexicon.verbs and r.about:
        return _spoken(r, r.see(-1).text.lower())
    if after.table:
        stored = stored_count(r, after.table)
        return Item(stored) if stored else Item(Field(after.table, "*"), "count")
    if column:
        return Item(column, "count", True)
    select = [item for item in r.draft.select if r.numeric(item.field) and not r.index.is_key(item.field)]
    if after.has("money"):
        return _money(r, after)
    if after is END or after.has("and", "dot", "comma", "prep", "rel"):
        return _bare(r, select)
    return None


def _bare(r: Reader, select: list[Item]) -> Item | None:
    """What a number with nothing behind it is compared with."""
    if r.topic and not select:
        return THAT
    if len(select) == 1 and r.clause == "where" and not select[0].fn:
        return select[0]
    return Item(Field(r.draft.focus, "*"), "count") if r.draft.focus else None


def _money(r: Reader, after: Chunk) -> Item | None:
    if not r.about:
        return None
    # “products under 20 euros” is about their own price before the total of orders.
    found = sorted(measures(r, r.about, r.lexicon.verbs["spend"]), key=lambda field: field.table != r.about)
    field = r.decide("measure", after.text, found)
    return Item(field) if field else None


def _spoken(r: Reader, verb: str) -> Item | None:
    """“who spent more than 500”: the column that the verb speaks of, added up for each row in focus."""
    found = sorted(measures(r, r.about, r.lexicon.verbs[verb]), key=lambda field: field.table != r.about)
    field = r.decide("measure", verb, found)
    return Item(field, "sum" if field.table != r.about else "") if field else None


def between(r: Reader) -> bool:
    """“between 10 and 20”."""
    if not r.see().has("between"):
        return False
    low, joint, high = r.see(1), r.see(2), r.see(3)
    if low.number is None or high.number is None or not joint.has("and", "prep"):
        return False
    item = r.pending[-1] if r.pending else None
    if item is None and r.see(4).columns:
        item = Item(r.see(4).columns[0])
    if item is None and is_year(int(low.number)) and is_year(int(high.number)):
        field = date_column(r, low, "year")
        item = Item(field) if field else None
    if item is None:
        r.lost.append(low)
        return r.step(4)
    if r.temporal(item.field) and not r.yearly(item.field):
        first, last = year_period(int(low.number)), year_period(int(high.number))
        r.add(item, "within", iso(first.start), iso(last.end), phrase=f"{low.text}-{high.text}")
    else:
        r.add(item, "between", _whole(low.number), _whole(high.number), phrase=f"{low.text}-{high.text}")
    return r.step(4)


def bare_number(r: Reader) -> bool:
    """“classroom 109”, “in 2014”, “5 or more”."""
    here = r.see()
    if here.number is None or here.period:
        return False
    if here.has("light") and r.see(-1).has("common", "uncommon", "super", "adjective"):
        return r.step()
    number = _whole(here.number)
    if r.clause == "select" and r.see(1).linked and isinstance(number, int) and 1 < number < 1000 and not r.pending:
        r.quota = number
        return r.step()
    if is_year(number) and _amount(r):
        return in_period(r, year_period(number), here) and r.step()
    if number == 0 and _none_of(r):
        return r.step(2)
    return _compared(r, here, number)


def _none_of(r: Reader) -> bool:
    """“with 0 orders”."""
    table = r.see(1).table
    if not table or r.pending or r.about in ("", table):
        return False
    r.draft.absent = table
    return True


def _compared(r: Reader, here: Chunk, number: int | float | None) -> bool:
    """A number that something before or behind it is compared with."""
    trailing = r.see(1).plays("cmp")
    op = trailing if trailing and r.see(1).text.lower().startswith("or ") else "="
    width = 2 if op != "=" else 1
    if (item := _numbered(r, width)) is not None:
        if op == "=" and is_year(number) and r.temporal(item.field) and not r.yearly(item.field):
            dated(r, item, "=", year_period(number), here.text)
        else:
            r.add(item, op, number, phrase=here.text)
        return r.step(width)
    if isinstance(number, int) and 1700 < number < 2101 and len(here.text) == 4:
        return in_period(r, year_period(number), here) and r.step(width)
    if r.clause == "where" and (item_ := _measured(r, r.see(width))) and r.see(width).linked:
        r.add(item_, op, number, phrase=here.text)
        return r.step(width + 1)
    return _leave(r, here)


def _amount(r: Reader) -> bool:
    """Whether a figure right behind a measure, as in “revenue 2024”, is the year of it."""
    waits = r.pending[-1].field if r.pending else None
    words = r.index.words.get((waits.table, waits.column), ()) if waits else ()
    return bool({"revenue", "turnover", "profit", "sale"} & set(words)) and not r.see(-1).has("equals", "cmp")


def _leave(r: Reader, here: Chunk) -> bool:
    """A figure that belongs nowhere is missed; a number word such as “one” may be mere grammar."""
    if here.text.lower() not in r.lexicon.numbers:
        r.lost.append(here)
    return r.step()


def _numbered(r: Reader, width: int) -> Item | None:
    """What a bare number is compared with: the column beside it, or the key of the table beside it."""
    if r.see(width).linked and not r.pending:
        return None
    if item := r.left():
        return item
    before = r.see(-1).table
    key = r.index.key(before) if before else ""
    return Item(Field(before, key)) if key and r.see(-1).number is None and not r.see().text.startswith("0") else None


def _whole(number: float | None) -> int | float | None:
    return int(number) if number is not None and number == int(number) else number
