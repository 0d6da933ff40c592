"""Vectors of words out of a file that an operator has, as word2vec, GloVe and fastText write it as text."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from knowledge.translation.synonyms.embeddings import EmbeddingsFailed, Vector
from knowledge.translation.words import lemma


class WordVectors:
    """`Embeddings` of such a file: a word and its numbers on each line.

    Only where each word stands is kept in memory; its line is read when it is asked for. A text of several words is the
    mean of those that the file has. Raises ValueError for a file without vectors.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._places = dict(_places(path))
        if not self._places:
            raise ValueError(f"{path} holds no word vectors: a word and its numbers on each line")

    def vectors(self, texts: Sequence[str]) -> list[Vector]:
        """One vector per text, an empty one where no word is known. Raises EmbeddingsFailed."""
        try:
            return [self._mean(text.lower().split()) for text in texts]
        except (OSError, ValueError) as error:
            raise EmbeddingsFailed from error

    def _mean(self, words: Sequence[str]) -> Vector:
        known = (self._places.get(word, self._places.get(lemma(word))) for word in words)
        found = [self._read(place) for place in known if place is not None]
        return [sum(numbers) / len(found) for numbers in zip(*found, strict=True)] if found else []

    def _read(self, place: int) -> list[float]:
        with self._path.open("rb") as file:
            file.seek(place)
            return [float(number) for number in file.readline().split()[1:]]


def _places(path: Path) -> Iterator[tuple[str, int]]:
    """Where each word's line begins; a first line that only counts words and numbers is passed over."""
    at = 0
    with path.open("rb") as file:
        for line in file:
            word, _, rest = line.partition(b" ")
            if rest.strip().count(b" ") > 1:
                yield word.decode("utf-8", "replace").lower(), at
            at += len(line)
