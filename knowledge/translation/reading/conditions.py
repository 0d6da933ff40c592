"""Rules for conditions: comparisons, ranges, values, text patterns, periods, negation."""

from knowledge.translation.chunks import Chunk
from knowledge.translation.index import Hit
from knowledge.translation.ir import Field, Filter, Item, Query
from knowledge.translation.lexicon import Adjective
from knowledge.translation.reading.adjectives import adjective_column
from knowledge.translation.reading.dating import (
    date_column,
    dated,
    in_period,
    is_year,
    iso,
    measures,
    owners,
    period_compare,
    stored_count,
)
from knowledge.translation.reading.draft import END, Reader
from knowledge.translation.times import year_period

_FLIP = {">": "<", "<": ">", ">=": "<=", "<=": ">="}


def comparison(r: Reader) -> bool:
    """“more than 3 orders”, “price above 20”, “salary above the average”, “born after 1990”."""
    op, width, adjective = _operator(r)
    if not op:
        return False
    if _than_all(r, op, width, adjective):
        return True
    return _with_right(r, op, width, adjective)


def _with_right(r: Reader, op: str, width: int, adjective: Adjective | None) -> bool:
    """A comparison with the number, period, aggregate or column that stands behind it."""
    right = r.see(width)
    while right.has("prep", "of", "equals") and not right.value and right.number is None:
        width += 1
        right = r.see(width)
    if right.columns and not right.table and not r.pending and r.see(width + 1).number is not None:
        r.pending = [Item(right.columns[0])]
        width += 1
        right = r.see(width)
    if right.number is not None:
        return _number(r, op, width, adjective)
    if right.period:
        return period_compare(r, op, width)
    if right.plays("agg") is not None:
        return _nested(r, op, width, adjective)
    if r.pending and (right.columns or right.value):
        other = right.columns[0] if right.columns else None
        r.add(r.pending[-1], op, *(() if other else (right.text,)), other=other, phrase=right.text)
        return r.step(width + 1)
    return r.step() if not adjective else False


def _operator(r: Reader) -> tuple[str, int, Adjective | None]:
    here, following = r.see(), r.see(1)
    adjective = here.plays("adjective")
    if adjective is not None and following.text.lower() == "than":
        return ">", 2, r.lexicon.adjectives[adjective]
    op = here.plays("cmp")
    return (op or "", 1, None)


def _left(r: Reader, adjective: Adjective | None) -> tuple[Item, bool] | None:
    if adjective and r.pending and r.numeric(r.pending[-1].field):
        return r.pending[-1], bool(adjective.up)
    if adjective:
        for table in owners(r):
            if found := adjective_column(r.index, adjective, table):
                return Item(found[0]), found[1]
    if (item := r.left()) and (r.pending or not r.see(2).linked):
        return item, True
    return None


def _number(r: Reader, op: str, width: int, adjective: Adjective | None) -> bool:
    number = _whole(r.see(width).number)
    left = _left(r, adjective)
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
        item = _measured(r, after)
        if item is None:
            r.lost.append(r.see(width))
            return r.step(width + 1)
        r.add(item, op, number, phrase=phrase)
        return r.step(width + 2) if after is not END else r.step(width + 1)
    item, up = left
    op = op if up else _FLIP.get(op, op)
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
        return Item(column)
    if not after.linked and r.see(-1).text.lower() in r.lexicon.verbs and r.about:
        return _spoken(r, r.see(-1).text.lower())
    if after.table:
        stored = stored_count(r, after.table)
        return Item(stored) if stored else Item(Field(after.table, "*"), "count")
    if column:
        return Item(column, "count", True)
    select = [item for item in r.draft.select if r.numeric(item.field)]
    if after.has("money"):
        return _money(r, after)
    if after is END or after.has("and", "dot", "comma", "prep", "rel"):
        if len(select) == 1 and r.clause == "where" and not select[0].fn:
            return select[0]
        return Item(Field(r.draft.focus, "*"), "count") if r.draft.focus else None
    return None


def _money(r: Reader, after: Chunk) -> Item | None:
    field = r.decide("measure", after.text, measures(r, r.about, r.lexicon.verbs["spend"])) if r.about else None
    return Item(field) if field else None


def _spoken(r: Reader, verb: str) -> Item | None:
    """“who spent more than 500”: the column that the verb speaks of, added up for each row in focus."""
    found = sorted(measures(r, r.about, r.lexicon.verbs[verb]), key=lambda field: field.table != r.about)
    field = r.decide("measure", verb, found)
    return Item(field, "sum" if field.table != r.about else "") if field else None


def _nested(r: Reader, op: str, width: int, adjective: Adjective | None) -> bool:
    """“above the average (price)”: a comparison with one number computed over the same table."""
    fn = r.see(width).plays("agg") or "avg"
    given = r.see(width + 1)
    width += 1
    while given.has("of", "prep") and not given.columns:
        width += 1
        given = r.see(width)
    left = _left(r, adjective)
    field = (
        given.columns[0]
        if given.columns
        and (left is None or given.columns[0].column == left[0].field.column or r.numeric(given.columns[0]))
        else None
    )
    if field is None and left is None:
        return r.step(width)
    r.inner, r.joiner = None, ""
    item = left[0] if left else Item(field) if field else None
    if item is None:
        return r.step(width)
    inner = field or item.field
    op = op if not left or left[1] else _FLIP.get(op, op)
    query = Query(r.index.source, inner.table, (Item(inner, fn),))
    r.draft.filters.append(Filter(item, op, query=query, phrase=r.see().text))
    r.pending = []
    r.clause = "where"
    width += 1 if field else 0
    if r.see(width).has("of", "prep", "rel"):
        r.inner = len(r.draft.filters) - 1
    return r.step(width)


