"""Which words of the question each clause of the explanation was read from."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from knowledge.translation.chunks import Chunk
from knowledge.translation.explaining import Clause, Part
from knowledge.translation.ir import Filter, Item, Order, Scalar
from knowledge.translation.model import Phrase
from knowledge.translation.reading.draft import Reader
from knowledge.translation.reading.trace import Step
from knowledge.translation.words import Token, clean, tokenise

ASSUMED = "assumed"
BEFORE = "from the question before"
_QUOTES = ("'", '"', "“", "‘", "`")
_SHOWN = frozenset({"shown", "focus", "also", "absent"})
_IDLE = frozenset(
    {"ignore", "possessive", "their", "prep", "of", "show", "equals", "rel", "light", "and", "comma", "dot"}
)


@dataclass(frozen=True, slots=True)
class Words:
    """The question as it was written, and where each of its tokens stands in it."""

    text: str
    places: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, reader: Reader) -> "Words":
        """The words of a question as said; tokens that are not there stand for what is in their place."""
        cleaned = clean(reader.said)
        tokens = tokenise(reader.text) if reader.tokens is None else reader.tokens
        return cls(cleaned, tuple(_filled(cleaned, _found(cleaned, tokens))))

    def runs(self, chunks: Iterable[Chunk], heard: Iterable[Chunk]) -> Iterator[tuple[int, int]]:
        """The chunks as spans of characters; chunks with nothing heard between them are one span."""
        others = {at for chunk in heard for at in range(chunk.start, chunk.end)}
        first = last = -1
        for chunk in sorted(chunks, key=lambda one: one.start):
            if first >= 0 and others.isdisjoint(range(last, chunk.start)):
                last = max(last, chunk.end)
                continue
            if first >= 0:
                yield from self._span(first, last)
            first, last = chunk.start, chunk.end
        if first >= 0:
            yield from self._span(first, last)

    def _span(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        start = next((start for start, end in self.places[first:last] if end > start), None)
        end = max((end for _, end in self.places[first:last]), default=0)
        if start is not None:
            yield start, end


def _found(text: str, tokens: Sequence[Token]) -> list[tuple[int, int]]:
    at, places = 0, []
    for token in tokens:
        found = text.find(token.text, at)
        near = 0 <= found <= at + len(token.text) + 3
        quoted = near and token.kind == "quoted" and text[found - 1 : found] in _QUOTES
        places.append((found - quoted, found + len(token.text) + quoted) if near else (-1, -1))
        at = places[-1][1] if near else at
    return places


def _filled(text: str, places: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The places without gaps: “n't” was read as “not”."""
    at = 0
    for nth, (start, end) in enumerate(places):
        if start < 0:
            after = next((start for start, _ in places[nth:] if start >= 0), len(text))
            gap = text[at:after]
            start, end = at + len(gap) - len(gap.lstrip()), at + len(gap.rstrip())
            end = max(start, end)
        yield start, end
        at = end


def phrases(told: Sequence[Clause], reader: Reader) -> tuple[Phrase, ...]:
    """Each clause with its words; what has none was assumed, or stood in the question before."""
    words, follows, found = Words.of(reader), bool(reader.topic), []
    heard = [chunk for chunk in reader.chunks if not _idle(chunk)]
    left = _left(reader)
    for clause in told:
        chunks = {c.start: c for part in clause.parts for c in (*_read(reader.steps, part), *_named(left, part))}
        spans = tuple(words.runs([chunk for chunk in chunks.values() if not _idle(chunk)], heard))
        why = "" if spans else BEFORE if follows else ASSUMED
        if spans or not (clause.silent or clause.link == " of "):
            said = tuple(words.text[start:end] for start, end in spans)
            found.append(Phrase(clause.alone or clause.text, said, spans, why))
    return tuple(found)


def unread(reader: Reader) -> tuple[str, ...]:
    """The words that had no part in the reading, as they were written."""
    words = Words.of(reader)
    left = [chunk for chunk in _left(reader) if chunk in reader.lost or not (chunk.roles or _named_at_all(chunk))]
    return tuple(words.text[start:end] for chunk in left for start, end in words.runs([chunk], ()))


