"""A question as the items that count: words by their lemma, what grammar words do, numbers and periods."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

import yaml

from knowledge.translation.lexicon import LONGEST, Lexicon, load
from knowledge.translation.times import Clock, Period, year_period
from knowledge.translation.words import Token, clean, lemma, tokenise

Kind = Literal["word", "quoted", "number", "period"]

_SAME = {"count", "agg", "cmp", "neg", "per", "each", "by", "distinct", "order", "between", "share", "differs"}
"""Roles whose phrases all say the same; in other roles each phrase counts as it is written."""
_BESIDE = {"light", "prep", "ignore"}
"""Roles that say nothing of their own, beside which a phrase still says what the other role says."""
_MEANT = {"each": "per", "by": "per"}
_FIRST_DAY, _LAST_YEAR = 1700, 2100


@dataclass(frozen=True, slots=True)
class Item:
    """Something that counts, from token `start` to `end`. `text` is equal for words that say the same."""

    kind: Kind
    text: str
    start: int
    end: int
    number: float | None = None
    period: Period | None = None


@dataclass(frozen=True, slots=True)
class Segmented:
    """A question cut into items, over its tokens."""

    tokens: tuple[Token, ...]
    items: tuple[Item, ...]

    def said(self, start: int, end: int) -> str:
        """The words from one token to another."""
        return " ".join(token.text for token in self.tokens[start:end])


def segment(question: str, language: str, today: date) -> Segmented:
    """The items of a question; function words are left out."""
    lexicon, (idle, opens) = load(), _function_words(language)
    tokens = tokenise(clean(question))
    clock = Clock(tokens, lexicon, today)
    items: list[Item] = []
    at = _opening(tokens, opens, idle)
    while at < len(tokens):
        item, at = _next(tokens, at, lexicon, clock, idle)
        items += [item] if item else []
    return Segmented(tuple(tokens), tuple(items))


def fingerprint(question: str, language: str = "en") -> str:
    """Equal for questions that differ in function words, case and punctuation only."""
    items = segment(question, language, date.min).items
    said = [f"{item.kind}:{item.text or item.number}" for item in items]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:24]


def period_of(item: Item) -> Period | None:
    """The period that an item says; a bare year is one too."""
    if item.period is not None or item.number is None:
        return item.period
    year = item.number
    return year_period(int(year)) if year == int(year) and _FIRST_DAY <= year <= _LAST_YEAR else None


def _opening(tokens: Sequence[Token], opens: frozenset[tuple[str, ...]], idle: frozenset[str]) -> int:
    """Where the question itself begins, behind “please show me” and the like."""
    at = 0
    while at < len(tokens):
        said = [tuple(token.lower for token in tokens[at : at + width]) for width in range(5, 0, -1)]
        opening = next((words for words in said if words in opens), ())
        if not opening and tokens[at].lower not in idle and tokens[at].kind != "mark":
            break
        at += len(opening) or 1
    return at


def _next(
    tokens: Sequence[Token], at: int, lexicon: Lexicon, clock: Clock, idle: frozenset[str]
) -> tuple[Item | None, int]:
    token = tokens[at]
    if token.kind == "quoted":
        return Item("quoted", token.lower, at, at + 1), at + 1
    if found := clock.match(at):
        stop, period = found
        text = " ".join(one.lower for one in tokens[at:stop] if one.lower not in idle)
        return Item("period", text, at, stop, period=period), stop
    if token.kind == "number" and token.value is not None:
        return _number(tokens, at, token.value, lexicon)
    return _phrase(tokens, at, lexicon) or _word(token, at, lexicon, idle)


def _number(tokens: Sequence[Token], at: int, value: float, lexicon: Lexicon) -> tuple[Item, int]:
    after = tokens[at + 1].lower if at + 1 < len(tokens) else ""
    many = lexicon.magnitudes.get(after)
    stop = at + 1 + (many is not None)
    return Item("number", "%" if tokens[at].text.endswith("%") else "", at, stop, value * (many or 1)), stop


def _phrase(tokens: Sequence[Token], at: int, lexicon: Lexicon) -> tuple[Item, int] | None:
    """The longest phrase of the lexicon that says something of grammar that other phrases say too."""
    for stop in range(min(len(tokens), at + LONGEST), at, -1):
        words = tuple(token.lower for token in tokens[at:stop])
        meant = {(_MEANT.get(role, role), argument) for role, argument in lexicon.roles(words) if role not in _BESIDE}
        if len(meant) == 1 and (said := meant.pop())[0] in _SAME:
            wide = ":different" if said[0] == "count" and {"different", "distinct", "unique"} & set(words) else ""
            return Item("word", f"{said[0]}:{said[1]}{wide}", at, stop), stop
    return None


def _word(token: Token, at: int, lexicon: Lexicon, idle: frozenset[str]) -> tuple[Item | None, int]:
    if token.kind == "mark" or token.lower in idle:
        return None, at + 1
    if token.lower in lexicon.numbers:
        return Item("number", "", at, at + 1, float(lexicon.numbers[token.lower])), at + 1
    written = " ".join(lemma(part) for part in lexicon.abbreviations.get(token.lower, (token.lower,)))
    return Item("word", written, at, at + 1), at + 1


@cache
def _function_words(language: str) -> tuple[frozenset[str], frozenset[tuple[str, ...]]]:
    known = yaml.safe_load((Path(__file__).parent / "words.yaml").read_text("utf-8"))
    own = known.get(language, {"idle": (), "opens": ()})
    return frozenset(own["idle"]), frozenset(tuple(phrase.split()) for phrase in own["opens"])
