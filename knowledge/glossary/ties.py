"""What ties terms to each other: words that several claim, levels, relations, and that nothing goes in circles."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias
from urllib.parse import urlsplit

from knowledge.glossary.model import Glossary, Term

Claims: TypeAlias = Mapping[str, Sequence[str]]
"""For each word the ids of the terms that go by it."""


def spoken(word: str) -> str:
    """A word as it is compared: without case, spaces counted once."""
    return " ".join(word.casefold().split())


def claims(terms: Iterable[Term]) -> Claims:
    """Who goes by which word; terms that are not used any more claim none."""
    found: dict[str, list[str]] = defaultdict(list)
    for term in terms:
        if term.status != "deprecated":
            for word in dict.fromkeys(map(spoken, term.words)):
                found[word].append(term.id)
    return found


def ambiguous(term: Term, glossary: Glossary, words: Claims) -> Iterator[tuple[str, str]]:
    """The words of a term that other terms claim too, unless they are said to be the same."""
    if term.status == "deprecated":
        return
    same = {relation.other for relation in term.relations if relation.kind == "same-as"}
    for at, word in enumerate(term.words):
        others = [id for id in words.get(spoken(word), ()) if id != term.id and id not in same]
        if others:
            named = ", ".join(f"{other.name} ({id})" for id in others[:3] if (other := glossary.get(id)))
            yield "name" if at == 0 else "synonyms", f"“{word}” may also mean {named}."


def problems(term: Term, glossary: Glossary) -> Iterator[tuple[str, str]]:
    """Levels and relations that lead nowhere or back."""
    yield from (("levels", what) for what in _levels(term, glossary))
    yield from (("relations", what) for what in _relations(term, glossary))


def _levels(term: Term, glossary: Glossary) -> Iterator[str]:
    if len(set(term.levels)) < len(term.levels):
        yield "A level stands twice in the hierarchy."
    for level in term.levels:
        other = glossary.get(level)
        if level == term.id:
            yield "A hierarchy can't be a level of itself."
        elif other is None:
            yield f"There is no term “{level}” that could be a level."
        elif other.kind != "dimension":
            yield f"“{other.name}” is a {other.kind}; the levels of a hierarchy are dimensions."


def _relations(term: Term, glossary: Glossary) -> Iterator[str]:
    for relation in term.relations:
        if relation.kind == "maps-to":
            if not _is_iri(relation.other):
                yield f"“{relation.other[:80]}” is no address of a concept (https://... or urn:...)."
        elif relation.other == term.id:
            yield f"A term can't be {relation.kind} itself."
        elif glossary.get(relation.other) is None:
            yield f"There is no term “{relation.other[:80]}” that it could be {relation.kind}."
    for kind in ("is-a", "part-of"):
        if circle := _circle(term, glossary, kind):
            yield f"It would be {kind} itself: {' → '.join(circle)}."


def _circle(term: Term, glossary: Glossary, kind: str) -> list[str]:
    """The ids on a way from a term back to it by one kind of relation; empty where there is none."""
    ways: list[list[str]] = [[term.id]]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        here = glossary.get(way[-1])
        for relation in here.relations if here else ():
            if relation.kind != kind or (relation.other == term.id and len(way) == 1):
                continue
            if relation.other == term.id:
                return [*way, term.id]
            if relation.other not in seen:
                seen.add(relation.other)
                ways.append([*way, relation.other])
    return []


def _is_iri(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    plain = not any(char.isspace() or char in '<>"{}|\\^`' for char in text)
    return plain and ((parts.scheme in ("http", "https") and bool(parts.netloc)) or parts.scheme == "urn")
