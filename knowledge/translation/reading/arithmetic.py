"""Rules for columns that are worked out with each other: “difference between price and cost”, “twice the cost”."""

from knowledge.translation.chunks import Chunk
from knowledge.translation.ir import Field, Filter, Item
from knowledge.translation.reading.draft import END, Reader
from knowledge.translation.words import lemma, root

_SIGNS = {"minus": "-", "less": "-", "plus": "+", "times": "*", "multiplied by": "*"}


def _number(r: Reader, ahead: int) -> Field | None:
    chunk = r.see(ahead)
    column = chunk.columns[0] if chunk.columns else None
    return column if column and r.numeric(column) and not r.index.is_key(column) else None


def difference(r: Reader) -> bool:
    """“the difference between price and cost”, “price minus cost”, “price plus tax”."""
    if r.see().has("difference") and not r.see().linked:
        at = _past(r, 1)
        first, joint = r.see(at), r.see(at + 1)
        then = _past(r, at + 2)
        item = _less(r, first, r.see(then)) if joint.has("and", "prep", "or") else None
        return _shown(r, item, then + 1) if item else False
    sign = _SIGNS.get(r.see(1).text.lower(), "")
    first_, second = _number(r, 0), _number(r, _past(r, 2))
    if not sign or not first_ or not second or first_.table != second.table:
        return False
    return _shown(r, Item(first_, minus=second, sign=sign), _past(r, 2) + 1)


def _past(r: Reader, ahead: int) -> int:
    while r.see(ahead).has("prep", "of", "ignore", "their", "between") and not r.see(ahead).linked:
        ahead += 1
    return ahead


def _less(r: Reader, first: Chunk, second: Chunk) -> Item | None:
    """One number less another of the same table, or days between two moments."""
    if not first.columns or not second.columns:
        return None
    one, other = first.columns[0], second.columns[0]
    if r.numeric(one) and r.numeric(other) and one.table == other.table:
        return Item(one, minus=other)
    return Item(other, minus=one) if r.temporal(one) and r.temporal(other) else None


def _shown(r: Reader, item: Item, width: int) -> bool:
    table = item.field.table
    fn = r.fns[-1] if r.fns else ""
    rows = not fn and r.see(width).has("each", "per", "prep", "of") and r.see(width + 1).table == table
    if rows:
        r.draft.select.extend(Item(field) for field in r.index.display(table))
    r.draft.select.append(Item(item.field, fn, minus=item.minus, sign=item.sign))
    r.draft.focus, r.fns, r.pending = r.draft.focus or table, [], []
    return r.step(width + 2 if rows else width)


def several_times(r: Reader) -> bool:
    """“more than twice their cost”, “at least 3 times the price”, “double the cost”."""
    op, at = r.see().plays("cmp") or "", 1
    if not op or r.see().linked:
        return False
    factor = r.lexicon.factors.get(r.see(at).text.lower())
    if factor is None and r.see(at).number is not None and r.see(at + 1).text.lower() == "times":
        factor, at = r.see(at).number, at + 1
    other_at = _past(r, at + 1)
    other = _number(r, other_at)
    if factor is None or other is None:
        return False
    left = r.pending[-1] if r.pending else _likely_left(r, other)
    if left is None:
        return False
    r.draft.filters.append(Filter(left, op, (factor,), other=other, phrase=r.see(at).text))
    r.draft.select = [item for item in r.draft.select if item != left or not r.draft.shown]
    r.pending, r.clause = [], "where"
    return r.step(other_at + 1)


def _likely_left(r: Reader, other: Field) -> Item | None:
    """“priced at more than twice their cost”: the column that a word before is the root of."""
    for ahead in (-1, -2):
        word = root(r.see(ahead).text.lower())
        for column in r.index.tables[other.table].columns:
            names = r.index.words[(other.table, column.name)]
            if word in {root(name) for name in names} and r.numeric(Field(other.table, column.name)):
                return Item(Field(other.table, column.name))
    return None


def from_to(r: Reader) -> bool:
    """“days from order to shipment”, “time between the sale date and the payment date”, on average unless said."""
    here = r.see()
    if not here.has("elapsed") or here.linked:
        return False
    start_at = _find(r, 1, ("from", "between"))
    ends = _both_ends(r, start_at + 1) if start_at else None
    if ends is None:
        return False
    first, then, width = ends
    fn = r.fns[-1] if r.fns else ""
    if not fn:
        fn = next((c.plays("agg") or "" for c in r.chunks[r.at : r.at + start_at + 1] if c.has("agg")), "avg")
    r.draft.select.append(Item(then, fn, minus=first))
    r.draft.focus, r.fns, r.pending = then.table, [], []
    r.clause = "where"
    return r.step(width)


def _find(r: Reader, ahead: int, words: tuple[str, ...]) -> int:
    for at in range(ahead, ahead + 9):
        if r.see(at) is END:
            return 0
        if r.see(at).text.lower() in words:
            return at
    return 0


def _both_ends(r: Reader, ahead: int) -> tuple[Field, Field, int] | None:
    """The moments of “order to shipment”, and the place behind."""
    at = _past(r, ahead)
    first = _moment(r, r.see(at))
    at += 1 + (r.see(at + 1).text.lower() in ("date", "time"))
    if first is None or not (r.see(at).text.lower() in ("to", "and", "until") or r.see(at).has("and")):
        return None
    at = _past(r, at + 1)
    then = _moment(r, r.see(at))
    at += 1 + (r.see(at + 1).text.lower() in ("date", "time"))
    return (first, then, at) if then and then != first else None


def _moment(r: Reader, chunk: Chunk) -> Field | None:
    """The moment of a deed: the column itself, or the one that the noun speaks of: `shipped_at` for “shipment”."""
    if chunk.columns and r.temporal(chunk.columns[0]):
        return chunk.columns[0]
    word = root(chunk.text.lower().split()[0]) if chunk.text else ""
    tables = [chunk.table] if chunk.table else list(r.index.tables)
    for table in tables:
        for column in r.index.tables[table].columns:
            at = Field(table, column.name)
            deed = r.index.words[(table, column.name)][0]
            if r.temporal(at) and (
                root(deed) == word or lemma(r.lexicon.dates.get(deed, "")) == lemma(chunk.text.lower())
            ):
                return at
    return None


def since(r: Reader) -> bool:
    """“days since the last order for each customer”: from the latest moment to today."""
    here = r.see()
    if not here.has("elapsed") or r.see(1).text.lower() != "since" or r.today is None:
        return False
    at = _past(r, 2)
    at += r.see(at).has("adjective", "bottom", "super")
    at = _past(r, at)
    what = r.see(at)
    table = what.table or (what.columns[0].table if what.columns else "")
    column = _moment(r, what) or (_first_moment(r, table) if table else None)
    if column is None:
        return False
    r.draft.select.append(Item(column, "since", grain=str(r.today)))
    r.draft.measured, r.fns, r.pending, r.clause = True, [], [], "where"
    return r.step(at + 1)


def _first_moment(r: Reader, table: str) -> Field | None:
    columns = (Field(table, column.name) for column in r.index.tables[table].columns)
    return next((at for at in columns if r.temporal(at)), None)
