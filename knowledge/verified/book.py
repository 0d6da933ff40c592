"""The verified queries of a tenant, indexed so that a question meets those it may be the same as."""

from collections import Counter, OrderedDict, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from knowledge.glossary import EMPTY, Glossary
from knowledge.translation.meaning import canonical
from knowledge.translation.times import Period
from knowledge.verified.model import Parameter, VerifiedQuery
from knowledge.verified.parameters import occurrences
from knowledge.verified.segment import Item, Segmented, period_of, segment


@dataclass(frozen=True, slots=True)
class Slot:
    """A place of a pattern: a parameter, or an item that has to be the same again."""

    item: Item
    parameter: Parameter | None = None

    @property
    def fixed_period(self) -> Period | None:
        """The period that has to be meant again."""
        return None if self.parameter else self.item.period


@dataclass(frozen=True, slots=True)
class Pattern:
    """A verified query with its question as slots, in the order of its words; `at` is its place among all."""

    query: VerifiedQuery
    said: Segmented
    slots: tuple[Slot, ...]
    words: tuple[str, ...]
    at: int = 0

    @property
    def values(self) -> int:
        """How many values may be others."""
        return sum(1 for slot in self.slots if slot.parameter and slot.parameter.kind == "value")


class Book:
    """Finds patterns by their words: each is kept under the rarest of them."""

    def __init__(self, queries: Sequence[VerifiedQuery], language: str, glossary: Glossary = EMPTY) -> None:
        self.language = language
        said = [canonical(one.question, glossary) for one in queries]
        made = [pattern(one, language, text) for one, text in zip(queries, said, strict=True)]
        patterns = [replace(found, at=at) for at, found in enumerate(made) if found]
        often = Counter(word for one in patterns for word in set(one.words))
        self._by_words: dict[frozenset[str], list[Pattern]] = defaultdict(list)
        for one in patterns:
            self._by_words[frozenset(one.words)].append(one)
        self._under: dict[str, list[frozenset[str]]] = defaultdict(list)
        for words in self._by_words:
            self._under[min(words, key=lambda word: (often[word], word))].append(words)

    def near(self, words: Iterable[str]) -> list[Pattern]:
        """Patterns all of whose words are among these, the latest approved first."""
        said = frozenset(words)
        found = [
            pattern
            for word in said
            for wanted in self._under.get(word, ())
            if wanted <= said
            for pattern in self._by_words[wanted]
        ]
        return sorted(found, key=lambda one: -one.at)


@lru_cache(maxsize=20_000)
def pattern(query: VerifiedQuery, language: str, question: str) -> Pattern | None:
    """The question of a pair as slots; None where nothing of it is a word, so that anything would fit.

    `question` has the names of terms in place of their synonyms.
    """
    said = segment(question, language, date.fromisoformat(query.day))
    spans = [
        (start, end, parameter)
        for parameter in query.parameters
        if parameter.kind == "value" and len(spelled := occurrences(said, parameter.said)) == 1
        for start, end in spelled
    ]
    slots: list[Slot] = []
    for item in said.items:
        over = [one for one in spans if item.start < one[1] and one[0] < item.end]
        if not over:
            slots.append(Slot(item, _parameter(item, said, query.parameters)))
        elif len(over) > 1 or item.start < over[0][0] or item.end > over[0][1]:
            return None  # a word of grammar reaches into a value
        elif not (slots and slots[-1].parameter is over[0][2]):
            slots.append(Slot(item, over[0][2]))
    words = tuple(slot.item.text for slot in slots if slot.parameter is None and slot.item.kind in ("word", "quoted"))
    return Pattern(query, said, tuple(slots), words) if words else None


def _parameter(item: Item, said: Segmented, parameters: Sequence[Parameter]) -> Parameter | None:
    """The parameter that a number or a period is."""
    if item.kind not in ("number", "period"):
        return None
    kinds = ("number", "period") if period_of(item) else ("number",)
    words = said.said(item.start, item.end)
    return next((one for one in parameters if one.kind in kinds and one.said == words), None)


def book(queries: Sequence[VerifiedQuery], language: str, glossary: Glossary = EMPTY) -> Book:
    """The book of these queries; kept for as long as the same sequence and the same glossary are asked with."""
    key = id(queries), language, id(glossary)
    if key in _kept:
        _kept.move_to_end(key)
        return _kept[key][2]
    made = Book(queries, language, glossary)
    _kept[key] = queries, glossary, made  # both are held, so that their ids stay their own
    while len(_kept) > _MOST:
        _kept.popitem(last=False)
    return made


_MOST = 16
_kept: OrderedDict[tuple[int, str, int], tuple[Sequence[VerifiedQuery], Glossary, Book]] = OrderedDict()
