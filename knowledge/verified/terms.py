"""What a verified query's words meant when it was approved, and whether they still mean that."""

import hashlib
from collections.abc import Iterator

from knowledge.glossary import Glossary, Term
from knowledge.translation.meaning import matches
from knowledge.translation.words import clean, tokenise
from knowledge.verified.model import VerifiedQuery

MOST_KINDS = 8
"""Terms that one is a kind of, one above the other."""


def terms_of(question: str, glossary: Glossary) -> tuple[tuple[str, str], ...]:
    """The approved terms that a question speaks of: id, and a digest of what each stands for in the data."""
    found = {term.id: stands_for(term, glossary) for term in _approved(question, glossary)}
    return tuple(sorted(found.items()))


def _approved(question: str, glossary: Glossary) -> Iterator[Term]:
    for match in matches(tokenise(clean(question)), glossary) if glossary.terms else ():
        yield from (term for term in match.terms if term.status == "approved")


def stands_for(term: Term, glossary: Glossary) -> str:
    """Equal for as long as a term gives the same rows and figures; a better definition or a new synonym keeps it."""
    parts: list[object] = []
    one: Term | None = term
    for _ in range(MOST_KINDS):
        if one is None:
            break
        parts.append((one.id, one.metric, one.places, one.levels, one.relations))
        up = [relation.other for relation in one.relations if relation.kind in ("is-a", "same-as")]
        one = glossary.get(up[0]) if up else None
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def outdated(query: VerifiedQuery, glossary: Glossary) -> tuple[str, ...]:
    """Which words of a pair do not mean any more what they did at its approval; empty while it may be used."""
    then, now = dict(query.terms), dict(terms_of(query.question, glossary))
    found = []
    for id in sorted({*then, *now}):
        term = glossary.get(id)
        name = term.name if term else id
        if id not in now:
            found.append(f"“{name}” is no approved term any more")
        elif id not in then:
            found.append(f"“{name}” has become an approved term since")
        elif then[id] != now[id]:
            found.append(f"“{name}” means something else since version {term.version if term else 0}")
    return tuple(found)
