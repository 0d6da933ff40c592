"""How sure a reading is, what it assumed, and what to say when it is no good."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import pairwise
from math import exp

from sqlglot import exp as sql

from knowledge.translation.chunks import Chunk
from knowledge.translation.headings import called, date_name, entity, spoken, table_name
from knowledge.translation.index import Index, Target
from knowledge.translation.ir import Field, Query
from knowledge.translation.linking import option_id, phrase_id
from knowledge.translation.model import Assumption, Decline, Option
from knowledge.translation.once import ROWS
from knowledge.translation.reading.draft import Decision, Reader
from knowledge.translation.stored import choice_id
from knowledge.translation.synonyms.told import taken

SURE = 0.16
"""Readings below this are not answered."""
HOPE = 0.05
"""Readings that the rules find so likely are weighed with others before they are declined."""
WEIGHTS = {
    "bias": 1.95, "length": -0.67, "lost": -0.65, "lost_proper": -1.0, "lost_share": -0.43, "weak": -0.22,
    "soft": -0.3, "middling": -0.2, "rivals": -0.68, "headless": -0.3, "guessed": -0.1, "unheard": -0.65,
    "tables": -0.42, "conditions": -0.11, "nested": 0.55, "grouped": -0.16, "limited": -0.17,
}  # fmt: skip
"""Log-odds that a reading is right; fitted by `python -m bench.translation.calibrate`."""


def features(reader: Reader, query: Query) -> dict[str, float]:
    """What speaks for and against a reading, each about 0..1."""
    linked = [c for c in reader.chunks if c.linked and not c.value and not c.has("light")]
    weak = [c for c in reader.weak if not c.has("light")]
    named = len(linked) + sum(c.value or c.number is not None or c.period is not None for c in reader.chunks)
    proper = sum(c.capital or c.quoted or c.number is not None for c in reader.lost)
    filters = [*query.filters, *(f for o in query.filters if o.query for f in o.query.filters)]
    return {
        "bias": 1.0,
        "length": min(3.0, len(reader.chunks) / 10),
        "lost": min(3.0, float(len(reader.lost) - proper)),
        "lost_proper": min(3.0, float(proper)),
        "lost_share": (len(reader.lost) + len(weak)) / max(1, named + len(reader.lost) + len(weak)),
        "weak": min(3.0, float(len(weak))),
        "soft": min(3.0, float(sum(c.targets[0].score < 0.7 for c in linked))),
        "middling": min(3.0, float(sum(0.7 <= c.targets[0].score < 0.9 for c in linked))),
        "rivals": min(3.0, float(sum(len(_rivals(c)) > 1 for c in reader.chunks))),
        "headless": float(not reader.headed),
        "guessed": min(2.0, float(len(reader.guessed))),
        "unheard": min(2.0, float(len(reader.unheard))),
        "tables": min(3.0, float(len(query.tables()) - 1)),
        "conditions": min(3.0, float(len(filters))),
        "nested": float(any(f.query for f in query.filters) or bool(query.second)),
        "grouped": float(bool(query.group)),
        "limited": float(query.limit is not None),
    }


def off_topic(reader: Reader) -> bool:
    """Whether what is asked for, or half of all that is said, is nothing that the data holds."""
    if not reader.headed:
        return True
    if any((c.capital or c.number is not None) and c.start for c in reader.lost):
        return True
    named = sum(c.linked or c.value or c.number is not None or c.period is not None for c in reader.chunks)
    return len(reader.lost) >= 2 and len(reader.lost) >= 0.5 * (named - len(reader.weak))


def _passed_over(reader: Reader, query: Query) -> bool:
    """Whether a word that limits or measures was lost, so that the answer would be about all rows or another thing."""
    bare = not (query.filters or query.group or query.order or query.limit or query.second)
    bare = bare and not any(item.fn == "count" for item in query.select)
    few = len(reader.chunks) <= 5
    if (
        bare
        and few
        and (reader.lost or reader.weak or (reader.pending and reader.clause == "where"))
        and len(query.tables()) == 1
    ):
        return True
    for at, chunk in enumerate(reader.chunks):
        near = reader.chunks[at + 1] if at + 1 < len(reader.chunks) else None
        if chunk in reader.lost and near and near.linked and near.targets[0].score < 0.5 and near.columns:
            return True
    return False


def _ungrouped(reader: Reader) -> bool:
    """“visits per city” where nothing is called city: a total for all of them would answer another question."""
    return any(after in reader.lost and before.has("each", "per") for before, after in pairwise(reader.chunks))


def confidence(reader: Reader, query: Query) -> float:
    """The probability, 0..1, that a reading is right."""
    if (
        off_topic(reader)
        or _passed_over(reader, query)
        or _ungrouped(reader)
        or reader.unsupported
        or (any(f.item.fn for f in query.filters) and not query.group)
    ):
        return 0.0
    score = sum(WEIGHTS.get(name, 0.0) * value for name, value in features(reader, query).items())
    return 1 / (1 + exp(-score))


def grasp(reader: Reader) -> float:
    """How much of the words a reading understands: 0 for all of them, less for words lost, guessed or stretched."""
    stretched = sum(1.0 - _chosen(chunk) for chunk in reader.chunks if chunk.linked and not chunk.value)
    taken = {f.phrase for f in reader.draft.filters if f.op in ("=", "in")}
    # A plain word that happens to be stored somewhere may be the name of something elsewhere.
    stored = sum(chunk.text in taken for chunk in reader.chunks if chunk.hits and not (chunk.capital or chunk.quoted))
    missed = len(reader.lost) + len(reader.unheard) + bool(reader.unsupported)
    return -(missed + 0.5 * stretched + 0.3 * stored)


def _chosen(chunk: Chunk) -> float:
    """How well the words fit what they were taken for."""
    wanted = {(chunk.table, ""), *((field.table, field.column) for field in chunk.columns)}
    return max((t.score for t in chunk.targets if (t.table, t.column) in wanted), default=1.0)


def assumptions(reader: Reader, query: Query, joined: Sequence[str]) -> tuple[Assumption, ...]:
    """What the question left open and was decided, with the other ways to read it from the `joined` tables."""
    used = {*query.fields(), *(f.item.field for f in query.filters)}
    found: dict[str, Assumption] = {}
    for decision in reader.decisions:
        dated = decision.id.startswith("date:")
        likeliest = decision.options[0]
        options = [f for f in decision.options if f.table in joined or not dated or f == likeliest]
        if decision.chosen in used and len(options) > 1:
            key = f"date:{decision.chosen}" if dated else decision.id
            found.setdefault(key, _decision(reader, replace(decision, options=tuple(options))))
    for chunk in reader.chunks:
        if len(_rivals(chunk)) > 1 and chunk.columns and chunk.columns[0] in used:
            found.setdefault(phrase_id(chunk.text), _link(chunk, reader.index))
    for assumed in taken(reader.chunks, reader.index, reader.lexicon, query):
        found.setdefault(assumed.id, assumed)
    return (*_spellings(reader, query), *found.values())[:4]


def _spellings(reader: Reader, query: Query) -> list[Assumption]:
    """Values that were taken for words that don't quite spell them."""
    used = {(f.item.field, value) for f in query.filters for value in f.values if isinstance(value, str)}
    found = []
    for chunk in reader.chunks:
        for hit in chunk.hits:
            if hit.alike and (hit.field, hit.stored) in used:
                text = f"“{chunk.text}” was taken for “{hit.stored}” ({called(reader.index, hit.field)})."
                options = tuple(Option(value, value) for value in hit.alike)
                found.append(Assumption(choice_id(chunk.text), chunk.text, text, options, hit.stored))
    return found[:2]


