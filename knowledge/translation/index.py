"""What words can mean in one source: names, comments and sampled values, looked up by lemma and root."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from knowledge.catalog.model import Catalog, Column, Table
from knowledge.translation.ir import Field
from knowledge.translation.joins import Graph, graph_of
from knowledge.translation.lexicon import Lexicon, load
from knowledge.translation.words import lemma, pieces, plain, root

EXACT, STRIPPED, COMMENT, SYNONYM, PARTIAL, ROOT = 1.0, 0.96, 0.72, 0.7, 0.45, 0.4


@dataclass(frozen=True, slots=True)
class Target:
    """A table (`column` empty) or a column that words may mean, with how surely, 0..1."""

    table: str
    column: str
    score: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A stored value of a column that words spell."""

    field: Field
    stored: str


@dataclass
class Index:
    """Everything of one source that the linker looks up; made once per catalog version."""

    source: str
    dialect: str
    tables: dict[str, Table]
    graph: Graph
    exact: dict[frozenset[str], dict[tuple[str, str], float]] = field(default_factory=dict)
    words: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    by_word: dict[str, set[tuple[str, str]]] = field(default_factory=lambda: defaultdict(set))
    by_root: dict[str, set[tuple[str, str]]] = field(default_factory=lambda: defaultdict(set))
    values: dict[str, list[Hit]] = field(default_factory=lambda: defaultdict(list))
    longest_value: int = 1

    def column(self, at: Field) -> Column | None:
        """The catalog's column, or None for the row itself or an unknown name."""
        table = self.tables.get(at.table)
        return table.by_name.get(at.column.lower()) if table else None

    def key(self, table: str) -> str:
        """The single primary key column of a table, or an empty string."""
        key = self.tables[table].primary_key
        return key[0] if len(key) == 1 else ""

    def display(self, table: str) -> tuple[Field, ...]:
        """The columns by which a person knows a row of a table: its name, title or the like, else its key."""
        return _display(self, table)

    def refers(self, at: Field) -> str:
        """The table that a key column points at, or an empty string."""
        for key in self.tables[at.table].keys:
            if at.column.lower() in (column.lower() for column in key.columns):
                return key.target
        return ""

    def is_key(self, at: Field) -> bool:
        """True for a column of a primary or foreign key."""
        table = self.tables[at.table]
        return at.column in table.primary_key or bool(self.refers(at))


def indexes(catalog: Catalog, language: str = "en") -> tuple[Index, ...]:
    """One index per source of a catalog, kept for the catalog's version."""
    known = _CACHE.get((catalog.version, language))
    if known is None:
        sources = dict.fromkeys(table.source for table in catalog.tables)
        lexicon = load(language)
        known = tuple(build(s, catalog.dialects.get(s, "sqlite"), tuple(catalog.of(s)), lexicon) for s in sources)
        if len(_CACHE) >= 200:
            _CACHE.pop(next(iter(_CACHE)))
        _CACHE[(catalog.version, language)] = known
    return known


_CACHE: dict[tuple[str, str], tuple[Index, ...]] = {}


def build(source: str, dialect: str, tables: tuple[Table, ...], lexicon: Lexicon) -> Index:
    """The index of one source."""
    index = Index(source, dialect, {table.name: table for table in tables}, graph_of(tables))
    vocabulary = _vocabulary(tables, lexicon)
    for table in tables:
        names = _expand(table.name, lexicon, vocabulary)
        _add(index, (table.name, ""), names, {frozenset(names): EXACT})
        for column in table.columns:
            _add_column(index, table, column, names, _expand(column.name, lexicon, vocabulary))
            _add_values(index, Field(table.name, column.name), column)
            _add_codes(index, Field(table.name, column.name), column, lexicon)
        _add_comments(index, table)
    return index


def _vocabulary(tables: Iterable[Table], lexicon: Lexicon) -> frozenset[str]:
    names = [name for t in tables for name in (t.name, *(c.name for c in t.columns))]
    words = {lemma(piece) for name in names for piece in pieces(name) if len(piece) > 2}
    return frozenset(words | set(lexicon.synonyms) | {"name", "date", "number", "code", "type", "id", "time"})


def _expand(name: str, lexicon: Lexicon, vocabulary: frozenset[str]) -> tuple[str, ...]:
    """The lemmas of an identifier, abbreviations written out and run-together words split."""
    found: list[str] = []
    for piece in pieces(name):
        if piece in ("of", "the"):
            continue
        for word in lexicon.abbreviations.get(piece, (piece,)):
            found.extend(_split(lemma(word), vocabulary))
    return tuple(found) or (name.lower(),)


