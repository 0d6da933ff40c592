"""The port by which an operator lends vectors of meaning to the translator."""

from collections.abc import Sequence
from math import sqrt
from typing import Protocol

Vector = Sequence[float]


class Embeddings(Protocol):
    """Texts to vectors of one length, of which the nearer in angle are the nearer in meaning.

    Called with a few words that nothing else explains, and once with the names of a catalog; in the thread of the
    question, so it should answer within milliseconds. Where it raises `EmbeddingsFailed`, words stay unexplained.
    """

    def vectors(self, texts: Sequence[str]) -> Sequence[Vector]:
        """One vector per text. Raises EmbeddingsFailed where there are none to be had."""
        ...


class EmbeddingsFailed(Exception):
    """No vectors: the model is not there, or too slow. Nothing was changed; the question is read without."""


def likeness(one: Vector, other: Vector) -> float:
    """The cosine of the angle between two vectors; 0 where one of them is nothing, or they do not fit."""
    if len(one) != len(other):
        return 0.0
    norm = sqrt(sum(x * x for x in one) * sum(y * y for y in other))
    return sum(x * y for x, y in zip(one, other, strict=True)) / norm if norm else 0.0
