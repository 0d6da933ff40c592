"""An answer out of the documents' own words: the sentences that fit a question, exactly as they stand."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from knowledge.documents.chunks import sentences
from knowledge.documents.model import Chunk, Hit
from knowledge.documents.ranking import Asked
from knowledge.documents.text import tokens
from knowledge.documents.words import terms

LOOKED_AT = 8
"""Chunks whose sentences are weighed."""
QUOTES = 3
LONGEST = 420
"""Characters of a quote, where a sentence is not longer by itself."""
WORST = 0.55
"""How well a further quote must fit, of the best."""
ALIKE = 0.8
"""Share of words above which two texts say the same."""


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a document as they stand, at `start` to `end`; `covered` as of a hit, `own` without headings."""

    chunk: Chunk
    start: int
    end: int
    text: str
    covered: float
    own: float


def quotes(asked: Asked, hits: Sequence[Hit], most: int = QUOTES) -> list[Quote]:
    """The best quote of each of the first hits, best first, none that says what another one says."""
    found = []
    for place, hit in enumerate(hits[:LOOKED_AT]):
        best = max(_windows(asked, hit.chunk), key=lambda entry: entry[0], default=None)
        if best is not None and best[1].covered > 0:
            found.append((best[0] / (1 + 0.04 * place), best[1]))
    found.sort(key=lambda entry: -entry[0])
    kept: list[Quote] = []
    for score, quote in found:
        if score >= WORST * found[0][0] and not any(alike(quote.text, other.text) for other in kept):
            kept.append(quote)
    return kept[:most]


def measured(asked: Asked, quote: Quote) -> Quote:
    """The same quote, measured by another question."""
    chunk, words = quote.chunk, set(terms(quote.text))
    heads = set(terms(" ".join((chunk.document.title, *chunk.headings, chunk.lead))))
    return replace(quote, covered=asked.covered(words | heads), own=asked.covered(words))


def alike(one: str, other: str) -> bool:
    """Whether two texts say nearly the same words."""
    first, second = set(terms(one)), set(terms(other))
    return bool(first and second) and len(first & second) >= ALIKE * min(len(first), len(second))


def literal(quote: str, chunk: Chunk) -> bool:
    """Whether a text stands in a chunk word for word; the size of spaces does not count."""
    return " ".join(quote.split()) in " ".join(f"{chunk.lead}\n{chunk.text}".split())


def _windows(asked: Asked, chunk: Chunk) -> Iterator[tuple[float, Quote]]:
    """Each sentence, alone and with those after it, with how well it fits."""
    spans = sentences(chunk.text)
    heads = set(terms(" ".join((chunk.document.title, *chunk.headings, chunk.lead))))
    words = [set(terms(chunk.text[start:end])) for start, end in spans]
    for first, (start, _) in enumerate(spans):
        held: set[str] = set()
        for last in range(first, min(first + 4, len(spans))):
            end = spans[last][1]
            if last > first and end - start > LONGEST:
                break
            held |= words[last]
            own, covered = asked.covered(held), asked.covered(held | heads)
            size = 0.02 * (last - first)
            text = chunk.text[start:end]
            yield own + 0.5 * covered - size, Quote(chunk, chunk.start + start, chunk.start + end, text, covered, own)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with where it is from: document and version, headings and page, and its place in the text."""

    text: str
    document: str
    version: int
    headings: tuple[str, ...]
    page: int
    start: int
    end: int


def packed(hits: Iterable[Hit], budget: int) -> list[tuple[Chunk, tuple[Sentence, ...]]]:
    """The hits' sentences, best chunks first, within a budget of tokens; what was said before is left out."""
    taken: list[tuple[Chunk, tuple[Sentence, ...]]] = []
    said: set[str] = set()
    for hit in hits:
        chunk = hit.chunk
        if any(alike(chunk.text, other.text) and len(chunk.text) <= 1.25 * len(other.text) for other, _ in taken):
            continue
        cost = tokens(" › ".join((chunk.document.title, *chunk.headings))) + tokens(chunk.lead)
        kept: list[Sentence] = []
        for start, end in sentences(chunk.text):
            text = chunk.text[start:end]
            key = " ".join(terms(text))
            if key in said or cost + tokens(text) > budget:
                continue
            said.add(key)
            cost += tokens(text)
            place = (chunk.start + start, chunk.start + end)
            kept.append(Sentence(text, chunk.document.id, chunk.document.version, chunk.headings, chunk.page, *place))
        if kept:
            budget -= cost
            taken.append((chunk, tuple(kept)))
    return taken
