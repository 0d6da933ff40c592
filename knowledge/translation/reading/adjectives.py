"""Which column an adjective speaks of: “expensive” of a price, “oldest” of an age or a date."""

from knowledge.translation.index import Index
from knowledge.translation.ir import Field, Item
from knowledge.translation.lexicon import Adjective
from knowledge.translation.reading.draft import Reader
from knowledge.translation.words import lemma


def adjective_column(index: Index, adjective: Adjective, table: str) -> tuple[Field, bool] | None:
    """The column of a table that an adjective speaks of, and whether larger means more of it."""
    names = [(name, True) for name in adjective.up] + [(name, False) for name in adjective.down]
    for name, up in names:
        exact = index.exact.get(frozenset(lemma(word) for word in name.split()), {})
        found = [at for at, score in exact.items() if at[0] == table and at[1] and score >= 0.7]
        if found:
            return Field(*found[0]), up
    for name, up in names:
        holders = set.intersection(*(index.by_word.get(lemma(word), set()) for word in name.split()))
        fields = [Field(*at) for at in sorted(holders) if at[0] == table and at[1]]
        if fields := [field for field in fields if not index.is_key(field)]:
            return fields[0], up
    ways = [up for name, up in names if "date" in name.split()]
    times = [c.name for c in index.tables[table].columns if c.type.temporal]
    return (Field(table, times[0]), ways[0]) if ways and times else None


def idle(r: Reader) -> bool:
    """“new customers”: an adjective before what it describes that no rule could use is not passed over."""
    here = r.see()
    if here.plays("adjective") is None or here.linked or not r.see(1).table or here.text.lower() in ("last", "first"):
        return False
    if here.text.lower() == "new" and any(chunk.period for chunk in r.chunks):
        if not (
            r.draft.select or r.draft.shown or any(chunk.has("show", "count", "which", "who") for chunk in r.chunks)
        ):
            r.draft.select.append(Item(Field(r.see(1).table, "*"), "count"))
            r.draft.focus = r.see(1).table
            return r.step(2)
        return r.step()
    r.unsupported = f"what “{here.text.lower()}” means"
    return r.step()
