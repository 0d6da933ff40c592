"""The rule for a ratio of rows that meet conditions: “ratio of restaurants rated above 4 to restaurants below 4”."""

from knowledge.translation.apart import upward
from knowledge.translation.ir import Field, Filter, Item
from knowledge.translation.reading.draft import END, Reader


def ratio_of_parts(r: Reader) -> bool:
    """Each side is read by itself; what only the second side says, as in “... in Berlin”, is true of both."""
    if not r.see().has("ratio") or r.see().linked or r.part is None:
        return False
    first, joint, end = _sides(r)
    if not joint:
        return False
    above, below = r.part(r.chunks[r.at + first : r.at + joint]), r.part(r.chunks[r.at + joint + 1 : r.at + end])
    one, other = _counted(above), _counted(below)
    if not one or not other or not (above.draft.filters or below.draft.filters):
        return False
    told = {f.item.field for f in above.draft.filters}
    shared = [f for f in below.draft.filters if told and f.item.field not in told]
    given = tuple(f for f in below.draft.filters if f not in shared)
    divisor = Item(Field(other, "*"), "count", given=given)
    r.draft.select.append(Item(Field(one, "*"), "count", given=tuple(above.draft.filters), over=divisor))
    r.draft.filters += shared
    r.draft.focus, r.fns, r.pending = r.draft.focus or one, [], []
    return r.step(end)


def _sides(r: Reader) -> tuple[int, int, int]:
    """Where the first side begins, what stands between the sides, and the place behind the second."""
    first = 1
    while r.see(first).has("of", "prep", "ignore") and not r.see(first).linked:
        first += 1
    joint = end = 0
    at = first
    while r.see(at) is not END and not end:
        chunk = r.see(at)
        if not joint and at > first and chunk.text.lower() in ("to", "out of"):
            joint = at
        elif joint and chunk.has("by", "per", "each", "dot", "comma") and not chunk.linked:
            end = at
        at += 1
    return first, joint, end or at


def _counted(side: Reader) -> str:
    """The table whose rows a side counts; empty when it says more than plain conditions on them."""
    draft = side.draft
    tables = {table for table in (draft.focus, *draft.shown, *draft.also) if table}
    tables |= {item.field.table for item in draft.select if item.field.table}
    odd = side.lost or side.unsupported or draft.groups or draft.orders or draft.absent
    counts = all(item.fn == "count" and item.field.row for item in draft.select)
    table = next(iter(tables), "")
    plain = all(_plain(side, f, table) for f in draft.filters)
    return table if len(tables) == 1 and counts and plain and not odd else ""


def _plain(side: Reader, f: Filter, table: str) -> bool:
    simple = not (f.query or f.other or f.either or f.item.fn or f.item.over)
    return simple and upward(side.index, table, f.item.field.table)
