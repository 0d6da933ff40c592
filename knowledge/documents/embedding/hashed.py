"""Vectors out of the words alone: no model, no download, the same on every machine."""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from math import log
from zlib import crc32

import numpy as np

from knowledge.documents.embedding.port import Vectors, normal
from knowledge.documents.words import STOP, meanings, terms

SIZE = 384
WORD, PART, MEANING = 1.0, 0.25, 0.45
"""Weights of a word, of all its parts of three to five letters together, and of each word that means the same."""


class HashedWords:
    """Each word, the parts of it and the words of the same meaning add to places chosen by a hash, with a sign.

    Parts let misspelt and compound words meet, meanings let “client” meet “customer” (the translator's thesaurus).
    """

    key = f"hashed-{SIZE}-1"
    kept = False

    def __init__(self, size: int = SIZE, *, parts: float = PART, meaning: float = MEANING) -> None:
        self._size, self._parts, self._meaning = size, parts, meaning
        self.key = f"hashed-{size}-1"
        self._places = lru_cache(maxsize=50_000)(self._of_word)

    def passages(self, texts: Sequence[str]) -> Vectors:
        """A row per text."""
        rows = np.zeros((len(texts), self._size), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word, count in Counter(terms(text)).items():
                if word in STOP:
                    continue
                places, values = self._places(word)
                row[places] += values * np.float32(1 + log(count))
        return normal(rows)

    def question(self, text: str) -> Vectors:
        """The same as for a passage."""
        return self.passages([text])

    def _of_word(self, word: str) -> tuple["np.ndarray[tuple[int], np.dtype[np.int64]]", Vectors]:
        summed: Counter[int] = Counter()
        for feature, weight in self._features(word):
            number = crc32(feature.encode())
            summed[number % self._size] += weight if number & 0x80000000 else -weight  # type: ignore[assignment]
        return np.fromiter(summed, np.int64), np.fromiter(summed.values(), np.float32)

    def _features(self, word: str) -> Iterator[tuple[str, float]]:
        rarer = min(1.0, 0.5 + len(word) / 12)  # long words say more than short ones
        yield f"w {word}", WORD * rarer
        if self._parts and len(word) > 3:
            marked = f"<{word}>"
            parts = {marked[at : at + n] for n in (3, 4, 5) for at in range(len(marked) - n + 1)}
            for part in parts:
                yield f"p {part}", self._parts * rarer * 3 / len(parts) ** 0.5 / 3
        for other in meanings().get(word, ()) if self._meaning else ():
            yield f"w {other}", self._meaning * rarer / len(meanings()[word]) ** 0.5