WHOSE = "source:question"
"""The assumption by which a person says which source is meant, where several answer a question as well."""


def whose(sources: Sequence[str]) -> Assumption:
    """Says which source was asked, the first, and which others have such data."""
    options = tuple(Option(source, source) for source in sorted(sources)[:4])
    others = sorted(sources[1:])[:3]
    has = "has" if len(others) == 1 else "have"
    text = f"This was asked of {sources[0]}; {', '.join(others)} {has} such data too."
    return Assumption(WHOSE, "", text, options, sources[0])


def notes(tree: sql.Expr, query: Query, index: Index, tables: Collection[str]) -> tuple[Assumption, ...]:
    """What a reader of the figures should know of the joins: whose region it is, what counts several times."""
    found: list[str] = []
    joined = set(tables)
    measured = next((i.field.table for i in query.select if i.fn), "")
    if tree.find(sql.Subquery) and any(s.alias == ROWS for s in tree.find_all(sql.Subquery)):
        found.append(f"Each {entity(index, measured)} counts once in every group that it belongs to.")
    for table in sorted(joined - {query.focus, measured}):
        edges = [edge for edge in index.graph.edges.get(table, ()) if edge.one == table]
        through = [edge.many for edge in edges if edge.many in joined]
        others = sorted({edge.many for edge in edges if edge.many not in joined})
        if len(through) == 1 and others and through[0] not in (query.focus, measured):
            names = " or ".join(entity(index, other) for other in others[:3])
            found.append(f"The {entity(index, table)} is that of the {entity(index, through[0])}, not of the {names}.")
    return tuple(Assumption(f"note:{at}", "", text) for at, text in enumerate(found[:2]))


