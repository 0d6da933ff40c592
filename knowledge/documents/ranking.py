"""BM25 over what may be read, and its fusion with the vectors."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import TypeAlias

from knowledge.documents.model import Chunk, Hit
from knowledge.documents.store import Shelf, Store, said
from knowledge.documents.words import asked, meanings

CANDIDATES = 80
"""Chunks of each side that are looked at."""
SATURATION, LENGTH, HEADS = 1.2, 0.6, 2.0
MEANT = 0.35
"""What a word of the same meaning counts beside the word itself."""
COMMON = 0.1
"""Share of the chunks above which a word picks no candidates, where rarer ones do."""
PICKING = 12
TOGETHER, WORDS, VECTORS = 5, 1.0, 0.7
"""Reciprocal rank fusion: its constant, and what a place on each side counts."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question's words with how much each tells (its rarity among the readable chunks), and words that mean the same.

    `telling` are those that pick candidates, the rarest first.
    """

    words: Mapping[str, float]
    meant: Mapping[str, frozenset[str]]
    rarity: Mapping[str, float]
    telling: tuple[str, ...]
    mean_length: float

    @classmethod
    def of(cls, question: str, shelves: Sequence[Shelf], store: Store) -> "Asked":
        """The words, weighed over the shelves that may be read and no others."""
        words = asked(question)[:32]
        meant = {word: meanings().get(word, frozenset()) for word in words}
        every = {*words, *(other for others in meant.values() for other in others)}
        chunks = sum(shelf.chunks for shelf in shelves)
        counts = store.word_counts([shelf.id for shelf in shelves], every)
        rarity = {word: log(1 + (chunks - counts[word] + 0.5) / (counts[word] + 0.5)) for word in every}
        known = sorted((word for word in every if counts[word]), key=lambda word: (counts[word], word))
        rare = [word for word in known if counts[word] <= max(COMMON * chunks, 50)]
        mean = sum(shelf.words for shelf in shelves) / max(chunks, 1)
        return cls(
            {word: rarity[word] for word in words}, meant, rarity, tuple((rare or known[:3])[:PICKING]), max(mean, 1.0)
        )

    def covered(self, found: "frozenset[str] | set[str]") -> float:
        """The share of the question, by how much its words tell, that these words hold."""
        whole = sum(self.words.values())
        held = sum(
            weight * (1.0 if word in found else 0.6 if self.meant[word] & found else 0.0)
            for word, weight in self.words.items()
        )
        return held / whole if whole else 0.0


Words: TypeAlias = tuple[Counter[str], Counter[str]]
"""How often each word stands in the headings of a chunk, and in its text."""


def words_of(chunk: Chunk) -> Words:
    """The words of a chunk."""
    heads, body = said(chunk.document.title, chunk.headings, chunk.lead, chunk.text)
    return Counter(heads), Counter(body)


def ranked(question: Asked, chunks: Mapping[int, Words]) -> dict[int, float]:
    """The BM25 score of each chunk, the best first; words of headings count more."""
    scores = {number: _score(question, *words) for number, words in chunks.items()}
    return dict(sorted(scores.items(), key=lambda entry: (-entry[1], entry[0])))


def _score(question: Asked, in_heads: Counter[str], in_body: Counter[str]) -> float:
    norm = SATURATION * (1 - LENGTH + LENGTH * in_body.total() / question.mean_length)
    total = 0.0
    for word in question.words:
        best = 0.0
        for each, weight in ((word, 1.0), *((other, MEANT) for other in question.meant[word])):
            count = in_body[each] + HEADS * in_heads[each]
            if count:
                best = max(best, weight * question.rarity[each] * count * (SATURATION + 1) / (count + norm))
        total += best
    return total


def fused(
    by_words: Mapping[int, float],
    likeness: Mapping[int, float],
    chunks: Mapping[int, Chunk],
    words: Mapping[int, Words],
    question: Asked,
) -> list[Hit]:
    """Both rankings as one, the best first."""
    in_words = {number: place for place, number in enumerate(by_words, 1)}
    in_vectors = {number: place for place, number in enumerate((n for n in likeness if n in chunks), 1)}
    hits = []
    for number, chunk in chunks.items():
        score = 0.0
        if number in in_words:
            score += WORDS / (TOGETHER + in_words[number])
        if number in in_vectors:
            score += VECTORS / (TOGETHER + in_vectors[number])
        covered = question.covered({*words[number][0], *words[number][1]})
        hits.append(Hit(chunk, score, in_words.get(number, 0), in_vectors.get(number, 0), covered))
    return sorted(hits, key=lambda hit: (-hit.score, hit.chunk.id))