def _than_all(r: Reader, op: str, width: int, adjective: Adjective | None) -> bool:
    """“more expensive than every product in Toys”: more than the most of them."""
    while r.see(width).has("each", "ignore") and not r.see(width).linked:
        width += 1
    table = r.see(width).table
    if not table or table not in (r.about, *r.draft.shown) or not (left := _left(r, adjective)) or left[0].fn:
        return False
    item, up = left
    op = op if up else _FLIP.get(op, op)
    if item.field.table != table or not (r.numeric(item.field) or r.temporal(item.field)):
        return False
    query = Query(r.index.source, table, (Item(item.field, "max" if op.startswith(">") else "min"),))
    r.draft.select = [i for i in r.draft.select if i != item]
    r.draft.filters.append(Filter(item, op, query=query, phrase=r.see(width).text))
    r.pending, r.clause, r.joiner, r.inner = [], "where", "", len(r.draft.filters) - 1
    return r.step(width + 1)


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


def value(r: Reader) -> bool:
    """A value of the data, quoted or not, with or without its column beside it."""
    here = r.see()
    if here.unknown and r.pending and _spelled(r, here):
        return _unseen(r)
    if not here.value or (
        here.linked and not here.quoted and r.clause == "select" and not r.draft.focus and not r.draft.select
    ):
        return False
    if here.quoted and here.period:
        return False
    known = {item.field for item in r.pending}
    hit = next((h for h in here.hits if h.field in known), None)
    following = {t.column for t in r.see(1).targets if t.column}
    hit = hit or (None if here.quoted and r.pending else _hit(r, here))
    if here.quoted and r.joiner == "or" and r.last and _matched(r):
        r.add(r.last, "like", f"%{here.text}%", phrase=here.text)
        return r.step()
    if hit:
        begun = r.draft.focus or r.draft.select or r.draft.shown
        leading = r.clause == "select" and not begun and r.see(1).table == hit.field.table
        r.add(Item(hit.field), "=", hit.stored, phrase=here.text)
        r.clause = "select" if leading else r.clause
        owner = r.see(1)
        same = owner.linked and hit.field.column in following and not r.see(2).has("equals", "cmp")
        return r.step(2 if same and not owner.table and r.draft.focus else 1)
    field = _home(r, here)
    if field is None:
        r.lost.append(here)
        return r.step()
    column = r.index.column(field)
    if column and column.distinct is not None and column.distinct <= len(column.values):
        r.unheard.append(here.text)
    r.add(Item(field), "=", here.text, phrase=here.text)
    return r.step()


def _spelled(r: Reader, here: Chunk) -> bool:
    """A name or code that the samples do not hold, right behind the column it belongs to."""
    column = r.index.column(r.pending[-1].field)
    code = here.capital or any(char.isdigit() for char in here.text)
    open_ = column is not None and (column.distinct is None or column.distinct > len(column.values))
    return bool(
        code and column and not column.type.numeric and (open_ or r.see(-1).has("equals", "neg") or r.see(-1).columns)
    )


def _unseen(r: Reader) -> bool:
    words = [r.see().text]
    while r.see(len(words)).unknown and r.see(len(words)).capital:
        words.append(r.see(len(words)).text)
    r.guessed.append(" ".join(words))
    r.add(r.pending[-1], "=", " ".join(words), phrase=" ".join(words))
    return r.step(len(words))


def _matched(r: Reader) -> bool:
    """Whether the condition before looks for a part of a text."""
    filters = r.draft.within if r.draft.absent else r.draft.filters
    return bool(filters) and filters[-1].op == "like" and filters[-1].item == r.last


def _hit(r: Reader, here: Chunk) -> Hit | None:
    """The column that holds the value; the person's choice where several do."""
    field = r.decide("value", here.text, [hit.field for hit in here.hits[: here.likely]])
    return next((hit for hit in here.hits if hit.field == field), None)


def _home(r: Reader, here: Chunk) -> Field | None:
    """The column for a quoted text that the samples do not hold."""
    if r.pending:
        return r.pending[-1].field
    near = [r.see(step) for step in (-1, -2, 1, -3)]
    for other in near:
        if other.columns and not other.table:
            return other.columns[0]
        if other.table:
            return _textual(r, other.table)
    tables = owners(r)
    del here
    return _textual(r, tables[0]) if tables else None


def _textual(r: Reader, table: str) -> Field:
    return r.index.display(table)[0]


def bare_number(r: Reader) -> bool:
    """“classroom 109”, “in 2014”, “5 or more”."""
    here = r.see()
    if here.number is None or here.period:
        return False
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
