"""What has been read so far, and the reader's place in the chunks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from knowledge.catalog.model import DataType
from knowledge.glossary import Metric
from knowledge.translation.chunks import Chunk
from knowledge.translation.index import Index
from knowledge.translation.ir import Field, Filter, Item, Order
from knowledge.translation.lexicon import Lexicon
from knowledge.translation.reading.trace import Step
from knowledge.translation.words import Token

END = Chunk("", -1, -1)
THAT = Item(Field("", "*"), "that")
"""Stands for the figure that the question before showed, until that is known."""
_NEVER = (
    "never",
    "have not",
    "has not",
    "have never",
    "has never",
    "do not",
    "does not",
    "did not",
    "have no",
    "has no",
)
OPPOSITE = {"=": "!=", "!=": "=", ">": "<=", "<": ">=", ">=": "<", "<=": ">", "in": "not in", "like": "not like",
            "between": "not between", "null": "not null", "not null": "null", "within": "not within"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Decision:
    """A phrase that could mean several columns, likeliest first, and the one that was taken."""

    id: str
    phrase: str
    options: tuple[Field, ...]
    chosen: Field


@dataclass
class Draft:
    """The parts of a query in the order they were read; `finish` makes a query of them."""

    select: list[Item] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    groups: list[Item] = field(default_factory=list)
    filters: list[Filter] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    limit: int | None = None
    distinct: bool = False
    focus: str = ""
    also: list[str] = field(default_factory=list)
    absent: str = ""
    through: str = ""
    topmost: str = ""
    turn: int | None = None
    alike: str = ""
    within: list[Filter] = field(default_factory=list)
    share: bool = False
    measured: bool = False
    everything: bool = False
    averaged: bool = False
    compared: bool = False
    ranked: bool = False
    tested: bool = False
    trend: str = ""
    pace: str = ""
    shift: str = ""
    peak: str = ""


@dataclass
class Reader:
    """A cursor over the chunks. `clause` is select, where or order; `pending` are items that wait for a condition."""

    chunks: Sequence[Chunk]
    index: Index
    lexicon: Lexicon
    choices: Mapping[str, str] = field(default_factory=dict)
    context: tuple[str, ...] = ()
    topic: str = ""
    draft: Draft = field(default_factory=Draft)
    at: int = 0
    clause: str = "select"
    pending: list[Item] = field(default_factory=list)
    fns: list[str] = field(default_factory=list)
    negated: bool = False
    negator: str = ""
    joiner: str = ""
    both: bool = False
    desc: bool | None = None
    distinct: bool = False
    asked: str = ""
    lost: list[Chunk] = field(default_factory=list)
    weak: list[Chunk] = field(default_factory=list)
    headed: bool = True
    superior: str = ""
    sold: str = ""
    quota: int | None = None
    unsupported: str = ""
    either: int = 0
    last: Item | None = None
    inner: int | None = None
    some: frozenset[int] = frozenset()
    guessed: list[str] = field(default_factory=list)
    unheard: list[str] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    before: tuple[list[Item], list[str]] | None = None
    steps: list[Step] = field(default_factory=list)
    today: date | None = None
    part: "Callable[[Sequence[Chunk]], Reader] | None" = None
    """Reads some of the chunks by themselves."""
    text: str = ""
    said: str = ""
    tokens: Sequence[Token] | None = None
    """The tokens that the chunks are cut from, where terms took the place of some words of the text."""

    def see(self, ahead: int = 0) -> Chunk:
        """The chunk so many places ahead; an empty one past the end."""
        here = self.at + ahead
        return self.chunks[here] if 0 <= here < len(self.chunks) else END

    def step(self, count: int = 1) -> bool:
        """Move on; always True so that a rule can end with it."""
        self.at += count
        return True

    def asked_anew(self) -> None:
        """Lay aside what was to be shown: “Which room is the largest? Give its price.” asks for the price."""
        draft = self.draft
        if any(item.fn for item in draft.select):
            return
        draft.focus = self.about or next(iter(draft.shown), "")
        self.before = (draft.select, draft.shown)
        draft.select, draft.shown = [], []

    def asked_at_all(self) -> None:
        """Show what was laid aside where nothing else is asked for, and beside mere counts of it."""
        draft = self.draft
        select, shown = self.before or ([], [])
        if self.before and not draft.shown and all(item.fn for item in draft.select):
            draft.select = [*select, *(item for item in draft.select if item not in select)]
            draft.shown = shown
        else:
            draft.also.extend(shown)

    def decide(self, kind: str, phrase: str, options: Sequence[Field]) -> Field | None:
        """The first option, or the one that the person chose; remembered where there was a choice."""
        if not options:
            return None
        id = f"{kind}:" + " ".join(phrase.lower().split())[:60]
        wanted = {
            self.choices.get(id),
            *(v for k, v in self.choices.items() if kind == "date" and k.startswith("date:")),
        }
        chosen = next((f for f in options if f"{f.table}.{f.column}" in wanted), options[0])
        if len(options) > 1:
            self.decisions.append(Decision(id, phrase, tuple(options), chosen))
        return chosen

    def many(self, one: str, many: str) -> bool:
        """Whether a row of the first table can have several in the second."""
        here = one
        for edge in self.index.graph.path([one], many, frozenset()) or []:
            if edge.one == here:
                return True
            here = edge.other(here)
        return False

    def left(self) -> Item | None:
        """What a condition is about: the item that waits, or after “or” and “and” the one before."""
        if self.pending:
            return self.pending[-1]
        return self.last if self.see(-1).has("or", "and", "comma", "either") else None

    @property
    def about(self) -> str:
        """The table in focus, be it of the question before."""
        named = (item.field.table for item in self.draft.select)
        return self.draft.focus or self.topic or next((table for table in named if table), "")

    def take_negation(self) -> bool:
        """Whether a negation waits, which it then no longer does."""
        waits, self.negated = self.negated, False
        return waits

    def metric(self, at: Field) -> Metric | None:
        """The metric of the glossary that a column stands for, or None."""
        term = self.index.term(at)
        return term.metric if term else None

    def numeric(self, at: Field) -> bool:
        """True for a column of numbers that is no key."""
        column = self.index.column(at)
        return bool(column and column.type.numeric)

    def flag(self, at: Field) -> bool:
        """True for a column that says yes or no."""
        column = self.index.column(at)
        return bool(column and column.type == DataType.BOOLEAN) or bool(self.index.answers(at))

    def temporal(self, at: Field) -> bool:
        """True for dates, timestamps and what is named like one but kept as text."""
        column = self.index.column(at)
        if column is None:
            return False
        words = self.index.words[(at.table, at.column)]
        named = bool({"date", "time", "timestamp", "datetime"} & set(words)) and column.type in (
            DataType.TEXT,
            DataType.OTHER,
        )
        return column.type.temporal or named

    def yearly(self, at: Field) -> bool:
        """True for a column that holds years as plain numbers."""
        column = self.index.column(at)
        return bool(column and "year" in self.index.words[(at.table, at.column)] and not column.type.temporal)

    def add(
        self, item: Item, op: str, *values: str | int | float | None, other: Field | None = None, phrase: str = ""
    ) -> None:
        """Add a condition, turned round when a negation waits, joined with the one before by “or” or “both”."""
        if self.take_negation():
            table = item.field.table
            none = self._never() if table == self.about else self._several(table)
            if op != "null" and not item.fn and none:
                self.draft.absent = table
            else:
                op = OPPOSITE.get(op, op)
        made = Filter(item, op, values, other=other, phrase=phrase)
        target = self.draft.within if not item.fn and self._of_the_absent(item.field.table) else self.draft.filters
        self.last = item
        if self.inner is not None and not self.joiner and not item.fn:
            outer = self.draft.filters[self.inner]
            if outer.query:
                query = replace(outer.query, filters=(*outer.query.filters, made))
                self.draft.filters[self.inner] = replace(outer, query=query)
                self.pending = []
                return
        self.inner = None
        self._join(made, target)
        self.pending, self.joiner, self.clause = [], "", "where"

    def _join(self, made: Filter, target: list[Filter]) -> None:
        last = target[-1] if target else None
        if last is None:
            target.append(made)
        elif self.joiner and _listed(last, made) and (self.joiner == "or" or not self._both_hold(made)):
            op = "in" if made.op == last.op == "=" or last.op == "in" else "not in"
            target[-1] = Filter(last.item, op, (*last.values, *made.values), phrase=last.phrase, either=last.either)
        elif self.joiner == "or" and any(_rivals(f, made) for f in target[:-1]) and target is self.draft.filters:
            self.draft.turn = len(target)
            target.append(made)
        elif self.joiner == "or" or (self.joiner == "and" and not self.both and _periods(last, made)):
            self.either += 0 if last.either else 1
            number = last.either or self.either
            target[-1] = _either(last, number)
            target.append(_either(made, number))
        else:
            target.append(made)

    def _of_the_absent(self, table: str) -> bool:
        """Whether a condition on a table says which rows there are none of."""
        absent, about = self.draft.absent, self.about
        if not absent or table == absent:
            return bool(absent)
        return table != about and (
            self.many(about, table)
            or self.index.graph.distance(about, table) >= self.index.graph.distance(absent, table)
        )

    def _never(self) -> bool:
        """“studios that have never made ...”: of several rows of each value that is asked for, none is so."""
        shown = [item.field for item in self.draft.select]
        bare = (
            len(shown) == 1 and not self.draft.shown and not self.draft.select[0].fn and not self.index.is_key(shown[0])
        )
        told = self.negator.startswith(_NEVER) and not self.draft.absent
        return bool(told and bare and shown[0] not in self.index.display(shown[0].table))

    def _several(self, table: str) -> bool:
        return not self.draft.absent and bool(self.about) and self.many(self.about, table)

    def _both_hold(self, made: Filter) -> bool:
        """Whether “A and B” of one column are two rows of each thing asked for, and not a list of either."""
        if all(isinstance(value, int | float) for value in made.values) and not self.both:
            return False
        table = made.item.field.table
        if self.draft.absent or made.op != "=" or (self._summing() and not self.both):
            return False
        return self.both or table == self.draft.through or (table != self.about and self.many(self.about, table))

    def _summing(self) -> bool:
        """Whether a figure of many rows is asked for, to which the rows of each value add."""
        items = [item for item in self.draft.select if not item.field.row and item.fn != "count"]
        return bool(items) and all(self.numeric(item.field) and not self.index.is_key(item.field) for item in items)


def _listed(last: Filter, made: Filter) -> bool:
    """Whether two conditions give values of one column: “is A or B”, “is not A or B”."""
    if last.item != made.item or last.query or made.query or made.other or last.other:
        return False
    return (last.op in ("=", "in") and made.op == "=") or (last.op in ("!=", "not in") and made.op in ("=", "!="))


def _rivals(one: Filter, other: Filter) -> bool:
    """Whether two conditions give different values of one column, as in “autumn 2009 or spring 2010”."""
    return one.item == other.item and one.op == other.op == "=" and one.values != other.values and not one.either


def _periods(last: Filter, made: Filter) -> bool:
    """“in May and July”: no moment is in both, so either will do."""
    apart = last.values[1:] != made.values[1:] and None not in (*last.values, *made.values)
    return last.op == made.op == "within" and last.item == made.item and apart


def _either(made: Filter, number: int) -> Filter:
    return Filter(made.item, made.op, made.values, made.query, made.other, number, made.phrase)


def condition_follows(r: Reader, ahead: int, about: Field | None = None) -> bool:
    """Whether the next chunks compare what stands before them with something."""
    while r.see(ahead).has("either", "equals", "neg", "both") and not r.see(ahead).linked:
        ahead += 1
    here = r.see(ahead)
    if here.linked:
        return False
    if here.period is not None:
        return about is None or r.temporal(about) or r.yearly(about)
    return here.has("cmp", "between", "starts", "ends") or here.value or here.number is not None
