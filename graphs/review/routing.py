"""Whose an item is: the owners of the words that its question uses, else of the tables that were read."""

import re
from collections.abc import Iterator

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from knowledge.catalog.model import Catalog, Table
from knowledge.glossary import Glossary, Term

_WORD = re.compile(r"\w+")
MOST = 5


def terms_of(question: str, glossary: Glossary) -> tuple[Term, ...]:
    """The terms whose name or synonym the question says, the longest words first."""
    said = _plain(question)
    found: list[tuple[int, Term]] = []
    for term in glossary.terms:
        longest = max((len(words) for words in map(_plain, term.words) if _within(words, said)), default=0)
        if longest:
            found.append((longest, term))
    found.sort(key=lambda one: (-one[0], one[1].id))
    return tuple(term for _, term in found[:MOST])


def owners_of(question: str, sql: str, glossary: Glossary, catalog: Catalog) -> tuple[str, ...]:
    """Ids of people or names of roles; none where nobody owns anything of it."""
    owners = [owner for term in terms_of(question, glossary) for owner in term.owners]
    if not owners:
        owners = [table.owner for table in _tables(sql, catalog) if table.owner]
    return tuple(dict.fromkeys(owners))


def _tables(sql: str, catalog: Catalog) -> Iterator[Table]:
    try:
        names = {node.name.lower() for node in sqlglot.parse_one(sql).find_all(exp.Table)} if sql else set()
    except SqlglotError:
        return
    yield from (table for table in catalog.tables if table.name.lower() in names)


def _plain(text: str) -> tuple[str, ...]:
    """Words without their endings of number, so that “revenues” is “revenue”."""
    return tuple(word[:-1] if len(word) > 3 and word.endswith("s") else word for word in _WORD.findall(text.lower()))


def _within(words: tuple[str, ...], said: tuple[str, ...]) -> bool:
    size = len(words)
    return bool(words) and any(said[at : at + size] == words for at in range(len(said) - size + 1))
