"""A question's tokens with the words of terms made one token each, tied to tables and columns of one index."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from knowledge.catalog.model import Catalog
from knowledge.glossary import Glossary, Place, Term
from knowledge.translation.index import TERM, Index, Target
from knowledge.translation.labels import Key
from knowledge.translation.lexicon import Lexicon
from knowledge.translation.meaning.expressions import tables_of
from knowledge.translation.meaning.phrases import LONGEST, Match, matches
from knowledge.translation.words import Token, lemma

DATA = "data"
"""The option by which a person takes words as the data has them, and not as a term."""
EXACT = 0.95
_GRAMMAR_NOT = frozenset(
    ("light", "margin", "rate", "growth", "ratio", "adjective", "busy", "slow", "beyond", "ignore", "super", "common")
)
"""Roles of a single word beside which it may be a term; a word of any other role is grammar."""


@dataclass(frozen=True, slots=True)
class Heard:
    """Words that terms are called by, and the one that they were taken for; None where they were not.

    `others` are terms that they might as well mean, `data` what the data calls so (a label, may be empty), `why` a
    sentence where an approved or deprecated term could not be used. `away` are those that only another source holds,
    `tied` those that several approved terms are called.
    """

    words: str
    term: Term | None
    others: tuple[Term, ...] = ()
    data: str = ""
    why: str = ""
    tied: bool = False
    away: bool = False


@dataclass(frozen=True, slots=True)
class Understood:
    """The index and the tokens with terms in them."""

    index: Index
    tokens: list[Token]
    heard: tuple[Heard, ...] = ()


def choice_of(words: str) -> str:
    """The stable id of what words of a term were taken for."""
    return "term:" + " ".join(words.lower().split())[:60]


def understood(index: Index, tokens: Sequence[Token], lexicon: Lexicon, choices: Mapping[str, str]) -> Understood:
    """The terms of the index's glossary in a question. The tokens themselves where there are none."""
    made: list[Token] = []
    heard: list[Heard] = []
    meant: dict[str, tuple[Target, ...]] = {}
    at = 0
    for match in matches(tokens, index.glossary):
        if not _may_be(match, tokens, index, lexicon):
            continue
        one = _sense(match, tokens, index, choices)
        heard.append(one)
        if one.term is None and not one.away:
            continue
        made += tokens[at : match.start]
        made += _spoken(match, one, tokens, index, meant)
        at = match.end
    if not heard:
        return Understood(index, list(tokens))
    return Understood(replace(index, told=meant), [*made, *tokens[at:]], tuple(heard))


def _may_be(match: Match, tokens: Sequence[Token], index: Index, lexicon: Lexicon) -> bool:
    """Not where the word is grammar, nor inside a longer name of the data."""
    if match.end - match.start == 1:
        roles = lexicon.roles((tokens[match.start].lower,))
        if any(role not in _GRAMMAR_NOT for role, _ in roles):
            return False
    if _dotted(match, tokens, index):
        return False
    for start in range(max(0, match.end - LONGEST), match.start + 1):
        for end in range(match.end, min(len(tokens), start + LONGEST) + 1):
            if (start, end) == (match.start, match.end) or any(t.kind != "word" for t in tokens[start:end]):
                continue
            if max(index.exact.get(frozenset(t.lemma for t in tokens[start:end]), {}).values(), default=0.0) >= EXACT:
                return frozenset(t.lemma for t in tokens[start:end]) == frozenset(match.phrase)
    return True


def _dotted(match: Match, tokens: Sequence[Token], index: Index) -> bool:
    """Whether the words are a column behind the name of its table: “order_lines.revenue”."""
    dot = match.start - 1
    if dot < 1 or tokens[dot].text != "." or tokens[match.start].capital:
        return False
    own = frozenset(token.lemma for token in tokens[match.start : match.end])
    held = {table for table, column in index.exact.get(own, {}) if column}
    spans = (frozenset(token.lemma for token in tokens[at:dot]) for at in range(max(0, dot - 4), dot))
    return any(not column and table in held for span in spans for table, column in index.exact.get(span, {}))


def _sense(match: Match, tokens: Sequence[Token], index: Index, choices: Mapping[str, str]) -> Heard:
    """What the words are taken for in this index: the approved term, else a draft one, else what the data has."""
    words = " ".join(token.text for token in tokens[match.start : match.end])
    data = _data(match, index)
    approved = [term for term in match.terms if term.status == "approved"]
    usable = [term for term in approved if index_places(term, index)]
    drafts = [t for t in match.terms if t.status in ("draft", "proposed") and index_places(t, index)]
    pool = usable or drafts
    wanted = choices.get(choice_of(words), "")
    if pool and not (wanted == DATA and not usable):
        first = next((term for term in pool if term.id == wanted), pool[0])
        others = tuple(term for term in pool if term is not first)
        return Heard(words, first, others, data, tied=bool(usable) and len(usable) > 1 and first.id != wanted)
    if pool:
        return Heard(words, None, tuple(pool), data)
    if approved:
        return _missing(words, approved[0], data, index)
    old = next((term for term in match.terms if term.status == "deprecated"), None)
    return Heard(words, None, data=data, why=_retired(words, old, index.glossary)) if old else Heard(words, None)


