"""Terms in words: formulas, rows and relations as a person would say them, as far as that is possible."""

from knowledge.glossary import Glossary, Metric, Place, Term
from knowledge.translation.headings import plural, spoken
from knowledge.translation.meaning.expressions import Unusable, aggregate, condition
from knowledge.translation.meaning.logic import in_prose
from knowledge.translation.words import lemma

MOST = 300
"""Characters of a meaning on a card."""
_RELATIONS = {"is-a": "is a kind of", "part-of": "is part of", "same-as": "is the same as", "maps-to": "is"}


def in_words(term: Term) -> str:
    """What a term means: its metric or places in words, else its definition."""
    if term.metric:
        return _short(measured(term.metric))
    if term.places:
        return _short(" or ".join(_rows(place) for place in term.places[:3]))
    return _short(term.definition or term.name)


def measured(metric: Metric) -> str:
    """A metric as a sentence: “sum of revenue of order lines, where status is not cancelled”."""
    try:
        formula = in_prose(aggregate(metric, ""))
    except Unusable:
        formula = metric.expression
    where = " and ".join(_where(one) for one in metric.filters)
    return f"{formula} of {_table(metric.table)}{f', where {where}' if where else ''}"


def relations_in_words(term: Term, glossary: Glossary) -> str:
    """“is a kind of Customer; is the same as Client”."""
    named = ((one.kind, glossary.get(one.other)) for one in term.relations)
    return "; ".join(f"{_RELATIONS[kind]} {other.name}" for kind, other in named if other)


def _rows(place: Place) -> str:
    if place.column:
        return f"{spoken(place.column)} of {_table(place.table)}{_given(place.condition)}"
    return f"{_table(place.table)}{_given(place.condition)}"


def _given(text: str) -> str:
    return f" where {_where(text)}" if text else ""


def _where(text: str) -> str:
    try:
        return in_prose(condition(text, ""))
    except Unusable:
        return text


def _table(name: str) -> str:
    words = spoken(name.rpartition(".")[2]).split()
    return plural(" ".join((*words[:-1], lemma(words[-1])))) if words else name


def _short(text: str) -> str:
    text = " ".join(text.split()).rstrip(".")
    text = text if len(text) <= MOST else f"{text[:MOST]}…"
    return f"{text[:1].upper()}{text[1:]}."
