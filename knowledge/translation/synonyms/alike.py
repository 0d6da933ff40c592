"""Names of the data that an operator's vectors put near a word that nothing else explains."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from knowledge.translation.index import Index
from knowledge.translation.synonyms.embeddings import Embeddings, EmbeddingsFailed, Vector, likeness

NEAR = 0.6
"""The likeness from which on a name may be meant."""
CLEARLY = 0.03
"""How much less alike than the nearest a name may be to be meant as well."""
SCORE = 0.58
"""How well such a name fits: less than any synonym."""
At: TypeAlias = tuple[str, str]


def alike(words: Sequence[str], index: Index, embeddings: Embeddings) -> Mapping[str, Mapping[At, float]]:
    """For each word the tables and columns of a name near it; nothing where there are no vectors."""
    try:
        names = _named(index, embeddings)
        vectors = embeddings.vectors(words) if names else ()
    except EmbeddingsFailed:
        return {}
    found = {word: _nearest(vector, names) for word, vector in zip(words, vectors, strict=False)}
    return {word: places for word, places in found.items() if places}


def _nearest(vector: Vector, names: Sequence[tuple[At, Vector]]) -> dict[At, float]:
    ranked = [(likeness(vector, other), at) for at, other in names]
    best = max((near for near, _ in ranked), default=0.0)
    return {at: SCORE for near, at in ranked if near >= max(NEAR, best - CLEARLY)}


def _named(index: Index, embeddings: Embeddings) -> Sequence[tuple[At, Vector]]:
    """The vectors of all names, asked for once."""
    kept = index.kept.get("vectors")
    if isinstance(kept, tuple) and kept[0] is embeddings:
        return kept[1]  # type: ignore[no-any-return]
    own = [(at, " ".join(words)) for at, words in index.words.items()]
    texts = list(dict.fromkeys(text for _, text in own))
    by_text = dict(zip(texts, embeddings.vectors(texts), strict=False))
    made = [(at, by_text[text]) for at, text in own if text in by_text]
    index.kept["vectors"] = (embeddings, made)
    return made