def _left(reader: Reader) -> list[Chunk]:
    used = {chunk.start for step in reader.steps for chunk in step.chunks}
    return [chunk for chunk in reader.chunks if chunk.start not in used]


def _named(left: Sequence[Chunk], part: Part) -> list[Chunk]:
    """Words that say once more what was understood already."""
    kind, wanted = part
    if kind == "table":
        return [chunk for chunk in left if chunk.table == wanted and not chunk.columns]
    return [chunk for chunk in left if isinstance(wanted, Item) and wanted.field in chunk.columns]


def _named_at_all(chunk: Chunk) -> bool:
    return bool(chunk.table or chunk.columns) and not chunk.value


def _idle(chunk: Chunk) -> bool:
    """Whether a chunk is only a word of grammar."""
    said = chunk.linked or chunk.value or chunk.number is not None or chunk.period
    return not said and bool(chunk.roles) and all(role in _IDLE for role, _ in chunk.roles)


def _read(steps: Sequence[Step], part: Part) -> list[Chunk]:
    """The chunks of the steps that fit a part of the query best."""
    scored = [(max((_fit(made, part) for made in step.parts), default=0), step) for step in steps]
    best = max((score for score, _ in scored), default=0)
    return [chunk for score, step in scored if score == best and best for chunk in step.chunks]


def _fit(made: Part, part: Part) -> int:
    """How well what was added to a draft fits what a clause tells: 0 for not at all."""
    (place, value), (kind, wanted) = made, part
    match wanted, value:
        case Filter(), Filter():
            return _filter_fit(value, wanted)
        case Filter(), str():
            return _table_fit(place, value, wanted)
        case Order(), Order():
            return _item_fit(value.item, wanted.item) + 1
        case Order(), _:
            return int(place == "desc")
        case Item(), _:
            return _shown_fit(value, wanted)
        case str(), Item():
            return 4 * (value.field.row and value.field.table == wanted)
    return 5 * ((place == kind or (kind == "table" and place in _SHOWN)) and value == wanted)


def _shown_fit(value: object, wanted: Item) -> int:
    """What is shown was named as such, else by what it is sorted by or compared for."""
    match value:
        case Item():
            return _item_fit(value, wanted)
        case Order():
            return min(2, _item_fit(value.item, wanted))
        case Filter():
            return int(value.op == "in" and value.item.field == wanted.field)
    return 0


def _item_fit(made: Item, wanted: Item) -> int:
    if made == wanted:
        return 5
    if made.grain and made.grain == wanted.grain:
        return 4
    if made.field == wanted.field:
        return 0 if made.grain or wanted.grain else 4
    counted = wanted.fn.endswith("count") and made.fn == "count"
    return 3 if not made.field.table and made.field.row and (counted or wanted.field.row) else 0


def _filter_fit(made: Filter, wanted: Filter) -> int:
    if made.query and wanted.query:
        return 5 if (made.item, made.op) == (wanted.item, wanted.op) else 0
    if wanted.query and any(_filter_fit(made, each) >= 4 for each in wanted.query.filters):
        return 4
    same = made.item.field == wanted.item.field
    if set(made.values) & set(wanted.values):
        return 4 if same else 3 if (made.op, made.values) == (wanted.op, wanted.values) else 0
    if made.op == wanted.op == "within":
        return int(same and _overlap(made.values, wanted.values))
    return 2 if same and made.op == wanted.op else 0


def _overlap(one: Sequence[Scalar], other: Sequence[Scalar]) -> bool:
    """Whether two periods share a day; an end that is missing is open."""
    (start, end), (first, last) = ((str(days[0] or "0"), str(days[1] or "9")) for days in (one, other))
    return start < last and first < end


def _table_fit(place: str, value: str, wanted: Filter) -> int:
    """“without any order”: a table that was named stands for the condition on it."""
    if place not in ("absent", "also") or wanted.op not in ("in", "not in", "null", "not null"):
        return 0
    return 2 if wanted.phrase == value or (wanted.query is not None and value in wanted.query.tables()) else 0
