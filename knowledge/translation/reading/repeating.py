"""A rule for what there is more than once: “duplicate emails”, “which names are repeated?”."""

from knowledge.translation.ir import Field, Filter, Item
from knowledge.translation.reading.draft import Reader


def duplicated(r: Reader) -> bool:
    """“duplicate cities”: the values that several rows share, and how many rows do."""
    here, what = r.see(), r.see(1)
    if not here.has("duplicate"):
        return False
    before = [item.field for item in r.draft.select if not item.fn]
    fields = what.columns or (r.index.display(what.table) if what.table else ()) or tuple(before)
    if not fields:
        return False
    rows = Item(Field(fields[0].table, "*"), "count")
    r.draft.focus = rows.field.table
    r.draft.select[:] = [*map(Item, fields), rows]
    r.draft.filters.append(Filter(rows, ">", (1,), phrase=here.text))
    return r.step(2 if what.linked else 1)
