"""Rules for comparisons with what a nested query finds: “above the average”, “more than every product in Toys”."""

from knowledge.translation.chunks import Chunk
from knowledge.translation.index import Hit
from knowledge.translation.ir import Field, Filter, Item, Query
from knowledge.translation.lexicon import Adjective
from knowledge.translation.reading.adjectives import adjective_column
from knowledge.translation.reading.dating import owners
from knowledge.translation.reading.draft import END, Reader
from knowledge.translation.words import lemma

_EXTREMES = {"desc": "max", "asc": "min"}
FLIP = {">": "<", "<": ">", ">=": "<=", "<=": ">="}


def operator(r: Reader) -> tuple[str, int, Adjective | None]:
    """What is compared how, how many chunks say so, and the adjective that says of which column."""
    here, following = r.see(), r.see(1)
    if width := _parted(r):
        return (">" if here.has("more") else "<"), width, None
    adjective = here.plays("adjective")
    if adjective is not None and following.text.lower() == "than":
        return ">", 2, r.lexicon.adjectives[adjective]
    op = here.plays("cmp")
    return (op or "", 1, None)


def _parted(r: Reader) -> int:
    """“a higher price than ...”: the words of the comparison stand around what is compared."""
    here, what = r.see(), r.see(1)
    if not here.has("more", "less") or not what.columns or what.table or r.see(2).text.lower() != "than":
        return 0
    if not (r.numeric(what.columns[0]) or r.temporal(what.columns[0])):
        return 0
    r.pending = [Item(what.columns[0])]
    return 3


def left_side(r: Reader, adjective: Adjective | None) -> tuple[Item, bool] | None:
    """What is compared, and whether more of it is larger."""
    if adjective and r.pending and r.numeric(r.pending[-1].field):
        return r.pending[-1], _upward(r, adjective, r.pending[-1].field)
    if adjective:
        for table in owners(r):
            if found := adjective_column(r.index, adjective, table):
                return Item(found[0]), found[1]
    if (item := r.left()) and (r.pending or not r.see(2).linked):
        return item, True
    return None


def _upward(r: Reader, adjective: Adjective, at: Field) -> bool:
    """Whether an adjective means larger values of a column: older is more age, younger is less."""
    words = set(r.index.words[(at.table, at.column)])
    if any({lemma(word) for word in name.split()} <= words for name in adjective.down):
        return False
    return bool(adjective.up) or not adjective.down


def nested(r: Reader, op: str, width: int, adjective: Adjective | None) -> bool:
    """“above the average (price)”: a comparison with one number computed over the same table."""
    fn = r.see(width).plays("agg") or _EXTREMES.get(r.see(width).plays("super") or "", "avg")
    given = r.see(width + 1)
    width += 1
    while given.has("of", "prep", "count") and not given.columns:
        width += 1
        given = r.see(width)
    left = left_side(r, adjective)
    field = (
        given.columns[0]
        if given.columns
        and (left is None or given.columns[0].column == left[0].field.column or r.numeric(given.columns[0]))
        else None
    )
    if field is None and left is None:
        r.unsupported = r.unsupported or "to know what is compared with the average"
        return r.step(width)
    r.inner, r.joiner = None, ""
    item = left[0] if left else Item(field) if field else None
    if item is None:
        return r.step(width)
    inner = field or item.field
    op = op if not left or left[1] else FLIP.get(op, op)
    width += 1 if field else 0
    own = _of_their_own(r, width, inner.table)
    query = Query(r.index.source, inner.table, (Item(inner, fn),), within=(Item(own),) if own else ())
    r.draft.filters.append(Filter(item, op, query=query, phrase=r.see().text))
    r.pending = []
    r.clause = "where"
    if own:
        return r.step(width + 2)
    if r.see(width).has("of", "prep", "rel"):
        r.inner = len(r.draft.filters) - 1
    return r.step(width)


def _of_their_own(r: Reader, ahead: int, table: str) -> Field | None:
    """“above the average salary in their store”: what the rows share with those that they are compared with."""
    what, after = r.see(ahead + 1), r.see(ahead + 2)
    if (
        not r.see(ahead).has("of", "prep")
        or not what.linked
        or what.value
        or not (after is END or after.has("dot", "comma"))
    ):
        return None
    edges = r.index.graph.edges.get(table, ())
    keys = [
        edge.pairs[0][0] for edge in edges if edge.many == table and edge.one == what.table and len(edge.pairs) == 1
    ]
    own = [field for field in what.columns if field.table == table and not r.numeric(field)]
    return Field(table, keys[0]) if keys else next(iter(own), None)


def than_others(r: Reader, op: str, width: int, adjective: Adjective | None) -> bool:
    """“more expensive than every product in Toys”, “than some toys”, “than that of the toy called Kite”."""
    left = left_side(r, adjective)
    if left is None or left[0].fn or not (r.numeric(left[0].field) or r.temporal(left[0].field)):
        return False
    item, up = left
    few = r.see(width).has("cmp") and r.see(width).plays("cmp") == ">=" and r.see(width + 1).number == 1
    width += 2 if few else 0
    width, column, some = _up_to_the_others(r, width, item.field)
    what = r.see(width)
    whose = _told_by_value(r, what, column or item.field)
    if what.table != (column or item.field).table and whose is None:
        return False
    op = op if up else FLIP.get(op, op)
    extreme = "max" if op.startswith(">") == (not (some or few)) else "min"
    inner = Query(r.index.source, (column or item.field).table, (Item(column or item.field, extreme),))
    r.draft.select = [i for i in r.draft.select if i != item or len(r.draft.select) == 1]
    r.draft.filters.append(Filter(item, op, query=inner, phrase=what.text))
    r.pending, r.clause, r.joiner, r.inner = [], "where", "", len(r.draft.filters) - 1
    if whose is not None:
        r.add(Item(whose.field), "=", whose.stored, phrase=what.text)
    return r.step(width + 1)


def _up_to_the_others(r: Reader, width: int, compared: Field) -> tuple[int, Field | None, bool]:
    """Where the others are named behind “than”, by which column of theirs, and whether some of them will do."""
    column, some = None, False
    while True:
        here = r.see(width)
        some = some or r.at + width in r.some
        if here.columns and not here.table and column is None and r.see(width + 1).has("of", "prep", "rel"):
            if here.columns[0].column != compared.column:
                return width, None, some
            column = here.columns[0]
        elif here.linked or here.value or not here.has("each", "of", "prep", "rel", "equals", "ignore"):
            return width, column, some
        width += 1


def _told_by_value(r: Reader, what: Chunk, at: Field) -> Hit | None:
    """“older than all engineers”: a value that tells which rows of the table are meant, or what they refer to."""
    if what.linked and not what.capital:
        return None
    owners = {at.table, *(edge.one for edge in r.index.graph.edges.get(at.table, ()) if edge.many == at.table)}
    return next((hit for hit in what.hits if hit.field.table in owners), None)


def than_that(r: Reader, op: str, width: int, adjective: Adjective | None) -> bool:
    """“older than that”: more than the figure that the question before gave."""
    right = r.see(width)
    points = r.topic and right.text.lower() in r.lexicon.follow["demonstratives"] and not right.linked
    left = left_side(r, adjective) if points else None
    if left is None:
        return False
    op = op if left[1] else FLIP.get(op, op)
    r.draft.filters.append(Filter(left[0], op, query=Query(r.index.source, r.topic), phrase=r.see(width).text))
    r.pending, r.clause = [], "where"
    return r.step(width + 1)
