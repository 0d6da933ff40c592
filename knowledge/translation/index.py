"""What words can mean in some tables: names, comments and sampled values, looked up by lemma and root."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from knowledge.catalog.model import Column, DataType, Table
from knowledge.glossary import EMPTY, Glossary, Term
from knowledge.translation.ir import Field
from knowledge.translation.joins import Graph, graph_of
from knowledge.translation.labels import Key, Labels, key_of, labels_of
from knowledge.translation.lexicon import Lexicon
from knowledge.translation.synonyms.facts import facts
from knowledge.translation.words import lemma, pieces, plain, root

_ANSWERS = {"yes": True, "y": True, "true": True, "t": True, "no": False, "n": False, "false": False, "f": False}
TERM = "term:"
"""What the columns begin with that stand for a term of the glossary: a metric, or whether a row meets a condition."""
EXACT, STRIPPED, COMMENT, SYNONYM, PARTIAL, ROOT = 1.0, 0.96, 0.72, 0.7, 0.45, 0.4


@dataclass(frozen=True, slots=True)
class Target:
    """A table (`column` empty) or a column that words may mean, with how surely, 0..1."""

    table: str
    column: str
    score: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A stored value of a column that words spell; `alike` are the values that misspelt words may stand for."""

    field: Field
    stored: str
    alike: tuple[str, ...] = ()


@dataclass
class Index:
    """Everything that the linker looks up of some tables of one source, or of all (`*`); tables go by their labels."""

    source: str
    dialect: str
    tables: dict[str, Table]
    graph: Graph
    labels: Labels
    exact: MutableMapping[frozenset[str], dict[tuple[str, str], float]] = field(default_factory=dict)
    words: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    by_word: dict[str, set[tuple[str, str]]] = field(default_factory=lambda: defaultdict(set))
    by_root: dict[str, set[tuple[str, str]]] = field(default_factory=lambda: defaultdict(set))
    values: MutableMapping[str, list[Hit]] = field(default_factory=lambda: defaultdict(list))
    longest_value: int = 1
    spoken: dict[str, "Index"] = field(default_factory=dict)
    meant: frozenset[frozenset[str]] = frozenset()
    kept: dict[str, object] = field(default_factory=dict)
    """What is worked out once for the index and its copies."""
    glossary: Glossary = EMPTY
    dialects: Mapping[str, str] = field(default_factory=dict)
    told: Mapping[str, tuple[Target, ...]] = field(default_factory=dict)
    """What the tokens of a question mean that are terms."""

    def term(self, at: Field) -> Term | None:
        """The term that a column stands for, or None for a column of the catalog."""
        return self.glossary.get(at.column.removeprefix(TERM)) if at.column.startswith(TERM) else None

    def column(self, at: Field) -> Column | None:
        """The catalog's column, or None for the row itself or an unknown name."""
        if at.column.startswith(TERM):
            return _of_term(at, self.term(at))
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
        table = self.tables[at.table]
        for key in table.keys:
            if at.column.lower() in (column.lower() for column in key.columns):
                away = bool(key.source) and key.source != table.source
                return self.labels.target(table, key) or ("" if away else key.target)
        return ""

    def answers(self, at: Field) -> dict[bool, str]:
        """How a column of texts says yes and no; empty for one that says anything else."""
        column = self.column(at)
        if column is None or column.type.numeric or not column.values or (column.distinct or 3) > len(column.values):
            return {}
        stored = {_ANSWERS.get(value.strip().lower()): value for value in column.values}
        return {bool(said): value for said, value in stored.items()} if None not in stored else {}

    def is_key(self, at: Field) -> bool:
        """True for a column of a primary or foreign key."""
        table = self.tables[at.table]
        name = at.column.lower()
        return at.column in table.primary_key or any(name == c.lower() for key in table.keys for c in key.columns)


def _of_term(at: Field, term: Term | None) -> Column | None:
    if term is None:
        return None
    if term.metric:
        return Column(at.column, DataType.NUMBER, unit=term.metric.unit)
    return Column(at.column, DataType.BOOLEAN)