def open_question(reader: Reader, query: Query) -> Assumption | None:
    """A phrase whose best two readings are equally likely, so that neither should be taken unasked."""
    used = set(query.fields())
    named = {chunk.table for chunk in reader.chunks if chunk.table}
    for chunk in reader.chunks:
        tied = _rivals(chunk)
        apart = chunk.tied and len(tied) > 1 and not named & {target.table for target in tied}
        if apart and chunk.columns and chunk.columns[0] in used and not reader.index.is_key(chunk.columns[0]):
            return _link(chunk, reader.index)
    return None


def _decision(reader: Reader, decision: Decision) -> Assumption:
    index, chosen, dated = reader.index, decision.chosen, decision.id.startswith("date:")
    options = tuple(Option(f"{f.table}.{f.column}", _label(reader, f, dated)) for f in decision.options)
    noun = date_name(chosen, reader.lexicon.dates) if dated else called(index, chosen)
    how = "was measured by" if decision.id.startswith("measure:") else "was taken as the"
    text = f"“{decision.phrase}” {how} {noun} ({spoken(chosen.column)} of {table_name(index, chosen.table)})."
    return Assumption(decision.id, decision.phrase, text, options, f"{chosen.table}.{chosen.column}")


def _label(reader: Reader, at: Field, dated: bool) -> str:
    """A reading in a few words, fit for a button: “order date (orders)”."""
    noun = date_name(at, reader.lexicon.dates) if dated else called(reader.index, at)
    return f"{noun} ({table_name(reader.index, at.table)})"


def _rivals(chunk: Chunk) -> list[Target]:
    """Other columns that the words fit about as well; the same key in two tables is no rival."""
    found: dict[str, Target] = {}
    for target in chunk.rivals:
        if target.column:
            found.setdefault(option_id(target), target)
    return list(found.values())


def _link(chunk: Chunk, index: Index) -> Assumption:
    fields = [Field(target.table, target.column) for target in _rivals(chunk)]
    labels = [f"{called(index, field)} ({table_name(index, field.table)})" for field in fields]
    options = tuple(map(Option, map(option_id, _rivals(chunk)), labels))
    chosen = chunk.columns[0]
    text = f"“{chunk.text}” was taken as the {spoken(chosen.column)} of {table_name(index, chosen.table)}."
    return Assumption(phrase_id(chunk.text), chunk.text, text, options, f"{chosen.table}.{chosen.column}")


def unreadable(reader: Reader | None, indexes: Sequence[Index]) -> Decline:
    """Why a question is not answered, and questions that could be."""
    if reader and reader.unsupported:
        return Decline(f"I can't answer this yet: it needs {reader.unsupported}.", suggestions(indexes))
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