def _split(word: str, vocabulary: frozenset[str]) -> tuple[str, ...]:
    if word.endswith("name") and 4 < len(word) < 9:
        return ("name",) if len(word) == 5 else (word[:-4], "name")
    if word.endswith("id") and len(word) > 4 and word[:-2] in vocabulary:
        return word[:-2], "id"
    for cut in range(3, len(word) - 2):
        head, tail = word[:cut], word[cut:]
        if len(word) > 6 and head in vocabulary and tail in vocabulary and word not in ("number",):
            return head, tail
    return (word,)


def _add(index: Index, at: tuple[str, str], words: tuple[str, ...], variants: dict[frozenset[str], float]) -> None:
    index.words[at] = words
    for word in words:
        index.by_word[word].add(at)
        if len(word) > 3:
            index.by_root[root(word)].add(at)
    for variant, score in variants.items():
        known = index.exact.setdefault(variant, {})
        known[at] = max(known.get(at, 0.0), score)


def _add_column(index: Index, table: Table, column: Column, names: tuple[str, ...], words: tuple[str, ...]) -> None:
    own, owner = frozenset(words), frozenset(names)
    joined = frozenset({"".join(words)})
    variants = {own: EXACT, own | owner: EXACT, joined: STRIPPED}
    if own == owner:
        variants[owner | {"name"}] = EXACT
    rest = own - owner
    if rest and rest != own:
        variants[rest] = STRIPPED if rest != {"id"} or column.name in table.primary_key else 0.6
    if table.primary_key == (column.name,) and column.name.lower().endswith("id"):
        variants |= {frozenset({"id"}): STRIPPED, owner | {"id"}: EXACT}
    if "id" in own and len(own) > 1:
        variants.setdefault(own - {"id"} | {"number"}, 0.85)
        variants.setdefault(own - {"id"} | {"code"}, 0.85)
    if words[-1] == "count" and len(own) > 1:
        variants.setdefault(own - {"count"} | {"number"}, STRIPPED)
    for noise in ({"name"}, {"code"}, {"id"}, {"number"}):
        if len(own) > 1 and noise <= own and own - noise != owner and own - noise:
            variants.setdefault(own - noise, 0.9 if noise != {"id"} else 0.7)
    _add(index, (table.name, column.name), words, variants)


def _add_values(index: Index, at: Field, column: Column) -> None:
    if column.type.numeric or column.type.temporal:
        return
    for stored in column.values:
        text = plain(stored[:80])
        if text and not text.replace(" ", "").isdigit():
            hits = index.values[text]
            if len(hits) < 12 and all(hit.field != at for hit in hits):
                hits.append(Hit(at, stored))
            index.longest_value = min(8, max(index.longest_value, text.count(" ") + 1))


def _add_codes(index: Index, at: Field, column: Column, lexicon: Lexicon) -> None:
    """Words that stand for stored codes, such as “female” for F in a column of that kind."""
    names = set(index.words[(at.table, at.column)])
    for columns, words in lexicon.codes:
        if not names & columns:
            continue
        for word, codes in words.items():
            stored = next((v for code in codes for v in column.values if v.lower() == code.lower()), None)
            if stored is not None and all(hit.field != at for hit in index.values[word]):
                index.values[word].append(Hit(at, stored))


def _add_comments(index: Index, table: Table) -> None:
    for name, comment in [("", table.comment), *((c.name, c.comment) for c in table.columns)]:
        words = [lemma(word) for word in plain(comment).split()][:12]
        for width in (3, 2, 1):
            for i in range(len(words) - width + 1):
                gram = frozenset(words[i : i + width])
                if all(len(word) > 3 for word in gram):
                    known = index.exact.setdefault(gram, {})
                    known.setdefault((table.name, name), COMMENT if width == len(words) else 0.35 + 0.1 * width)


_NAMES = ("name", "title", "full name", "label")


@lru_cache(maxsize=4096)
def _display_words(names: tuple[tuple[str, tuple[str, ...], bool], ...], owner: tuple[str, ...]) -> tuple[str, ...]:
    own = [(name, tuple(word for word in words if word not in owner) or words) for name, words, text in names if text]
    for wanted in _NAMES:
        found = [name for name, words in own if " ".join(words) == wanted]
        if found:
            return (found[0],)
    people = [name for name, words in own if words[-1] == "name" and words[0] in ("first", "last")]
    if len(people) == 2:
        return tuple(people)
    for ending in ("name", "title"):
        found = [name for name, words in own if words[-1] == ending]
        if found:
            return (found[0],)
    same = [name for name, words, text in names if text and set(words) == set(owner)]
    spoken = [name for name, words in own if words[-1] in ("detail", "description", "label")]
    return tuple((same or spoken)[:1])


def _display(index: Index, table: str) -> tuple[Field, ...]:
    model = index.tables[table]
    names = tuple((c.name, index.words[(table, c.name)], not c.type.numeric) for c in model.columns)
    chosen = _display_words(names, index.words[(table, "")])
    if not chosen and index.key(table):
        chosen = (index.key(table),)
    return tuple(Field(table, name) for name in chosen or (model.columns[0].name,))
