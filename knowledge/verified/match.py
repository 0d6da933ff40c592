"""Finds the verified query that a question is, in other words or with other values."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from sqlglot import exp

from knowledge.asker import Asker
from knowledge.catalog.model import Catalog
from knowledge.errors import KnowledgeError
from knowledge.glossary import Glossary
from knowledge.guard import guard, read_sql
from knowledge.translation.assisted.describe import describe
from knowledge.translation.labels import EVERYWHERE, full_name
from knowledge.translation.lexicon import load
from knowledge.translation.library import library
from knowledge.translation.meaning import canonical
from knowledge.translation.model import Context, Interpretation, Translation
from knowledge.verified.align import Aligned, Words, aligned, reordered
from knowledge.verified.binding import bound
from knowledge.verified.book import Book
from knowledge.verified.model import VerifiedQuery
from knowledge.verified.reads import Names, unfit
from knowledge.verified.segment import segment
from knowledge.verified.terms import outdated

LONGEST = 2_000
"""Characters of a question; a longer one is none that somebody verified."""
MOST_ROWS = 1_000_000
REORDERED = 5
"""Patterns with the same words in another order that are looked at."""
Translate = Callable[[str], Translation]
"""How the rules read a text that stands alone."""


@dataclass(frozen=True, slots=True)
class Found:
    """A verified query and what it says now. `other` is True where values are others than those approved."""

    query: VerifiedQuery
    interpretation: Interpretation
    other: bool


def find(
    question: str, catalog: Catalog, context: Context, book: Book, asker: Asker, translate: Translate
) -> Found | None:
    """The verified query for a question, over what this person may see; None where there is none beyond doubt.

    Words in another order count as the same only where the rules read both alike.
    """
    if len(question) > LONGEST:
        return None
    words, glossary = _words(catalog), context.glossary
    question = canonical(question, glossary)
    said = segment(question, book.language, context.today)
    near = [
        pattern
        for pattern in book.near(words.alternatives(item.text for item in said.items))
        if meant_for(pattern.query, asker)
    ]
    fits = [one for pattern in near if (one := aligned(pattern, said, words, catalog, context.values, _moves))]
    for one in sorted(fits, key=lambda one: one.others):
        if found := _found(one, catalog, glossary):
            return found
    for pattern in sorted(near, key=lambda one: -len(one.words))[:REORDERED] if not fits else ():
        one = reordered(pattern, said, question, words, catalog, context.values, translate, _moves)
        if one and (found := _found(one, catalog, glossary)):
            return found
    return None


def _words(catalog: Catalog) -> Words:
    return Words(load(), library(catalog).names)


def meant_for(query: VerifiedQuery, asker: Asker) -> bool:
    """Whether a pair is for this person at all."""
    mine = {*asker.roles, *asker.groups}
    return query.tenant == asker.tenant and (not query.scope or bool(mine & set(query.scope)))


def _found(one: Aligned, catalog: Catalog, glossary: Glossary) -> Found | None:
    """The pair with its new values, checked anew; None where this person may not see what it reads, or it is stale."""
    query = one.pattern.query
    if unfit(query, catalog) or outdated(query, glossary):
        return None
    try:
        tree = bound(_tree(query.sql, query.dialect), dict(one.values))
        if not isinstance(tree, exp.Select | exp.SetOperation):
            return None
        guard(tree, catalog=catalog, source=query.source, rows=MOST_ROWS)
    except KnowledgeError:
        return None
    return Found(query, _interpretation(query, tree, catalog, other=bool(one.others)), bool(one.others))


def _interpretation(
    query: VerifiedQuery, tree: exp.Select | exp.SetOperation, catalog: Catalog, *, other: bool
) -> Interpretation:
    tables = Names(tree, catalog, query.source).tables()
    everywhere = query.source == EVERYWHERE
    return Interpretation(
        query=tree,
        source=query.source,
        dialect=query.dialect,
        confidence=0.97 if other else 1.0,
        explanation=describe(tree, query.dialect),
        tables=tuple(full_name(table) if everywhere else table.name for table in tables),
        made_by=query.made_by,
    )


@lru_cache(maxsize=1_000)
def _tree(sql: str, dialect: str) -> exp.Query:
    """The tree of a pair; never changed, for it is kept."""
    return read_sql(sql, dialect)


def _moves(query: VerifiedQuery) -> bool:
    """Whether the query counts from the present day by itself."""
    try:
        tree = _tree(query.sql, query.dialect)
    except KnowledgeError:
        return False
    now = any(one.is_string and str(one.this).lower() == "now" for one in tree.find_all(exp.Literal))
    return now or tree.find(exp.CurrentDate, exp.CurrentTimestamp, exp.CurrentDatetime, exp.CurrentTime) is not None
