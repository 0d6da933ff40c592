"""Rules for values of the data: quoted or not, with or without their column beside them."""

from knowledge.translation.chunks import Chunk
from knowledge.translation.index import Hit
from knowledge.translation.ir import Field, Item
from knowledge.translation.reading.dating import owners
from knowledge.translation.reading.draft import Reader


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
    following = {t.column for t in r.see(1).targets if t.column}
    hit = _expected(r, here) or (None if here.quoted and _waited_for(r) else _hit(r, here))
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


def _expected(r: Reader, here: Chunk) -> Hit | None:
    """The value in the column that waits for one, or after “or” and “and” in the column of the one before."""
    known = {item.field for item in r.pending}
    if r.last and r.see(-1).has("or", "and", "comma", "either", "both"):
        known.add(r.last.field)
    return next((hit for hit in here.hits if hit.field in known), None)


def _waited_for(r: Reader) -> bool:
    """Whether a quoted value may well be one of the column that waits, though the samples hold it elsewhere."""
    if not _beside_column(r) or r.pending[-1] in r.draft.select or r.index.is_key(r.pending[-1].field):
        return False
    column = r.index.column(r.pending[-1].field)
    sampled = column is not None and column.distinct is not None and column.distinct <= len(column.values)
    return not sampled and not r.see(-1).text.lower().startswith(("named", "called", "titled", "with name"))


def _beside_column(r: Reader) -> bool:
    """Whether the column that waits stands right before, with no more than “is” or “of” between."""
    if not r.pending:
        return False
    back = -1
    while r.see(back).has("equals", "of", "prep", "neg", "either", "both", "comma", "or") and not r.see(back).linked:
        back -= 1
    return r.pending[-1].field in r.see(back).columns or not r.see(back).table


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
    if r.pending and _beside_column(r):
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
