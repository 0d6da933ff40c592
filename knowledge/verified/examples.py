"""Verified queries as examples for a chat model: those nearest to a question that this person may see."""

from collections.abc import Sequence
from functools import lru_cache

from knowledge.asker import Asker
from knowledge.catalog.model import Catalog
from knowledge.glossary import EMPTY, Glossary
from knowledge.translation.assisted import Example
from knowledge.translation.words import clean, root, tokenise
from knowledge.verified.match import meant_for
from knowledge.verified.model import VerifiedQuery
from knowledge.verified.reads import unfit
from knowledge.verified.terms import outdated

MOST = 5


def examples(
    question: str,
    queries: Sequence[VerifiedQuery],
    catalog: Catalog,
    asker: Asker,
    most: int = MOST,
    glossary: Glossary = EMPTY,
) -> tuple[Example, ...]:
    """At most so many pairs that share words with the question, the nearest first; none that is stale or hidden."""
    said = _roots(question)
    near = [(_shared(said, _roots(query.question)), query) for query in queries if meant_for(query, asker)]
    found: list[Example] = []
    for _, query in sorted((pair for pair in near if pair[0]), key=lambda pair: (-pair[0], pair[1].id)):
        if not (unfit(query, catalog) or outdated(query, glossary)):
            found.append(Example(query.question, query.sql, query.source))
        if len(found) == most:
            break
    return tuple(found)


def _shared(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one and other else 0.0


@lru_cache(maxsize=20_000)
def _roots(question: str) -> frozenset[str]:
    return frozenset(root(token.lower) for token in tokenise(clean(question)) if token.kind == "word")