def _missing(words: str, term: Term, data: str, index: Index) -> Heard:
    """An approved term that is kept in another source, or that this person can't see."""
    homes = {place.source for place in places(term, index.glossary)}
    if homes & set(index.dialects) - {index.source} and index.source not in homes:
        return Heard(words, None, away=True)
    if not homes:
        return Heard(words, None, data=data)
    told = f"“{words}” is an approved term, but what it stands for can’t be read here, so it was not used."
    return Heard(words, None, data=data, why=told)


def _retired(words: str, term: Term | None, glossary: Glossary) -> str:
    if term is None:
        return ""
    instead = next((o for r in term.relations if r.kind == "same-as" and (o := glossary.get(r.other))), None)
    use = f"; “{instead.name}” has taken its place" if instead and instead.status != "deprecated" else ""
    return f"The term “{words}” is deprecated and was not used{use}."


def _spoken(
    match: Match, one: Heard, tokens: Sequence[Token], index: Index, meant: dict[str, tuple[Target, ...]]
) -> Iterator[Token]:
    """One token for a table, column or metric; a condition and then its table for some rows of one."""
    said = tokens[match.start : match.end]
    key = f"{TERM}{one.term.id}" if one.term else f"{TERM}?{match.start}"
    found = index_places(one.term, index) if one.term else []
    rows = [(label, place) for label, place in found if place.condition]
    if not rows:
        meant[key] = tuple(Target(label, place.column, 1.0) for label, place in found)
        yield _token(said, key)
        return
    label, _ = rows[0]
    meant[key] = (Target(label, key, 1.0),)
    table = f"rows:{label}"
    meant[table] = (Target(label, "", 1.0),)
    noun = index.words[(label, "")]
    if len(said) > 1 and said[-1].lemma == noun[-1]:
        yield _token(said[:-1], key)
        yield _token(said[-1:], table)
        return
    yield _token(said, key)
    following = tokens[match.end].lemma if match.end < len(tokens) else ""
    named = index.exact.get(frozenset({following}), {})
    if (label, "") not in named:
        # The thing itself goes without saying: “adults” are people.
        yield Token(" ".join(noun), " ".join(noun), table, "term")


def _token(said: Sequence[Token], key: str) -> Token:
    text = " ".join(token.text for token in said)
    return Token(text, text.lower(), key, "term")


def _data(match: Match, index: Index) -> str:
    """What the data itself calls so: “the column revenue of order lines”."""
    found = index.exact.get(frozenset(lemma(word) for word in match.phrase), {})
    at = max(found, key=lambda at: (found[at], at), default=None)
    if at is None or found[at] < 0.7:
        return ""
    table, column = at
    return f"the column {table}.{column}" if column else f"the table {table}"


def places(term: Term, glossary: Glossary, seen: frozenset[str] = frozenset()) -> tuple[Place, ...]:
    """Where a term stands in the data: its metric's table, its own places, those of the term that is the same."""
    if term.metric:
        return (Place(term.metric.source, term.metric.table, f"{TERM}{term.id}"),)
    if term.places:
        return term.places
    others = [r.other for r in term.relations if r.kind == "same-as"] + list(term.levels[:1])
    for id in others:
        other = glossary.get(id)
        if other and id not in seen and other.status != "deprecated":
            return places(other, glossary, seen | {term.id})
    return ()


def tables_meant(tokens: Sequence[Token], glossary: Glossary, catalog: Catalog) -> Iterator[Key]:
    """The tables that the terms of a question stand for and look into, so that a big catalog is read with them."""
    for match in matches(tokens, glossary):
        for term in match.terms:
            for place in places(term, glossary):
                names = (place.table, *tables_of(place, catalog.dialects.get(place.source, "")))
                if term.metric and "." in term.metric.time:
                    names = (*names, term.metric.time.rpartition(".")[0])
                for name in names:
                    schema, _, bare = name.rpartition(".")
                    yield place.source.lower(), schema.lower(), bare.lower()


def index_places(term: Term, index: Index) -> list[tuple[str, Place]]:
    """The places of a term that this index holds, each with the label of its table."""
    found = []
    for place in places(term, index.glossary):
        label = label_of(index, place.source, place.table)
        table = index.tables.get(label)
        known = table is not None and (not place.column or place.column.lower() in table.by_name)
        if known or (table is not None and place.column.startswith(TERM)):
            found.append((label, place))
    return found


def label_of(index: Index, source: str, name: str) -> str:
    """The label of a table that is written with its schema or without; empty where it is not here."""
    schema, _, bare = name.rpartition(".")
    for key in ((source.lower(), schema.lower(), bare.lower()), (source.lower(), "", name.lower())):
        if label := index.labels.by_key.get(key):
            return label
    return index.labels.by_name.get((source.lower(), bare.lower()), "") if not schema else ""
