"""How sure a reading is, what it assumed, and what to say when it is no good."""

from collections.abc import Sequence

from knowledge.translation.chunks import Chunk
from knowledge.translation.explaining import place, spoken
from knowledge.translation.index import Index, Target
from knowledge.translation.ir import Field, Query
from knowledge.translation.linking import option_id, phrase_id
from knowledge.translation.model import Assumption, Decline, Option
from knowledge.translation.reading.draft import Reader

SURE = 0.45
"""Readings below this are not answered."""


def confidence(reader: Reader) -> float:
    """0..1: less for each word that names nothing, and much less when the thing asked for is among them."""
    score = 0.95
    for lost in reader.lost:
        score -= 0.3 if lost.capital or lost.quoted or lost.number is not None else 0.12
    score -= 0.1 * len(reader.guessed)
    for found in reader.chunks:
        if found.linked and not found.value:
            score -= 0.05 * (found.targets[0].score < 0.7)
    draft = reader.draft
    if not (draft.select or draft.shown or draft.focus or draft.groups):
        score -= 0.35 if reader.lost or reader.weak else 0.1
    return max(0.0, score)


def assumptions(reader: Reader, query: Query) -> tuple[Assumption, ...]:
    """What the question left open and was decided, with the other ways to read it."""
    used = {*query.fields(), *(f.item.field for f in query.filters)}
    found = [_decision(reader, d.id, d.phrase, d.options, d.chosen) for d in reader.decisions if d.chosen in used]
    open_ = (c for c in reader.chunks if len(_rivals(c)) > 1 and c.columns and c.columns[0] in used)
    found.extend(_link(chunk) for chunk in open_)
    return tuple({a.id: a for a in found}.values())[:4]


def _decision(reader: Reader, id: str, phrase: str, options: Sequence[Field], chosen: Field) -> Assumption:
    labels = tuple(Option(f"{f.table}.{f.column}", f"{spoken(f.column)} of {spoken(f.table)}") for f in options)
    text = f"“{phrase}” is about {place(reader.index, chosen)}."
    return Assumption(id, phrase, text, labels, f"{chosen.table}.{chosen.column}")


def _rivals(chunk: Chunk) -> list[Target]:
    """Other columns that the words fit about as well; the same key in two tables is no rival."""
    found: dict[str, Target] = {}
    for target in chunk.rivals:
        if target.column:
            found.setdefault(option_id(target), target)
    return list(found.values())


def _link(chunk: Chunk) -> Assumption:
    options = tuple(Option(option_id(t), f"{spoken(t.column)} of {spoken(t.table)}") for t in _rivals(chunk))
    chosen = chunk.columns[0]
    text = f"“{chunk.text}” is taken for {spoken(chosen.column)} of {spoken(chosen.table)}."
    return Assumption(phrase_id(chunk.text), chunk.text, text, options, f"{chosen.table}.{chosen.column}")


def unreadable(reader: Reader | None, indexes: Sequence[Index]) -> Decline:
    """Why a question is not answered, and questions that could be."""
    words = [f"“{chunk.text}”" for chunk in reader.lost[:3]] if reader else []
    named = ", ".join(words)
    reason = (
        f"I can't tell from this data: nothing in it is called {named}."
        if named
        else "I can't tell what this asks of the data."
    )
    return Decline(reason, suggestions(indexes))


def suggestions(indexes: Sequence[Index]) -> tuple[str, ...]:
    """Up to three questions that the data does answer."""
    tables = [(t.rows or 0, index, t.name) for index in indexes for t in index.tables.values()]
    tables.sort(key=lambda entry: (-len(entry[1].graph.edges.get(entry[2], ())), -entry[0]))
    return tuple(f"How many {spoken(name)} are there?" for _, _, name in tables[:3])
