"""Lays a question over the slots of a pattern: words against words, and what stands in the place of each parameter."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, permutations, product

from knowledge.catalog.model import Catalog
from knowledge.translation.assisted import compare
from knowledge.translation.lexicon import Lexicon
from knowledge.translation.model import Read, Translation
from knowledge.translation.times import Period
from knowledge.translation.words import plain
from knowledge.values.port import Values
from knowledge.verified.binding import New, fits, stored_as
from knowledge.verified.book import Pattern, Slot
from knowledge.verified.model import Parameter, VerifiedQuery
from knowledge.verified.parameters import occurrences
from knowledge.verified.parts import Mark, parts
from knowledge.verified.segment import Item, Segmented, period_of

WAYS = 12
"""Ways to put values into the slots of a reordered question that are tried."""
Bound = tuple[tuple[Parameter, New], ...]


class Words:
    """Which words say the same over one catalog: a word that names nothing stands for its one synonym that does."""

    def __init__(self, lexicon: Lexicon, names: Callable[[str], bool]) -> None:
        self._lexicon = lexicon
        self._names = names
        self._known: dict[str, str] = {}

    def meant(self, word: str) -> str:
        """The word that a word stands for."""
        if word not in self._known:
            others = self._lexicon.synonyms.get(word, frozenset())
            named = sorted(other for other in others if self._names(other))
            self._known[word] = named[0] if len(named) == 1 and not self._names(word) else word
        return self._known[word]

    def alternatives(self, words: Iterable[str]) -> set[str]:
        """The words, and all that may stand for the same."""
        said = set(words)
        meant = {self.meant(word) for word in said}
        return {*said, *meant, *(other for word in meant for other in self._lexicon.synonyms.get(word, ()))}


@dataclass(frozen=True, slots=True)
class Aligned:
    """A pattern that the question is, with what stands for each parameter; `others` of them are others than its own."""

    pattern: Pattern
    values: Bound
    others: int


@dataclass(frozen=True, slots=True)
class _Looking:
    pattern: Pattern
    said: Segmented
    words: Words
    catalog: Catalog
    values: Values | None
    moves: Callable[[VerifiedQuery], bool]

    def same(self, slot: Slot, item: Item) -> bool:
        """Whether an item says what a fixed slot says."""
        own = slot.item
        if own.kind != item.kind:
            return False
        match own.kind:
            case "number":
                return (own.number, own.text) == (item.number, item.text)
            case "period":
                return self._same_period(own, item)
            case _:
                return self.words.meant(own.text) == self.words.meant(item.text)

    def _same_period(self, own: Item, item: Item) -> bool:
        """The same days; the same words where the query itself counts from the present day."""
        if own.period is None or item.period is None:
            return False
        if self.moves(self.pattern.query):
            return own.text == item.text
        return (own.period.start, own.period.end) == (item.period.start, item.period.end)

    def other(self, parameter: Parameter, item: Item) -> New | None:
        """The number or period that an item puts in the place of a parameter."""
        new: New | None = item.number if parameter.kind == "number" else period_of(item)
        return new if new is not None and fits(parameter, new) else None

    def value(self, parameter: Parameter, first: Item, last: Item, before: int) -> New | None:
        """The value that words put in the place of a parameter; a value may begin with function words."""
        for start in range(first.start, before - 1, -1):
            words = self.said.said(start, last.end)
            if plain(words) == plain(parameter.said):
                return parameter.places[0].text
            if parameter.column and (stored := stored_as(words, parameter.column, self.catalog, self.values)):
                return stored
        return None

    def fixed(self, words: Counter[str]) -> bool:
        """Whether all words of the pattern are said, as often."""
        return not Counter(self.words.meant(word) for word in self.pattern.words) - words


def aligned(
    pattern: Pattern,
    said: Segmented,
    words: Words,
    catalog: Catalog,
    values: Values | None,
    moves: Callable[[VerifiedQuery], bool],
) -> Aligned | None:
    """The pattern over a question with the same words in the same order."""
    looking = _Looking(pattern, said, words, catalog, values, moves)
    spare = len(said.items) - len(pattern.slots)
    if spare < 0 or (spare and not pattern.values):
        return None
    if not looking.fixed(Counter(words.meant(item.text) for item in said.items)):
        return None
    found = _laid(looking, pattern.slots, said.items, 0, spare)
    return None if found is None else _made(pattern, found)


def _laid(
    looking: _Looking, slots: Sequence[Slot], items: Sequence[Item], before: int, spare: int
) -> tuple[tuple[Parameter, New], ...] | None:
    """What stands for each parameter, where the items are what the slots say one after the other."""
    if not slots or not items:
        return () if not slots and not items else None
    slot, *others = slots
    if slot.parameter is None:
        if not looking.same(slot, items[0]):
            return None
        return _laid(looking, others, items[1:], items[0].end, spare)
    for width in range(1, 2 + (spare if slot.parameter.kind == "value" else 0)):
        rest = _laid(looking, others, items[width:], items[min(width, len(items)) - 1].end, spare - width + 1)
        new = None if rest is None else _new(looking, slot.parameter, items[:width], before)
        if rest is not None and new is not None:
            return ((slot.parameter, new), *rest)
    return None


def _new(looking: _Looking, parameter: Parameter, items: Sequence[Item], before: int) -> New | None:
    if parameter.kind == "value":
        return looking.value(parameter, items[0], items[-1], before)
    return looking.other(parameter, items[0])


def _made(pattern: Pattern, values: Bound) -> Aligned:
    own = [slot.item for slot in pattern.slots if slot.parameter]
    others = sum(not _own(parameter, new, item) for (parameter, new), item in zip(values, own, strict=True))
    return Aligned(pattern, values, others)


def _own(parameter: Parameter, new: New, item: Item) -> bool:
    """Whether something is what was approved."""
    match new:
        case Period():
            period = period_of(item)
            return period is not None and (period.start, period.end) == (new.start, new.end)
        case float():
            return new == item.number
        case _:
            return new == parameter.places[0].text


def reordered(
    pattern: Pattern,
    said: Segmented,
    question: str,
    words: Words,
    catalog: Catalog,
    values: Values | None,
    translate: Callable[[str], Translation],
    moves: Callable[[VerifiedQuery], bool],
) -> Aligned | None:
    """The pattern over a question with the same words in another order, which says the same.

    It does where whole parts of the question changed places, and where the rules read both orders alike.
    """
    looking = _Looking(pattern, said, words, catalog, values, moves)
    ways = list(islice(_ways(looking), WAYS))
    own = parts([_mark(looking, slot.item, slot if slot.parameter else None) for slot in pattern.slots])
    for way in ways:
        if own is not None and parts(_marks(looking, way)) == own:
            return _made(pattern, _bound(way))
    read = _sql(translate(question)) if ways else None
    for way in ways if read else ():
        if _sql(translate(_spliced(pattern, said, way))) == read:
            return _made(pattern, _bound(way))
    return None


def _bound(way: "_Way") -> Bound:
    return tuple((slot.parameter, new) for slot, _, new in way if slot.parameter)


def _marks(looking: _Looking, way: "_Way") -> list[Mark]:
    """The items of the question as marks; words that fill a slot are that slot's."""
    filled = {item.start: slot for slot, items, _ in way for item in items}
    marks = [_mark(looking, item, filled.get(item.start)) for item in looking.said.items]
    return [mark for at, mark in enumerate(marks) if at == 0 or mark.kind == "word" or mark != marks[at - 1]]


