"""What speaks for and against a candidate, as numbers: how its parts agree with the words of the question."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from knowledge.translation.chunks import Chunk
from knowledge.translation.deciding import confidence, features, off_topic
from knowledge.translation.ir import Field, Filter, Query
from knowledge.translation.ranking.candidates import Candidate
from knowledge.translation.ranking.edits import EDITS
from knowledge.translation.reading.draft import Reader

ROLES = ("count", "much", "distinct", "both", "either", "and", "or", "per", "each", "by", "of", "rel", "neg", "order",
         "asc", "desc", "alphabetical", "top", "bottom", "common", "uncommon", "number_super", "number_sub", "share",
         "super", "adjective", "cmp", "between", "everything", "which", "who", "show", "dot", "equals")  # fmt: skip
"""Roles of which the number of words that play them is a feature."""
_EDITS = {edit.__name__: float(at) for at, edit in enumerate(EDITS, 1)}
PLACES = (("of",), ("prep",), ("and", "comma"), ("show", "which", "who"), ("rel",), ("each", "per", "by"),
          ("cmp", "equals", "neg"), ("count", "agg", "distinct"))  # fmt: skip
"""What may stand before a name and tells what the name is for."""
_NEGATIVE = {"!=", "not in", "not like", "null", "not between", "not within"}
_LARGER = {">", ">="}
_SMALLER = {"<", "<="}


@dataclass(frozen=True)
class Heard:
    """What one reader heard, worked out once for all candidates that come from it."""

    reader: Reader
    mentions: dict[Field, float] = field(default_factory=dict)
    tables: dict[str, float] = field(default_factory=dict)
    firsts: dict[Field, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for at, chunk in enumerate(self.reader.chunks):
            for target in chunk.targets:
                if target.column:
                    key = Field(target.table, target.column)
                    self.mentions[key] = max(self.mentions.get(key, 0.0), target.score)
                    self.firsts.setdefault(key, at)
                else:
                    self.tables[target.table] = max(self.tables.get(target.table, 0.0), target.score)

    @cached_property
    def linked(self) -> list[tuple[int, Chunk]]:
        """Chunks that name something."""
        return [(at, c) for at, c in enumerate(self.reader.chunks) if c.targets and not c.has("light")]

    @cached_property
    def places(self) -> list[tuple[Chunk, int, bool]]:
        """Chunks that name something, what stands before each (its place in `PLACES`), and whether a test follows."""
        found = []
        for at, chunk in self.linked:
            before = self.reader.chunks[at - 1] if at else None
            after = self.reader.chunks[at + 1] if at + 1 < len(self.reader.chunks) else None
            place = next((i for i, roles in enumerate(PLACES) if before and before.has(*roles)), -1)
            tested = bool(after and not after.targets and (after.has("cmp", "between", "equals") or after.value))
            found.append((chunk, place, tested))
        return found

    @cached_property
    def roles(self) -> list[float]:
        """How often each of `ROLES` is played."""
        played = Counter(role for chunk in self.reader.chunks for role, _ in chunk.roles[:1])
        return [float(min(3, played[role])) for role in ROLES]

    @cached_property
    def aggregates(self) -> Counter[str]:
        """Aggregate words by what they ask for."""
        return Counter(arg for c in self.reader.chunks for role, arg in c.roles[:2] if role in ("agg", "super"))

    @cached_property
    def head(self) -> int:
        """Where the part that says what is wanted ends: the first relative, preposition or condition behind a name."""
        named = False
        for at, chunk in enumerate(self.reader.chunks):
            if named and chunk.has("rel", "prep", "neg", "cmp", "order", "each", "per", "dot") and not chunk.targets:
                return at
            named = named or bool(chunk.targets)
        return len(self.reader.chunks)

    @cached_property
    def values(self) -> list[Chunk]:
        """Words that can be stored values."""
        return [c for c in self.reader.chunks if c.quoted or (c.hits and (c.capital or not c.targets))]

    @cached_property
    def numbers(self) -> list[float]:
        """Numbers said."""
        return [c.number for c in self.reader.chunks if c.number is not None]

    @cached_property
    def common(self) -> list[float]:
        """Features of the question alone."""
        reader = self.reader
        return [
            float(len(reader.chunks)), float(len(reader.lost)), float(len(reader.weak)), float(len(reader.guessed)),
            float(len(reader.unheard)), float(reader.headed), float(len(self.values)), float(len(self.numbers)),
            float(len(self.linked)), float(self.head), float(bool(reader.unsupported)), float(off_topic(reader)),
            float(len(self.tables)), *(float(self.aggregates[fn]) for fn in ("avg", "sum", "min", "max")),
            float(sum(bool(c.period) for c in reader.chunks)),
            *self.roles,
        ]  # fmt: skip


def vector(heard: Heard, candidate: Candidate, base: Query) -> list[float]:
    """The features of a candidate; `base` is the query as read."""
    query = candidate.query
    return [
        _EDITS.get(candidate.edit, 0.0),
        candidate.relinked,
        float(query == base),
        confidence(heard.reader, query),
        *features(heard.reader, query).values(),
        *heard.common,
        *_shown(heard, query),
        *_named(heard, query),
        *_conditions(heard, query),
        *_arranged(heard, query),
        *_placed(heard, query),
    ]


def _shown(heard: Heard, query: Query) -> list[float]:
    """What is selected, and whether the question says so."""
    r, plain = heard.reader, [i for i in query.select if not i.fn]
    unsaid = [i for i in plain if heard.mentions.get(i.field, 0.0) < 0.6]
    index = r.index
    keys = [i for i in plain if index.is_key(i.field)]
    display = [i for i in plain if i.field in index.display(i.field.table)]
    late = [i for i in plain if heard.firsts.get(i.field, 99) > heard.head and i not in unsaid]
    functions = Counter(i.fn for i in query.select if i.fn)
    chosen = [i.field for i in plain]
    head = [(at, c) for at, c in heard.linked if at < heard.head and c.columns and (not c.table or c.targets[0].column)]
    missed = [c for _, c in head if not any(Field(t.table, t.column) in chosen for t in c.targets)]
    tail = [c for at, c in heard.linked if at > heard.head and c.columns and not c.table]
    shown_tail = [c for c in tail if any(f in chosen for f in c.columns)]
    counted = [i for i in query.select if i.fn == "count"]
    return [
        float(len(query.select)), float(len(plain)), float(len(unsaid)), float(len(keys)), float(len(display)),
        float(sum(i in unsaid for i in keys)), float(sum(i in unsaid for i in display)), float(len(late)),
        min((heard.mentions.get(i.field, 0.0) for i in plain), default=1.0),
        sum(heard.mentions.get(i.field, 0.0) for i in plain),
        sum(heard.tables.get(i.field.table, 0.0) for i in unsaid),
        float(len(missed)), float(len(head)), float(len(shown_tail)),
        *(functions[fn] - heard.aggregates[fn] for fn in ("avg", "sum", "min", "max")),
        float(functions["count"]), float(len(functions)),
        float(any(i.distinct for i in counted)), float(any(not i.field.row for i in counted)),
        max((heard.tables.get(i.field.table, 0.0) for i in counted), default=-1.0),
        float(any(i.field.table == query.focus for i in counted)) if counted else -1.0,
        float(len({i.field.table for i in query.select})),
        heard.tables.get(query.focus, 0.0), float(bool(plain) and plain[0].field.table == query.focus),
        float(sum(not r.numeric(f) for f in chosen)), float(bool(query.distinct)),
    ]  # fmt: skip


def _named(heard: Heard, query: Query) -> list[float]:
    """Whether the words that name something are in the query, and what is in it that no word names."""
    fields, tables = set(_fields(query)), set(_tables(query))
    outer = query.tables()
    owners = {f.table for f in fields}
    unmet = half = low = 0
    stretched = 0.0
    for _, chunk in heard.linked:
        met = max((t.score for t in chunk.targets if _met(t.table, t.column, fields, tables)), default=0.0)
        best = max(t.score for t in chunk.targets)
        unmet += met == 0.0 and best >= 0.9
        half += met == 0.0 and 0.6 <= best < 0.9
        low += met == 0.0 and best < 0.6
        stretched += best - met if met else 0.0
    unnamed = [t for t in tables if heard.tables.get(t, 0.0) < 0.6]
    bare = [t for t in outer if t not in owners]
    graph = heard.reader.index.graph
    return [
        float(unmet), float(half), float(low), stretched, float(len(tables)), float(len(outer)),
        float(len(unnamed)), float(sum(t not in owners for t in unnamed)), float(len(bare)),
        float(sum(heard.tables.get(t, 0.0) >= 0.6 for t in bare)),
        float(sum(t not in tables and score >= 0.9 for t, score in heard.tables.items())),
        float(sum(graph.distance(query.focus, t) for t in outer)),
        float(sum(heard.mentions.get(f, 0.0) < 0.6 for f in fields if not f.row)),
        float(len(fields)),
        sum(heard.mentions.get(f, 0.0) for f in fields if not f.row) / max(1, len(fields)),
    ]  # fmt: skip


def _met(table: str, column: str, fields: set[Field], tables: set[str]) -> bool:
    return Field(table, column) in fields if column else table in tables


def _conditions(heard: Heard, query: Query) -> list[float]:
    """The conditions, and whether the question says their values and columns."""
    filters = list(_filters(query))
    ops = Counter(f.op for f in filters)
    values = {str(v).lower() for f in filters for v in f.values}
    phrases = {f.phrase.lower() for f in filters}
    unused = [
        c
        for c in heard.values
        if c.text.lower() not in phrases
        and c.text.lower() not in values
        and not any(h.stored.lower() in values for h in c.hits)
    ]
    numbers = {float(v) for f in filters for v in f.values if isinstance(v, int | float)}
    loose = [n for n in heard.numbers if n not in numbers and n != query.limit]
    unsaid = [f for f in filters if heard.mentions.get(f.item.field, 0.0) < 0.6 and not f.item.field.row]
    ranks = [_hit_rank(heard, f) for f in filters]
    compared = sum(ops[o] for o in (*_LARGER, *_SMALLER))
    return [
        float(len(filters)), float(len(query.filters)), float(len(unused)), float(len(loose)), float(len(unsaid)),
        float(max(ranks, default=-1)), float(sum(f.query is not None for f in filters)),
        float(sum(bool(f.item.fn) for f in filters)), float(sum(bool(f.either) for f in filters)),
        float(ops["="]), float(ops["in"]), float(ops["not in"]), float(ops["like"]), float(compared),
        float(sum(ops[o] for o in _LARGER)), float(sum(ops[o] for o in _SMALLER)), float(ops[">="] + ops["<="]),
        float(sum(ops[o] for o in _NEGATIVE)), float(ops["null"] + ops["not null"]), float(ops["within"]),
        float(sum(f.item.field.table == query.focus for f in filters)),
        float(query.combine == "intersect"), float(query.combine == "except"), float(query.combine == "union"),
        float(sum(len(f.values) for f in filters)), float(len({f.item.field for f in filters})),
    ]  # fmt: skip


def _hit_rank(heard: Heard, f: Filter) -> int:
    """How many columns fit a stored value better than the one taken; -1 for what is not stored."""
    for value in f.values:
        for chunk in heard.reader.chunks:
            for at, hit in enumerate(chunk.hits):
                if hit.field == f.item.field and hit.stored == value:
                    return at
    return -1


def _arranged(heard: Heard, query: Query) -> list[float]:
    """Groups, order and limit."""
    order = query.order[0].item if query.order else None
    said = heard.mentions
    return [
        float(len(query.group)), float(sum(i in query.select for i in query.group)),
        float(sum(said.get(i.field, 0.0) >= 0.6 for i in query.group)),
        float(sum(heard.reader.index.is_key(i.field) for i in query.group)),
        float(any(i.fn for i in query.select)), float(any(i.grain for i in query.group)),
        float(len(query.order)), float(bool(query.order) and query.order[0].desc),
        float(bool(order and order.fn == "count")), float(bool(order and order.fn and order.fn != "count")),
        said.get(order.field, 0.0) if order else -1.0, float(bool(order and order in query.select)),
        heard.tables.get(order.field.table, 0.0) if order else -1.0,
        float(query.limit or 0), float(query.limit == 1), float(bool(query.within)),
        float(bool(order and heard.reader.numeric(order.field))),
        float(heard.firsts.get(order.field, -1)) if order else -2.0,
    ]  # fmt: skip


def _placed(heard: Heard, query: Query) -> list[float]:
    """How many names are shown, and how many are not, by what stands before them; tables joined or left out so."""
    shown = {item.field for item in query.select}
    displayed = {item.field.table for item in query.select if not item.fn}
    tables = set(query.tables())
    counts = [0.0] * (4 * len(PLACES))
    tested = untested = 0.0
    for chunk, place, followed in heard.places:
        selected = any(field in shown for field in chunk.columns) or (chunk.table and chunk.table in displayed)
        tested += bool(followed and selected)
        untested += bool(followed and not selected)
        if place >= 0:
            counts[4 * place + (0 if selected else 1)] += 1.0
            if chunk.table and not chunk.columns:
                counts[4 * place + (2 if chunk.table in tables else 3)] += 1.0
    return [tested, untested, *counts]


def _filters(query: Query) -> Iterator[Filter]:
    for f in query.filters:
        yield f
        if f.query:
            yield from _filters(f.query)
    if query.second:
        yield from _filters(query.second)


def _fields(query: Query) -> Iterator[Field]:
    yield from query.fields()
    for f in query.filters:
        if f.query:
            yield from _fields(f.query)
    if query.second:
        yield from _fields(query.second)


def _tables(query: Query) -> Iterator[str]:
    yield from query.tables()
    for f in query.filters:
        if f.query:
            yield from _tables(f.query)
    if query.second:
        yield from _tables(query.second)
