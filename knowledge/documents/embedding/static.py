"""Vectors out of an operator's file of word vectors, as the translator reads it (`answers.vectors`)."""

from collections import Counter
from collections.abc import Sequence
from hashlib import blake2b
from math import log
from pathlib import Path

import numpy as np

from knowledge.documents.embedding.port import Vectors, normal
from knowledge.documents.words import STOP, spoken
from knowledge.translation.synonyms.vectors import WordVectors


class StaticWords:
    """The mean of the vectors of a text's words. Raises ValueError for a file that is none."""

    kept = True

    def __init__(self, path: Path) -> None:
        self._words = WordVectors(path)
        about = path.stat()
        stamp = f"{path.name}\x00{about.st_size}\x00{about.st_mtime_ns}"
        self.key = f"vectors-{blake2b(stamp.encode(), digest_size=6).hexdigest()}"
        self._known: dict[str, Vectors | None] = {}
        self._size = next(len(found) for found in map(self._vector, ("the", "of", "and", "data")) if found is not None)

    def passages(self, texts: Sequence[str]) -> Vectors:
        """A row per text; zeros where no word is known."""
        rows = np.zeros((len(texts), self._size), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word, count in Counter(spoken(text)).items():
                vector = None if word in STOP else self._vector(word)
                if vector is not None:
                    row += vector * np.float32(1 + log(count))
        return normal(rows)

    def question(self, text: str) -> Vectors:
        """The same as for a passage."""
        return self.passages([text])

    def _vector(self, word: str) -> Vectors | None:
        if word not in self._known:
            (found,) = self._words.vectors([word])
            self._known[word] = np.asarray(found, np.float32) if found else None
        return self._known[word]
