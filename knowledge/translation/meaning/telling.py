"""What a card says of the terms in a reading: which were applied, which are only drafts, and which were not used."""

from collections.abc import Iterator, Sequence

from knowledge.glossary import Term
from knowledge.translation.headings import heading
from knowledge.translation.index import TERM, Index
from knowledge.translation.ir import METRIC, Field, Filter, Item, Query
from knowledge.translation.meaning.saying import in_words
from knowledge.translation.meaning.understanding import DATA, Heard, choice_of, index_places
from knowledge.translation.model import Applied, Assumption, Option, Phrase


def applied(heard: Sequence[Heard], query: Query, index: Index) -> tuple[Applied, ...]:
    """The terms that a query uses, those of an earlier question that it goes on from among them."""
    said = {one.term.id: one.words for one in heard if one.term and _used(one.term, query, index)}
    before = [term.id for field in _fields(query) if (term := index.term(field)) and term.id not in said]
    found = []
    for id in dict.fromkeys((*said, *before)):
        term = index.glossary.get(id)
        if term is None:
            continue
        at = next((f for f in _fields(query) if f.column == f"{TERM}{id}"), None)
        metric = term.metric
        found.append(
            Applied(
                id,
                term.name,
                term.version,
                term.status,
                said.get(id, ""),
                in_words(term),
                heading(index, Item(at, METRIC)) if at and metric else "",
                metric.unit if metric else "",
                metric.format if metric else "",
            )
        )
    return tuple(found)


def told(terms: Sequence[Applied]) -> Iterator[Phrase]:
    """Each term with what it means, tied to its words."""
    for term in terms:
        words = (term.words,) if term.words else ()
        yield Phrase(f"{term.told}: {term.meaning}", words, (), "" if words else "from the question before")


def assumed(heard: Sequence[Heard], query: Query, index: Index) -> Iterator[Assumption]:
    """What a person should know or may change: drafts, the data's own meaning, and terms that were not used."""
    for one in heard:
        if one.why:
            yield Assumption(choice_of(one.words), one.words, one.why)
            continue
        options = tuple(_options(one))
        chosen = one.term.id if one.term else DATA
        draft = one.term is not None and one.term.status != "approved"
        shared = one.term is not None and bool(one.others)
        if one.term and (draft or shared) and _used(one.term, query, index):
            how = f"the {one.term.status} meaning" if draft else f"the term {one.term.name}"
            text = f"“{one.words}” was taken in {how}: {in_words(one.term)}"
            yield Assumption(choice_of(one.words), one.words, text, options if len(options) > 1 else (), chosen)
        elif one.term is None and one.others:
            text = f"“{one.words}” was taken as {one.data or 'the data has it'}, as chosen."
            yield Assumption(choice_of(one.words), one.words, text, options, chosen)


def unworkable(heard: Sequence[Heard], why: str) -> str:
    """Why a question with terms has no query: what is wrong with the only term in it; empty where that is not known."""
    terms = {one.term.id: one.term for one in heard if one.term}
    if not why or len(terms) != 1:
        return ""
    (term,) = terms.values()
    return f"“{term.name}” can’t be worked out here as the glossary has it (version {term.version}): {why}."


def _options(one: Heard) -> Iterator[Option]:
    terms = [term for term in (one.term, *one.others) if term]
    for term in terms:
        plain = f"the {term.status} meaning of {one.words}" if len(terms) == 1 else f"{term.name}: {in_words(term)}"
        yield Option(term.id, plain[:75])
    if one.data and not any(term.status == "approved" for term in terms):
        yield Option(DATA, one.data)


def unclear_term(heard: Sequence[Heard]) -> Assumption | None:
    """Words that several approved terms are called by, so that none should be taken unasked."""
    for one in heard:
        if one.tied and one.term:
            return Assumption(choice_of(one.words), one.words, "", tuple(_options(one)), one.term.id)
    return None


def _used(term: Term, query: Query, index: Index) -> bool:
    fields, tables = set(_fields(query)), _tables(query)
    if any(field.column == f"{TERM}{term.id}" for field in fields):
        return True
    for label, place in index_places(term, index):
        if place.column.startswith(TERM) or place.condition:
            if any(field.column == place.column for field in fields):
                return True
        elif (Field(label, place.column) in fields) if place.column else label in tables:
            return True
    return False


def _fields(query: Query) -> Iterator[Field]:
    yield from query.fields()
    for item in query.within:
        yield from item.fields()
    for f in query.filters:
        yield from _of_filter(f)
    if query.second:
        yield from _fields(query.second)


def _of_filter(f: Filter) -> Iterator[Field]:
    yield from f.item.fields()
    if f.query:
        yield from _fields(f.query)


def _tables(query: Query) -> set[str]:
    return {*query.tables(), *(field.table for field in _fields(query))}
