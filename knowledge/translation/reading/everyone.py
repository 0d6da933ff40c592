"""The rule for all of what a thing has: “categories where every product costs more than 20”."""

from knowledge.translation.chunks import Chunk
from knowledge.translation.ir import Field, Item
from knowledge.translation.reading.draft import Reader

_LEAST = {">": "min", ">=": "min", "<": "max", "<=": "max"}


def every_one(r: Reader) -> bool:
    """“where every product costs more than 20”: the least of them is held against it."""
    if not r.see().has("each") or r.see().linked or not r.about:
        return False
    at = 1 if r.see(1).columns and not r.see(1).table else 2 + r.see(2).has("rel", "possessive")
    while r.see(at + 1).has("equals"):
        at += 1
    named = next((r.see(back) for back in range(at, 0, -1) if r.see(back).columns), Chunk("", -1, -1))
    fn = _LEAST.get(r.see(at + 1).plays("cmp") or "")
    column = _meant(r, named) if named.columns and fn else None
    if column is None or not fn or column.table == r.about or not r.many(r.about, column.table):
        return False
    r.pending, r.clause = [Item(column, fn)], "where"
    return r.step(at + 1)


def _meant(r: Reader, named: Chunk) -> Field | None:
    """The number that is compared; what a thing costs is its price."""
    column = named.columns[0]
    columns = r.index.tables[column.table].columns
    price = next((Field(column.table, c.name) for c in columns if c.name.lower().endswith("price")), None)
    if price and named.text.lower().endswith(("cost", "costs")):
        column = r.decide("measure", named.text, [price, column]) or column
    return column if r.numeric(column) else None
