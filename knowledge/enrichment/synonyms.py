"""Other words for what the data calls something: from comments, from documents' abbreviations, from what was asked."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from knowledge.catalog.model import Catalog, Column, Table
from knowledge.enrichment.model import Asked, Evidence, Proposal
from knowledge.enrichment.naming import place_name, slug, spoken
from knowledge.glossary import Glossary, Place, Term

_CALLED = re.compile(
    r"\b(?:also (?:called|known as)|a\.?k\.?a\.?|known as|synonyms?:|or simply)\s+"
    r"[“\"']?([\w][\w \-]{1,40}?)[”\"']?\s*(?=[,;.()]|$)",
    re.IGNORECASE,
)
_SMALL = frozenset(
    (
        "a",
        "an",
        "and",
        "as",
        "at",
        "by",
        "for",
        "from",
        "in",
        "is",
        "it",
        "no",
        "of",
        "on",
        "or",
        "per",
        "that",
        "the",
        "this",
        "to",
        "was",
        "were",
        "what",
        "which",
        "who",
        "with",
    )
)
MOST_WORDS = 3


def synonyms(catalog: Catalog, glossary: Glossary, asked: Sequence[Asked]) -> Iterator[Proposal]:
    """Each as the term that would have the synonym, whether it is in the glossary or new."""
    standing = {place: term for term in glossary.terms for place in term.places if not place.condition}
    for table in catalog.tables:
        for column in table.columns:
            yield from _from_comment(table, column, standing)
    yield from _from_pairs(glossary, asked)


def _from_comment(table: Table, column: Column, standing: Mapping[Place, Term]) -> Iterator[Proposal]:
    said = [(found[1].strip().lower(), 0.8) for found in _CALLED.finditer(column.comment)]
    if _initials(column.comment) == column.name.lower() and len(column.name) > 2:
        said.append((column.comment.rstrip(".").lower(), 0.7))
    name = spoken(column.name)
    place = Place(table.source, place_name(table), column.name)
    for words, sure in said:
        if words == name:
            continue
        before = standing.get(place) or Term(slug(name), name, "dimension", places=(place,))
        if words in map(str.lower, before.words):
            continue
        proof = Evidence("comment", f"The comment on {place_name(table)}.{column.name}: “{column.comment[:300]}”.")
        yield _also(before, words, sure, proof)


def _from_pairs(glossary: Glossary, asked: Sequence[Asked]) -> Iterator[Proposal]:
    """Two questions with one verified query that differ in one place: what stands there means the same."""
    groups: dict[tuple[str, str], list[Asked]] = {}
    for one in asked:
        if one.trusted:
            groups.setdefault((one.source, one.sql), []).append(one)
    known = {word.lower(): term for term in glossary.terms for word in term.words}
    for group in groups.values():
        first, *others = group
        for other in others:
            pair = _difference(first.question, other.question)
            for here, there in (pair, pair[::-1]) if pair else ():
                if here in known and there not in known:
                    words = f"“{first.question[:120]}” and “{other.question[:120]}” have one approved query."
                    yield _also(known[here], there, 0.7, Evidence("history", words))


def _also(before: Term, words: str, sure: float, proof: Evidence) -> Proposal:
    after = replace(before, synonyms=(*before.synonyms, words))
    return Proposal("synonym", f"Also call “{before.name}” “{words}”", sure, (proof,), after)


def _difference(one: str, other: str) -> tuple[str, str] | None:
    """The words in which two questions differ, where that is one place of at most three words in each."""
    a, b = (re.findall(r"[\w%€$&'-]+", text.lower()) for text in (one, other))
    start = 0
    while start < min(len(a), len(b)) and a[start] == b[start]:
        start += 1
    end = 0
    while end < min(len(a), len(b)) - start and a[-1 - end] == b[-1 - end]:
        end += 1
    here, there = a[start : len(a) - end], b[start : len(b) - end]
    fits = all(0 < len(words) <= MOST_WORDS and not _SMALL & set(words) for words in (here, there))
    return (" ".join(here), " ".join(there)) if fits else None


def _initials(comment: str) -> str:
    parts = re.findall(r"[^\W\d_]+", comment)
    return "".join(part[0].lower() for part in parts) if 1 < len(parts) < 8 else ""
