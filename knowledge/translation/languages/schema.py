"""Schemas named in another language: told apart, and looked up by what their names are called in the grammar."""

from collections.abc import Iterable

from knowledge.catalog.model import Table
from knowledge.translation.index import Entry, Index, assemble
from knowledge.translation.languages.dictionary import Dictionary, dictionary, languages
from knowledge.translation.lexicon import Lexicon
from knowledge.translation.words import lemma, pieces

MOSTLY = 0.4
"""The part of the words of names that a language must know for a schema to be in it."""
_NAMED = frozenset(("noun", "done", "unit", "adjective", "name", "part", "verb"))


def named_in(tables: Iterable[Table], language: str) -> bool:
    """Whether most names of some tables are words of a language."""
    if language not in languages():
        return False
    book = dictionary(language)
    names = [name for table in tables for name in (table.name, *(column.name for column in table.columns))]
    words = {word for name in names for word in pieces(name) if len(word) > 2}
    known = [word for word in words if _called(word, book) != (word,)]
    return len(known) > MOSTLY * max(1, len(words))


def in_grammar(index: Index, language: str, lexicon: Lexicon) -> Index:
    """The index, in which tables and columns go by what their names are called in the grammar; made once."""
    if language not in index.spoken:
        book = dictionary(language)
        entries = [
            Entry(
                table,
                _renamed(table.name, book),
                tuple((column, _renamed(column.name, book)) for column in table.columns),
                lexicon,
            )
            for table in index.tables.values()
        ]
        index.spoken[language] = assemble(index.source, index.dialect, entries, index.labels)
    return index.spoken[language]


def _renamed(name: str, book: Dictionary) -> tuple[str, ...]:
    found = tuple(word for piece in pieces(name) for word in _called(piece, book))
    return found or (name.lower(),)


def _called(piece: str, book: Dictionary) -> tuple[str, ...]:
    """What a word of a name is called; a name such as `order_id` keeps its own words."""
    found = book.single(piece) or book.front(piece)
    if found is None or found.kind not in _NAMED:
        return (lemma(piece),)
    return tuple(lemma(word) for word in found.names[0].lower().split())
