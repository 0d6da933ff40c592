"""What words that name nothing in the data may mean: names that stand for the same, found by thesaurus or vectors."""

from collections import ChainMap
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import product

from knowledge.translation.index import Index
from knowledge.translation.lexicon import Lexicon, written_out
from knowledge.translation.synonyms.alike import alike
from knowledge.translation.synonyms.embeddings import Embeddings
from knowledge.translation.synonyms.thesaurus import GLUE, Thesaurus, Words, key_of, thesaurus
from knowledge.translation.words import Token

WIDEST = 4
"""Words of the longest phrase that is looked up."""
LEAST = 0.56
"""How well a name must fit at least."""
CLOSE = 0.075
"""How much worse than the best a name may fit and still be one of those that may be meant."""
SUBSTITUTES = 6
"""Other words that are tried for each word of a longer name."""
NAMED = 0.55
"""From when on a name explains a phrase, so that no other is looked for."""
PART, HEAD = 0.72, 0.06
"""How well the least part of a name stands for all of it, and what it is worth when it is its last word."""
CURATED = 0.72
"""How well the lexicon's own synonyms fit, which are chosen for schemas."""
At = tuple[str, str]
_NOTHING = {("", ""): 0.0}


def with_meanings(
    index: Index, tokens: Sequence[Token], lexicon: Lexicon, embeddings: Embeddings | None = None
) -> Index:
    """The index, in which phrases of the question that name nothing also mean names that stand for the same.

    The index itself stays as it is; `meant` of the new one tells which phrases these are.
    """
    known = thesaurus(lexicon.language)
    found: dict[Words, dict[At, float]] = {}
    for span in _spans(tokens, index, lexicon, known):
        key = written(span, lexicon)
        if key not in found and (names := _names(key_of(t.lower for t in span), key, index, lexicon, known)):
            found[key] = names
    if embeddings and (odd := _odd(tokens, index, lexicon, known, found)):
        found |= {frozenset({word}): dict(names) for word, names in alike(odd, index, embeddings).items()}
    if not found:
        return index
    return replace(index, exact=ChainMap(found, index.exact), meant=frozenset(found))


def _odd(
    tokens: Sequence[Token], index: Index, lexicon: Lexicon, known: Thesaurus, found: Collection[Words]
) -> list[str]:
    """Single words that neither the data, the grammar nor the thesaurus takes for anything here."""
    taken = {word for key in found for word in key}
    odd = [t for at, t in enumerate(tokens) if t.kind == "word" and len(t.lemma) > 3 and not (t.capital and at)]
    odd = [t for t in odd if t.lemma not in taken and not lexicon.roles((t.lower,))]
    return list(dict.fromkeys(t.lemma for t in odd if _unexplained([t], "", index, lexicon, known)))


def written(span: Sequence[Token], lexicon: Lexicon) -> Words:
    """The lemmas of a span with abbreviations in full, as names are looked up."""
    return frozenset(part for token in span if token.lower not in GLUE for part in written_out(token, lexicon))


def _spans(tokens: Sequence[Token], index: Index, lexicon: Lexicon, known: Thesaurus) -> Iterator[Sequence[Token]]:
    """Phrases that nothing in the data is called."""
    for at in range(len(tokens)):
        for end in range(at + 1, min(len(tokens), at + WIDEST) + 1):
            span = tokens[at:end]
            if span[-1].kind != "word":
                break
            after = tokens[end].lower if end < len(tokens) else ""
            held = any(token.lower in GLUE for token in (span[0], span[-1]))
            if not held and _unexplained(span, after, index, lexicon, known):
                yield span


def _unexplained(span: Sequence[Token], after: str, index: Index, lexicon: Lexicon, known: Thesaurus) -> bool:
    """Whether a span may be a name, and neither the data nor the grammar knows it as one."""
    if max(index.exact.get(written(span, lexicon), _NOTHING).values()) > NAMED:
        return False
    lower = tuple(token.lower for token in span)
    if any(role != "light" for role, _ in lexicon.roles(lower)):
        return False
    if len(span) == 1:
        return not (index.by_word.get(span[0].lemma) or lower[0] in index.values)
    if all(token.lemma in index.by_word or lexicon.roles((token.lower,)) for token in span):
        return False
    if known.like(key_of(lower)):
        return True
    # “Product sort” is a name, “products sort by” is none.
    if any(word in GLUE for word in lower):
        return False
    heavy = [word for word in lower if lexicon.roles((word,))]
    return not heavy or (heavy == [lower[-1]] and span[-1].lemma in known.words and after not in ("by", "of"))


def _names(phrase: Words, key: Words, index: Index, lexicon: Lexicon, known: Thesaurus) -> dict[At, float]:
    """Tables and columns that a phrase may stand for, with how surely."""
    found: dict[At, float] = {}
    others = [(frozenset(word.split()), CURATED) for word in lexicon.synonyms.get(" ".join(key), ())]
    curated = [other for other in others if other[0] in index.exact]
    for other, sure in (*curated, *known.like(phrase)):
        for at, score in _called(other, index):
            found[at] = max(found.get(at, 0.0), sure * score)
    if 1 < len(key) <= 3:
        for at, score in _in_part(key, index, known):
            found[at] = max(found.get(at, 0.0), score)
    best = CURATED if curated else max(found.values(), default=0.0)
    return {at: score for at, score in found.items() if score >= max(LEAST, best - CLOSE)}


def _called(words: Words, index: Index) -> Iterator[tuple[At, float]]:
    """What is called so, be it with a word more."""
    exact = index.exact.get(words, {})
    yield from exact.items()
    for at in set.intersection(*(index.by_word.get(word, set()) for word in words)) if words else ():
        if at not in exact:
            own = [w for w in index.words[at] if not at[1] or w not in index.words[(at[0], "")]] or index.words[at]
            yield at, PART + 0.2 * len(words & set(own)) / len(own) + HEAD * (index.words[at][-1] in words)


def _in_part(key: Words, index: Index, known: Thesaurus) -> Iterator[tuple[At, float]]:
    """Names of which some words are said otherwise: “apartment kind” for `apt_type`."""
    options: list[list[tuple[Words, float]]] = []
    for word in key:
        own = [(frozenset({word}), 1.0)] if word in index.by_word else []
        other = [] if own else [(o, s) for o, s in known.like(frozenset({word})) if any(w in index.by_word for w in o)]
        options.append(own + other[:SUBSTITUTES])
    for chosen in product(*options):
        words = frozenset[str]().union(*(part for part, _ in chosen))
        sure = min(score for _, score in chosen)
        if sure < 1.0:
            named = index.exact.get(words, {}).items()
            yield from ((at, sure * score) for at, score in named if words <= set(index.words[at]))
