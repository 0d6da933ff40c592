"""The indexes of one catalog: of each source and of all together, of a few tables each where there are many."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from knowledge.catalog.model import Catalog
from knowledge.glossary import EMPTY, Glossary
from knowledge.translation.index import TERM, Entry, Index, Said, assemble, entry, vocabulary
from knowledge.translation.labels import EVERYWHERE, Key, key_of, labels_of
from knowledge.translation.languages.schema import in_grammar, named_in
from knowledge.translation.lexicon import Lexicon, load
from knowledge.translation.shortlist import Shortlist
from knowledge.translation.words import Token, lemma, pieces, plain

WHOLE = 60
"""Tables up to which a catalog is read whole."""
SOURCES = 4
"""Sources of a big catalog that a question is read against by itself."""
CLOSE = 0.6
"""How well the best table of a source must fit, of the best of all, for the source to be read by itself."""
FEW = 12
"""Tables of one source of a big catalog that a question is read against at least."""
_ENTRIES = 2_000
_INDEXES = 24


class Library:
    """What questions are read against; made once per catalog version."""

    def __init__(self, catalog: Catalog, lexicon: Lexicon, before: Sequence["Library"] = ()) -> None:
        self.tables = catalog.tables
        self._dialects = catalog.dialects
        self._lexicon = lexicon
        self.by_source: dict[str, list[int]] = {}
        for at, table in enumerate(catalog.tables):
            self.by_source.setdefault(table.source, []).append(at)
        self._labels = {name: labels_of(catalog.tables[at] for at in ats) for name, ats in self.by_source.items()}
        self._labels[EVERYWHERE] = labels_of(catalog.tables)
        self._named_in: dict[str, bool] = {}
        self._entries: OrderedDict[int, Entry] = OrderedDict()
        self._made: OrderedDict[tuple[str, tuple[int, ...], Said | None], Index] = OrderedDict()
        old = [library.shortlist for library in before if library.shortlist]
        big = len(catalog.tables) > WHOLE
        self.shortlist: Shortlist | None = None
        if big:
            self.shortlist = Shortlist(catalog.tables, lexicon, self._labels[EVERYWHERE], old)

    @property
    def size(self) -> int:
        """How many tables there are."""
        return len(self.tables)

    def names(self, word: str, language: str = "") -> bool:
        """Whether a table or column has this word in its name, or in what its name in a language is called."""
        if self.shortlist:
            return self.shortlist.names(word)
        indexes = self.open(()).sources
        if language:
            indexes = tuple(in_grammar(index, language, self._lexicon) for index in indexes)
        return any(word in index.by_word for index in indexes)

    def named_in(self, language: str) -> bool:
        """Whether most names of the catalog are words of a language other than English."""
        if language not in self._named_in:
            self._named_in[language] = named_in(self.tables, language)
        return self._named_in[language]

    def open(self, tokens: Sequence[Token], kept: Iterable[Key] = (), glossary: Glossary = EMPTY) -> "Shelf":
        """What a question is read against; tables that are `kept` are there whatever its words are."""
        return Shelf(self, tokens, kept, glossary)

    def with_terms(self, index: Index, glossary: Glossary) -> Index:
        """An index that knows a glossary; the index itself for an empty one."""
        if not glossary.terms:
            return index
        words = _Words(index.words)
        words.glossary = glossary
        return replace(index, glossary=glossary, dialects=self._dialects, words=words)

    @cached_property
    def inside(self) -> dict[str, frozenset[int]]:
        """Which tables each source has."""
        return {source: frozenset(ats) for source, ats in self.by_source.items()}

    def keys(self, source: str, names: Iterable[str]) -> list[Key]:
        """The keys of tables by their labels in a source, or over all."""
        wanted = set(names)
        known = self._labels.get(source)
        return [key for key, label in known.by_key.items() if label in wanted] if known and wanted else []

    def index(self, source: str, ats: tuple[int, ...], said: Said | None = None) -> Index:
        """The index of some tables; the latest ones are kept."""
        ats = tuple(sorted(ats))
        known = self._made.pop((source, ats, said), None)
        if known is None:
            entries = [self._entry(at) for at in ats]
            dialect = "duckdb" if source == EVERYWHERE else self._dialects.get(source, "sqlite")
            known = assemble(source, dialect, entries, self._labels[source], self._homes(ats), said)
        self._made[source, ats, said] = known
        if self.shortlist and len(self._made) > _INDEXES:
            self._made.popitem(last=False)
        return known

    def _entry(self, at: int) -> Entry:
        made = self._entries.pop(at, None) or entry(
            self.tables[at], self._lexicon, self._vocabularies[self.tables[at].source]
        )
        self._entries[at] = made
        if len(self._entries) > _ENTRIES:
            self._entries.popitem(last=False)
        return made

    @cached_property
    def _vocabularies(self) -> Mapping[str, frozenset[str]]:
        if self.shortlist:
            return self.shortlist.vocabularies
        return {
            source: vocabulary([self.tables[at] for at in ats], self._lexicon) for source, ats in self.by_source.items()
        }

    def _homes(self, ats: Iterable[int]) -> dict[Key, frozenset[str]]:
        """Words for where a table is: its schema, and its source among several."""
        many = len(self.by_source) > 1
        tables = [self.tables[at] for at in ats]
        return {key_of(t): _words(t.schema) | (_words(t.source) if many else frozenset()) for t in tables}


class Shelf:
    """The indexes that one question is read against: whole ones of a small catalog, of a big one a few tables each."""

    def __init__(
        self, library: Library, tokens: Sequence[Token], kept: Iterable[Key], glossary: Glossary = EMPTY
    ) -> None:
        self._library = library
        self._glossary = glossary
        shortlist = library.shortlist
        self._found = shortlist.found(tokens) if shortlist else None
        self._kept = [at for key in kept if (at := shortlist.ordinals.get(key)) is not None] if shortlist else []

    @cached_property
    def sources(self) -> tuple[Index, ...]:
        """One index per source; of a big catalog, of the sources that the words point at most."""
        library = self._library
        return tuple(library.with_terms(index, self._glossary) for index in self._sources())

    def _sources(self) -> Iterable[Index]:
        library = self._library
        if self._found is None:
            return tuple(library.index(name, tuple(ats)) for name, ats in library.by_source.items())
        homes: dict[str, list[int]] = {}
        for at in self._picked:
            homes.setdefault(library.tables[at].source, []).append(at)
        first = {library.tables[at].source for at in self._kept}
        scores, said = self._found.scores, self._found.said
        best = {name: max(scores.get(at, 0.0) for at in ats) for name, ats in homes.items()}
        ranked = sorted(homes, key=lambda name: (name not in first, -best[name], name))
        close = [name for name in ranked if name in first or best[name] >= CLOSE * max(best.values())]
        return tuple(library.index(name, self._few(name, homes[name]), said) for name in close[:SOURCES])

    @cached_property
    def everywhere(self) -> Index | None:
        """The index of all sources together; None when there is only one."""
        library = self._library
        if len(library.by_source) < 2:
            return None
        if self._found is None:
            return library.with_terms(library.index(EVERYWHERE, tuple(range(library.size))), self._glossary)
        index = library.index(EVERYWHERE, tuple(self._picked), self._found.said)
        return library.with_terms(index, self._glossary)

    @cached_property
    def _picked(self) -> list[int]:
        """The tables that fit best of all; a few others where no word points at any."""
        shortlist = self._library.shortlist
        assert shortlist is not None and self._found is not None  # noqa: S101, PT018
        return shortlist.pick(self._found.scores, self._kept) or [*range(min(SOURCES, self._library.size))]

    def _few(self, source: str, picked: Sequence[int]) -> tuple[int, ...]:
        """A small source whole; of another the best of all and, where these are few, more of its own best."""
        shortlist, own = self._library.shortlist, self._library.by_source[source]
        if len(own) <= FEW:
            return tuple(own)
        if len(picked) >= FEW or shortlist is None or self._found is None:
            return tuple(picked)
        inside = self._library.inside[source]
        return tuple(shortlist.pick(self._found.scores, picked, inside)[:FEW])


class _Words(dict[tuple[str, str], tuple[str, ...]]):
    """The words of tables and columns; a column that stands for a term has those of the term's name."""

    glossary: Glossary = EMPTY

    def __missing__(self, at: tuple[str, str]) -> tuple[str, ...]:
        term = self.glossary.get(at[1].removeprefix(TERM)) if at[1].startswith(TERM) else None
        if term is None:
            raise KeyError(at)
        return tuple(plain(term.name).split()) or (term.id,)


def _words(name: str) -> frozenset[str]:
    return frozenset(lemma(piece) for piece in pieces(name))


MOST_TABLES = 40_000
"""Tables of all catalogs for which libraries are kept."""


def library(catalog: Catalog) -> Library:
    """The library of a catalog, kept for the catalog's version; what other catalogs know of equal tables is used."""
    latest = _LATEST.get(id(catalog))
    if latest is not None and latest[0] is catalog:
        return latest[1]
    known = _CACHE.pop(catalog.version, None)
    known = known or Library(catalog, load(), list(_CACHE.values()))
    _CACHE[catalog.version] = known
    while len(_CACHE) > 1 and (len(_CACHE) > 200 or sum(kept.size for kept in _CACHE.values()) > MOST_TABLES):
        _CACHE.popitem(last=False)
    _LATEST[id(catalog)] = (catalog, known)
    while len(_LATEST) > 16:
        _LATEST.pop(next(iter(_LATEST)))
    return known


_CACHE: OrderedDict[str, Library] = OrderedDict()
_LATEST: dict[int, tuple[Catalog, Library]] = {}