@dataclass(frozen=True)
class Entry:
    """What the words of one table can mean, whatever stands beside it: made once, put into any number of indexes."""

    table: Table
    names: tuple[str, ...]
    columns: tuple[tuple[Column, tuple[str, ...]], ...]
    lexicon: Lexicon
    made: dict[str, Mapping[frozenset[str], float]] = field(default_factory=dict)

    def variants(self, column: Column, words: tuple[str, ...]) -> Mapping[frozenset[str], float]:
        """Sets of words that name a column, with how surely."""
        if column.name not in self.made:
            self.made[column.name] = _variants(self.table, column, self.names, words)
        return self.made[column.name]

    @cached_property
    def values(self) -> tuple[tuple[str, str, str, bool], ...]:
        """Sampled values as they are looked up, each with its column, as it is stored, and whether it is a code."""
        found = ((*_values(c), *_codes(c, words, self.lexicon), *_known(c, words, self)) for c, words in self.columns)
        return tuple(value for values in found for value in values)

    @cached_property
    def comments(self) -> tuple[tuple[frozenset[str], str, float], ...]:
        """Words of comments that stand side by side, each with the column and how surely they mean it."""
        return tuple(_comments(self.table))


@dataclass(frozen=True, slots=True)
class Said:
    """The words of a question, and the tables whose sampled values they spell.

    `words` are those that names are made of, also those that rules put beside what is said; `own` are without these.
    """

    words: frozenset[str]
    own: frozenset[str]
    spelled: frozenset[Key]

    def may_name(self, entry: Entry, column: Column, words: tuple[str, ...]) -> bool:
        """Whether a column can be meant at all."""
        keyed = "id" in self.own and column.name in entry.table.primary_key
        return keyed or not self.own.isdisjoint((*words, *entry.names, "".join(words)))


def build(source: str, dialect: str, tables: tuple[Table, ...], lexicon: Lexicon) -> Index:
    """The index of one source."""
    words = vocabulary(tables, lexicon)
    return assemble(source, dialect, [entry(table, lexicon, words) for table in tables], labels_of(tables))


def entry(table: Table, lexicon: Lexicon, known: frozenset[str]) -> Entry:
    """The entry of a table; `known` are the words that run-together names are split into."""
    names = expand(table.name, lexicon, known)
    columns = tuple((c, _unmarked(expand(c.name, lexicon, known), names, known)) for c in table.columns)
    return Entry(table, names, columns, lexicon)


def _unmarked(words: tuple[str, ...], names: tuple[str, ...], known: frozenset[str]) -> tuple[str, ...]:
    """`dphone` of departments without the letter that says whose it is."""
    marked = len(words) == 1 and len(words[0]) > 4 and words[0][0] == names[0][0]
    return (words[0][1:],) if marked and words[0][1:] in known else words


def assemble(
    source: str,
    dialect: str,
    entries: Iterable[Entry],
    known: Labels,
    homes: Mapping[Key, frozenset[str]] | None = None,
    said: Said | None = None,
) -> Index:
    """The index of some tables; `known` has the labels of these and of others, `homes` words that tell where each is.

    Where a table is may be said before its name: “web sessions”, “archive orders”. With `said`, the index is good for
    one question only: names, comments and values that its words can't mean are not looked up in it.
    """
    entries = tuple(entries)
    tables = {known.of(e.table): e.table for e in entries}
    index = Index(source, dialect, tables, graph_of(tables.values(), known), known)
    wanted = said.words if said else None
    for made in entries:
        key = key_of(made.table)
        names, label = frozenset(made.names), known.by_key[key]
        home = homes.get(key, frozenset()) if homes else frozenset()
        _add(index, (label, ""), made.names, {names: EXACT, **({names | home: EXACT} if home else {})}, wanted)
        for column, words in made.columns:
            may = said is None or said.may_name(made, column, words)
            _add(index, (label, column.name), words, made.variants(column, words) if may else {}, wanted)
        if said is None or key in said.spelled:
            _add_values(index, label, made)
        for gram, name, score in made.comments:
            if wanted is None or gram <= wanted:
                index.exact.setdefault(gram, {}).setdefault((label, name), score)
    return index


