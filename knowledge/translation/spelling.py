"""Slips of the keyboard put right: words that nothing knows are read as the nearest word that something does."""

from collections import ChainMap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from knowledge.translation.index import Index
from knowledge.translation.lexicon import Lexicon, load
from knowledge.translation.synonyms.thesaurus import thesaurus
from knowledge.translation.words import Token, lemma, root, tokenise

SHORTEST, LONG = 3, 8
"""Letters of the shortest word that is put right, and of those in which two slips are forgiven."""
NAME, GRAMMAR, VALUE, OTHER = 0.0, 0.1, 0.3, 0.4
"""What a word costs as a correction, beside its slips: names of the data first, words of the thesaurus last."""


@dataclass(frozen=True, slots=True)
class Known:
    """Words that something knows: by length, with what each costs as a correction; `others` never are corrections."""

    lengths: Mapping[int, Sequence[str]]
    costs: Mapping[str, float]
    others: frozenset[str]


def respelled(tokens: Sequence[Token], index: Index, lexicon: Lexicon) -> list[Token]:
    """The tokens with words that nothing knows put right, when a known word is close."""
    spoken = _spoken(lexicon.language)
    known: Known | None = None
    loud = all(token.lower != token.text for token in tokens if token.kind == "word")
    fixed: list[Token] = []
    for at, token in enumerate(tokens):
        if token.lower in lexicon.expansions and token.lemma not in index.by_word and token.kind != "term":
            fixed.extend(tokenise(lexicon.expansions[token.lower]))
            continue
        named = token.lower in spoken or token.lemma in spoken or token.lemma in index.by_word
        if not named and _odd(token, at, loud):
            known = known or _known(index, lexicon)
            close = None if _understood(token, index, known) else _closest(token, known)
            token = Token(close, close, lemma(close), "word") if close else token
        fixed.append(token)
    return fixed


def _odd(token: Token, at: int, loud: bool) -> bool:
    """Whether a token may be misspelt at all: codes and short proper names are what they are."""
    if token.kind != "word" or len(token.lower) < SHORTEST or not token.lower.isalpha():
        return False
    code = token.text.isupper() and not loud
    return not code and (len(token.lower) >= 5 or not token.capital or at == 0 or loud)


def _understood(token: Token, index: Index, known: Known) -> bool:
    word = token.lemma
    return (
        token.lower in known.costs
        or word in known.costs
        or (len(word) > 3 and root(word) in index.by_root)
        or frozenset({word}) in index.exact
        or token.lower in known.others
        or any(token.lower in text.split() for text in _held(index))
    )


def _held(index: Index) -> Iterator[str]:
    """Values that were looked up for this question."""
    if isinstance(index.values, ChainMap):
        for found in index.values.maps[:-1]:
            yield from found


def _closest(token: Token, known: Known) -> str | None:
    """The known word with the fewest slips; None where none is near enough."""
    best: tuple[float, str] | None = None
    for word in dict.fromkeys((token.lower, token.lemma)):
        slips = 2 if len(word) >= LONG else 1
        near = [w for size in range(len(word) - slips, len(word) + slips + 1) for w in known.lengths.get(size, ())]
        for other, distance, _ in process.extract(word, near, scorer=OSA.distance, score_cutoff=slips, limit=None):
            if distance > (2 if min(len(other), len(word)) >= LONG else 1) or not _alike(word, other):
                continue
            cost = _cost(word, other, distance) + known.costs[other]
            if best is None or (cost, other) < best:
                best = cost, other
    return best[1] if best else None


def _alike(word: str, other: str) -> bool:
    """Short words begin alike; people seldom miss the first key, and short words have too many neighbours."""
    return min(len(word), len(other)) > 4 or word[0] == other[0] or sorted(word) == sorted(other)


def _cost(word: str, other: str, distance: float) -> float:
    """Slips, less where letters are only swapped or doubled, more where a word begins or ends otherwise."""
    same = sorted(word) == sorted(other) or set(word) == set(other)
    return distance + 0.35 * (word[0] != other[0]) + 0.15 * (word[-1] != other[-1]) - 0.2 * same


def _known(index: Index, lexicon: Lexicon) -> Known:
    """All known words, worked out once for an index and its copies."""
    kept = index.kept.get("spelling")
    if isinstance(kept, Known):
        return kept
    values = index.values.maps[-1] if isinstance(index.values, ChainMap) else index.values
    costs = {word: NAME for word in index.by_word if len(word) > 2}
    for word, cost in _spoken(lexicon.language).items():
        costs.setdefault(word, cost)
    for text in values:
        for word in text.split():
            if len(word) > 4 and word.isalpha() and costs.get(word, OTHER) >= OTHER:
                costs[word] = VALUE
    lengths: dict[int, list[str]] = {}
    for word in sorted(costs):
        if word.isalpha() and len(word) >= SHORTEST:
            lengths.setdefault(len(word), []).append(word)
    made = Known(
        lengths, costs, frozenset((*(word for text in values for word in text.split()), *lexicon.abbreviations))
    )
    index.kept["spelling"] = made
    return made


@cache
def _spoken(language: str) -> Mapping[str, float]:
    """The words of a language that its lexicon and thesaurus know, with what each costs as a correction."""
    lexicon = load()
    costs: dict[str, float] = {}
    for words, cost in (
        ((word for phrase in lexicon.phrases for word in phrase), GRAMMAR),
        ((*lexicon.months, *lexicon.units, *lexicon.numbers, *lexicon.weekdays, *lexicon.vocabulary), GRAMMAR),
        ((lemma(word) for word in lexicon.vocabulary), GRAMMAR),
        ((*lexicon.synonyms, *thesaurus(language).words), OTHER),
    ):
        for word in words:
            costs.setdefault(word, cost)
    return costs
