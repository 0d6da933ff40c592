"""Rules for places in a ranking: “rank the categories by units sold within each channel”."""

from knowledge.translation.ir import Item, Order
from knowledge.translation.reading.draft import Reader
from knowledge.translation.reading.measuring import total
from knowledge.translation.reading.ratios import figure

_FAR = 4


def ranked(r: Reader) -> bool:
    """“rank customers by revenue”: each with its measure and its place, in each group where one follows."""
    if not r.see().has("rank") or r.see().linked or r.draft.select:
        return False
    at = next((at for at in range(1, _FAR) if r.see(at).table), 0)
    if not at or not r.see(at + 1).has("by"):
        return False
    found = figure(r, at + 2)
    if found is None:
        return False
    table, measure = r.see(at).table, found[0]
    measure = measure if measure.fn else total(r, measure.field)
    place = Item(measure.field, f"rank {measure.fn}")
    r.draft.select += [*(Item(field) for field in r.index.display(table)), measure, place]
    r.draft.focus = table
    r.draft.orders.append(Order(measure, desc=True))
    return r.step(found[1])