def vocabulary(tables: Iterable[Table], lexicon: Lexicon) -> frozenset[str]:
    """Words that the names of tables and columns are made of."""
    names = [name for t in tables for name in (t.name, *(c.name for c in t.columns))]
    words = {lemma(piece) for name in names for piece in pieces(name) if len(piece) > 2}
    return frozenset(words | set(lexicon.synonyms) | {"name", "date", "number", "code", "type", "id", "time"})


def expand(name: str, lexicon: Lexicon, vocabulary: frozenset[str]) -> tuple[str, ...]:
    """The lemmas of an identifier, abbreviations written out and run-together words split."""
    found: list[str] = []
    for piece in pieces(name):
        if piece in ("of", "the"):
            continue
        full = lexicon.abbreviations.get(piece, (piece,))
        # A column called just “No” numbers its rows; it does not count anything.
        for word in (piece,) if full == ("number",) and not found and name.lower() == piece else full:
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


def _add(
    index: Index,
    at: tuple[str, str],
    words: tuple[str, ...],
    variants: Mapping[frozenset[str], float],
    said: frozenset[str] | None,
) -> None:
    index.words[at] = words
    for word in words:
        if said is None or word in said:
            index.by_word[word].add(at)
            if len(word) > 3:
                index.by_root[root(word)].add(at)
    for variant, score in variants.items():
        if said is None or variant <= said:
            known = index.exact.setdefault(variant, {})
            known[at] = max(known.get(at, 0.0), score)


def _variants(
    table: Table, column: Column, names: tuple[str, ...], words: tuple[str, ...]
) -> dict[frozenset[str], float]:
    """Sets of words that name a column, with how surely."""
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
    return variants


def _values(column: Column) -> Iterator[tuple[str, str, str, bool]]:
    """Sampled values as they are looked up, each with its column, as it is stored, and whether it is a code."""
    if column.type.numeric or column.type.temporal:
        return
    for stored in column.values:
        text = plain(stored[:80])
        if text and not text.replace(" ", "").isdigit():
            yield text, column.name, stored, False


def _codes(column: Column, names: Iterable[str], lexicon: Lexicon) -> Iterator[tuple[str, str, str, bool]]:
    """Words that stand for stored codes, such as “female” for F in a column of that kind."""
    if not column.values:
        return
    stored = {value.lower(): value for value in reversed(column.values)}
    for columns, words in lexicon.codes:
        if not columns.isdisjoint(names):
            for word, codes in words.items():
                found = next((stored[code.lower()] for code in codes if code.lower() in stored), None)
                if found is not None:
                    yield word, column.name, found, True


def _known(column: Column, words: tuple[str, ...], of: "Entry") -> Iterator[tuple[str, str, str, bool]]:
    """What else people say for stored names and codes, such as “French” or “FR” for France."""
    if column.type.numeric or column.type.temporal:
        return
    lexicon = of.lexicon
    for stored in column.values:
        for text in facts(lexicon.language).spoken(stored, (*words, *of.names)):
            if len(text) > 1 and not lexicon.roles((text,)):
                yield text, column.name, stored, False


def _add_values(index: Index, label: str, made: Entry) -> None:
    for text, column, stored, code in made.values:
        hits, at = index.values[text], Field(label, column)
        if (code or len(hits) < 12) and all(hit.field != at for hit in hits):
            hits.append(Hit(at, stored))
        if not code:
            index.longest_value = min(8, max(index.longest_value, text.count(" ") + 1))


def _comments(table: Table) -> Iterator[tuple[frozenset[str], str, float]]:
    for name, comment in [("", table.comment), *((c.name, c.comment) for c in table.columns)]:
        words = [lemma(word) for word in plain(comment).split()][:12] if comment else []
        for width in (3, 2, 1):
            for i in range(len(words) - width + 1):
                gram = frozenset(words[i : i + width])
                if all(len(word) > 3 for word in gram):
                    yield gram, name, COMMENT if width == len(words) else 0.35 + 0.1 * width


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
