"""The port by which texts become vectors."""

from collections.abc import Sequence
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

Vectors: TypeAlias = npt.NDArray[np.float32]


class Embedder(Protocol):
    """Texts to vectors of length 1, of which the nearer are the nearer in meaning. Callable from any thread.

    `key` names what makes the vectors and its version: vectors of two keys are never compared. `kept` says whether a
    vector costs enough to be kept by the digest of its text.
    """

    key: str
    kept: bool

    def passages(self, texts: Sequence[str]) -> Vectors:
        """A row per text; a row of zeros for a text without anything to go by. Raises EmbeddingsFailed."""

    def question(self, text: str) -> Vectors:
        """The one row of a question. Raises EmbeddingsFailed."""


def normal(rows: Vectors) -> Vectors:
    """Rows of length 1; zeros stay."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1), np.float32)
