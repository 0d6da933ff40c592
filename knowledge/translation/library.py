"""The indexes of one catalog: of each of its sources, and of all of them together."""

from functools import cached_property

from knowledge.catalog.model import Catalog, Table
from knowledge.translation.index import Entry, Index, assemble, entry, vocabulary
from knowledge.translation.labels import EVERYWHERE, Key, key_of, labels_of
from knowledge.translation.lexicon import Lexicon, load
from knowledge.translation.words import lemma, pieces


class Library:
    """What questions are read against; made once per catalog version."""

    def __init__(self, catalog: Catalog, lexicon: Lexicon) -> None:
        self._catalog = catalog
        self._lexicon = lexicon
        self._names = tuple(dict.fromkeys(table.source for table in catalog.tables))

    @cached_property
    def sources(self) -> tuple[Index, ...]:
        """One index per source."""
        return tuple(self._index(name, tuple(self._catalog.of(name))) for name in self._names)

    @cached_property
    def everywhere(self) -> Index | None:
        """The index of all sources together; None when there is only one."""
        if len(self._names) < 2:
            return None
        tables = self._catalog.tables
        return assemble(EVERYWHERE, "duckdb", self._entries(tables), labels_of(tables), homes=self._homes(tables))

    def _index(self, source: str, tables: tuple[Table, ...]) -> Index:
        dialect = self._catalog.dialects.get(source, "sqlite")
        return assemble(source, dialect, self._entries(tables), labels_of(tables), homes=self._homes(tables))

    def _entries(self, tables: tuple[Table, ...]) -> list[Entry]:
        words = vocabulary(tables, self._lexicon)
        return [entry(table, self._lexicon, words) for table in tables]

    def _homes(self, tables: tuple[Table, ...]) -> dict[Key, frozenset[str]]:
        """Words for where a table is: its schema, and its source among several."""
        many = len(self._names) > 1
        return {key_of(t): _words(t.schema) | (_words(t.source) if many else frozenset()) for t in tables}


def _words(name: str) -> frozenset[str]:
    return frozenset(lemma(piece) for piece in pieces(name))


def library(catalog: Catalog, language: str = "en") -> Library:
    """The library of a catalog, kept for the catalog's version."""
    known = _CACHE.get((catalog.version, language))
    if known is None:
        known = Library(catalog, load(language))
        if len(_CACHE) >= 200:
            _CACHE.pop(next(iter(_CACHE)))
        _CACHE[(catalog.version, language)] = known
    return known


_CACHE: dict[tuple[str, str], Library] = {}