def _mark(looking: _Looking, item: Item, slot: Slot | None) -> Mark:
    if slot is not None and slot.parameter is not None:
        return Mark(slot.parameter.kind, str(slot.item.start))
    match item.kind:
        case "number":
            return Mark("number", str(item.number))
        case "period":
            return Mark("period", item.text)
        case _:
            return Mark("word", looking.words.meant(item.text))


_Way = tuple[tuple[Slot, tuple[Item, ...], New], ...]


def _ways(looking: _Looking) -> Iterator[_Way]:
    """Each way to fill the parameters, in the order of the slots, with what the pattern's words leave over."""
    left = _left(looking)
    open_ = [slot for slot in looking.pattern.slots if slot.parameter]
    by_kind = {kind: [slot for slot in open_ if slot.parameter and slot.parameter.kind == kind] for kind in _KINDS}
    if left is None or any(len(left[kind]) != len(by_kind[kind]) for kind in _KINDS):
        return
    for orders in product(*(permutations(left[kind]) for kind in _KINDS)):
        filled: dict[int, tuple[Slot, tuple[Item, ...], New]] = {}
        for kind, order in zip(_KINDS, orders, strict=True):
            for slot, items in zip(by_kind[kind], order, strict=True):
                new = _new(looking, slot.parameter, items, items[0].start) if slot.parameter else None
                if new is not None:
                    filled[id(slot)] = (slot, items, new)
        if len(filled) == len(open_):
            yield tuple(filled[id(slot)] for slot in open_)


_KINDS = ("value", "number", "period")


def _left(looking: _Looking) -> dict[str, list[tuple[Item, ...]]] | None:
    """Runs of words that are values, numbers and periods, without what is fixed; None where a fixed item is missing."""
    fixed = [slot for slot in looking.pattern.slots if slot.parameter is None]
    numbers = {slot.parameter.kind for slot in looking.pattern.slots if slot.parameter}
    left: dict[str, list[tuple[Item, ...]]] = {kind: [] for kind in _KINDS}
    run: list[Item] = []
    for item in looking.said.items:
        slot = next((one for one in fixed if looking.same(one, item)), None)
        if slot is None and item.kind in ("word", "quoted"):
            run.append(item)
            continue
        left["value"] += [tuple(run)] if run else []
        run = []
        if slot is not None:
            fixed.remove(slot)
        else:
            left["number" if item.kind == "number" and "number" in numbers else "period"].append((item,))
    left["value"] += [tuple(run)] if run else []
    return None if fixed else left


def _spliced(pattern: Pattern, said: Segmented, way: _Way) -> str:
    """The approved question with the new words in the places of its own."""
    texts = [token.text for token in pattern.said.tokens]
    for slot, items, _ in way:
        words = said.said(items[0].start, items[-1].end)
        start, end = slot.item.start, slot.item.end
        if slot.parameter and slot.parameter.kind == "value":
            start, end = occurrences(pattern.said, slot.parameter.said)[0]
        texts[start:end] = [words, *([""] * (end - start - 1))]
    return " ".join(text for text in texts if text)


def _sql(translation: Translation) -> str | None:
    """A reading in a form that is equal for equal ones; None where there is none."""
    match translation:
        case Read(interpretations=(best, *_)):
            return f"{best.source}: {compare.fingerprint(best.query)}"
        case _:
            return None
