"""What question words ask for: “how old” an age, “when” a moment, “where” a place."""

from knowledge.translation.ir import Field, Item
from knowledge.translation.reading.adjectives import adjective_column
from knowledge.translation.reading.dating import owners
from knowledge.translation.reading.draft import Reader

_PLACES = ("location", "place", "residence", "city", "town", "address", "home town", "hometown", "headquarter", "venue",
           "state", "province", "region", "country", "nationality")  # fmt: skip
"""Columns that say where a row is, the likeliest first."""


def extent(r: Reader) -> bool:
    """“how old”, “how long”: the column that the adjective speaks of."""
    here = r.see()
    if not here.has("extent") or here.linked:
        return False
    adjective = r.lexicon.adjectives.get(here.text.lower().split()[-1])
    named = [chunk.table for chunk in r.chunks if chunk.table]
    for table in dict.fromkeys([*named, *owners(r)]):
        if adjective and (found := adjective_column(r.index, adjective, table)):
            r.draft.select.append(Item(found[0]))
            r.pending = [Item(found[0])]
            return r.step()
    return False


def moment(r: Reader, table: str) -> Field | None:
    """The column that answers “when”: a date, else a year."""
    fields = [Field(table, column.name) for column in r.index.tables[table].columns]
    dates = [field for field in fields if r.temporal(field)]
    return next(iter([*dates, *(field for field in fields if r.yearly(field))]), None)


def whereabouts(r: Reader, table: str) -> Field | None:
    """The column that answers “where”."""
    columns = r.index.tables[table].columns
    called = {" ".join(r.index.words[(table, column.name)]): column.name for column in reversed(columns)}
    ending = {words.split()[-1]: name for words, name in called.items()}
    found = next((names[place] for place in _PLACES for names in (called, ending) if place in names), "")
    return Field(table, found) if found else None
