"""Rules for comparisons with what a nested query finds: “above the average”, “more than every product in Toys”."""

from knowledge.translation.ir import Filter, Item, Query
from knowledge.translation.lexicon import Adjective
from knowledge.translation.reading.adjectives import adjective_column
from knowledge.translation.reading.dating import owners
from knowledge.translation.reading.draft import Reader

FLIP = {">": "<", "<": ">", ">=": "<=", "<=": ">="}


def operator(r: Reader) -> tuple[str, int, Adjective | None]:
    here, following = r.see(), r.see(1)
    adjective = here.plays("adjective")
    if adjective is not None and following.text.lower() == "than":
        return ">", 2, r.lexicon.adjectives[adjective]
    op = here.plays("cmp")
    return (op or "", 1, None)


def left_side(r: Reader, adjective: Adjective | None) -> tuple[Item, bool] | None:
    if adjective and r.pending and r.numeric(r.pending[-1].field):
        return r.pending[-1], bool(adjective.up)
    if adjective:
        for table in owners(r):
            if found := adjective_column(r.index, adjective, table):
                return Item(found[0]), found[1]
    if (item := r.left()) and (r.pending or not r.see(2).linked):
        return item, True
    return None


def nested(r: Reader, op: str, width: int, adjective: Adjective | None) -> bool:
    """“above the average (price)”: a comparison with one number computed over the same table."""
    fn = r.see(width).plays("agg") or "avg"
    given = r.see(width + 1)
    width += 1
    while given.has("of", "prep") and not given.columns:
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
        return r.step(width)
    r.inner, r.joiner = None, ""
    item = left[0] if left else Item(field) if field else None
    if item is None:
        return r.step(width)
    inner = field or item.field
    op = op if not left or left[1] else FLIP.get(op, op)
    query = Query(r.index.source, inner.table, (Item(inner, fn),))
    r.draft.filters.append(Filter(item, op, query=query, phrase=r.see().text))
    r.pending = []
    r.clause = "where"
    width += 1 if field else 0
    if r.see(width).has("of", "prep", "rel"):
        r.inner = len(r.draft.filters) - 1
    return r.step(width)


def than_all(r: Reader, op: str, width: int, adjective: Adjective | None) -> bool:
    """“more expensive than every product in Toys”: more than the most of them."""
    while r.see(width).has("each", "ignore") and not r.see(width).linked:
        width += 1
    table = r.see(width).table
    if not table or table not in (r.about, *r.draft.shown) or not (left := left_side(r, adjective)) or left[0].fn:
        return False
    item, up = left
    op = op if up else FLIP.get(op, op)
    if item.field.table != table or not (r.numeric(item.field) or r.temporal(item.field)):
        return False
    query = Query(r.index.source, table, (Item(item.field, "max" if op.startswith(">") else "min"),))
    r.draft.select = [i for i in r.draft.select if i != item]
    r.draft.filters.append(Filter(item, op, query=query, phrase=r.see(width).text))
    r.pending, r.clause, r.joiner, r.inner = [], "where", "", len(r.draft.filters) - 1
    return r.step(width + 1)
