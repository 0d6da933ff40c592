"""Which words and phrases people use for one another, with how well, read from a file per language."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
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
class Line:
    """One meaning: phrases that mean the same, and those that may stand for one of them."""

    same: tuple[Words, ...]
    loose: tuple[Words, ...]


@dataclass(frozen=True)
class Thesaurus:
    """`lines` has the meanings of each phrase by its lemmas, the commonest first; `words` are all that it knows."""

    lines: Mapping[Words, Sequence[Line]]
    words: frozenset[str]
    known: dict[Words, tuple[tuple[Words, float], ...]] = field(default_factory=dict)

    def like(self, phrase: Words) -> tuple[tuple[Words, float], ...]:
        """What may be said for a phrase, with how well, the best first."""
        if phrase not in self.lines:
            return ()
        if phrase not in self.known:
            self.known[phrase] = tuple(sorted(self._near(phrase).items(), key=_best_first))
        return self.known[phrase]

    def _near(self, phrase: Words) -> dict[Words, float]:
        found: dict[Words, float] = {}
        meanings = 0
        for line in self.lines[phrase]:
            tight = phrase in line.same
            for at, other in enumerate((*line.same, *(line.loose if tight else ()))):
                if other != phrase:
                    sure = (SAME if tight and at < len(line.same) else LOOSE) - RARER * meanings - FURTHER * at
                    found[other] = max(found.get(other, 0.0), sure)
            meanings += tight
        return found


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
    found: dict[Words, list[Line]] = {}
    for text in lines:
        same, _, loose = text.partition(";")
        line = Line(_phrases(same), _phrases(loose))
        for phrase in dict.fromkeys((*line.same, *line.loose)):
            found.setdefault(phrase, []).append(line)
    return Thesaurus(found, frozenset(word for phrase in found for word in phrase))


def _best_first(entry: tuple[Words, float]) -> tuple[float, list[str]]:
    return -entry[1], sorted(entry[0])


def _phrases(text: str) -> tuple[Words, ...]:
    return tuple(key_of(part.split()) for part in text.split(",") if part.strip())


def key_of(words: Iterable[str]) -> Words:
    """The lemmas of a phrase, without the words that only hold it together."""
    return frozenset(lemma(word.lower()) for word in words if word not in GLUE)
