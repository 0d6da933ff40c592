"""Which words and phrases people use for one another, with how well, read from a file per language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from knowledge.translation.words import lemma

SAME, LOOSE = 0.7, 0.62
"""How well a word stands for one that means the same, and for one that means nearly the same."""
RARER = 0.02
"""How much less well in each further meaning of a word, the commonest first."""
FURTHER = 0.002
"""How much less well each word further down the line."""
GLUE = frozenset(("of", "the", "a", "an", "in", "to", "'s", "’s", "'"))
Words = frozenset[str]


@dataclass(frozen=True, slots=True)
class Thesaurus:
    """`near` has for the lemmas of a phrase those of others, the best first; `words` are all words that it knows."""

    near: Mapping[Words, tuple[tuple[Words, float], ...]]
    words: frozenset[str]
    longest: int = 1

    def like(self, phrase: Words) -> tuple[tuple[Words, float], ...]:
        """What may be said for a phrase."""
        return self.near.get(phrase, ())


@cache
def thesaurus(language: str = "en") -> Thesaurus:
    """The thesaurus of a language; an empty one where there is no file. Raises ValueError for a broken file."""
    path = Path(__file__).parent / language / "thesaurus.yaml"
    if not language.isalpha() or not path.exists():
        return Thesaurus({}, frozenset())
    lines = yaml.load(path.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise ValueError(f"{path.name} of “{language}” is not a list of lines; see knowledge/translation/synonyms.")
    return made_of(lines)


def made_of(lines: Iterable[str]) -> Thesaurus:
    """A thesaurus of lines `same, same; loose, loose`, the commonest meaning of a word first."""
    found: dict[Words, dict[Words, float]] = {}
    meanings: dict[Words, int] = {}
    for line in lines:
        same, _, loose = line.partition(";")
        tight, wide = _phrases(same), _phrases(loose)
        for one in dict.fromkeys((*tight, *wide)):
            worse = RARER * meanings.get(one, 0)
            for at, other in enumerate(dict.fromkeys((*tight, *wide))):
                if one != other and (one in tight or other in tight):
                    sure = (SAME if one in tight and other in tight else LOOSE) - worse - FURTHER * at
                    known = found.setdefault(one, {})
                    known[other] = max(known.get(other, 0.0), round(sure, 3))
        for one in tight:
            meanings[one] = meanings.get(one, 0) + 1
    near = {one: tuple(sorted(others.items(), key=_best_first)) for one, others in found.items()}
    words = frozenset(word for phrase in near for word in phrase)
    return Thesaurus(near, words, max((len(phrase) for phrase in near), default=1))


def _best_first(entry: tuple[Words, float]) -> tuple[float, list[str]]:
    return -entry[1], sorted(entry[0])


def _phrases(text: str) -> list[Words]:
    return [key_of(part.split()) for part in text.split(",") if part.strip()]


def key_of(words: Iterable[str]) -> Words:
    """The lemmas of a phrase, without the words that only hold it together."""
    return frozenset(lemma(word.lower()) for word in words if word not in GLUE)
