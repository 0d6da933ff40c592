"""The deterministic translator: question to interpretations, without a language model."""

from dataclasses import dataclass

from sqlglot import exp

from knowledge.catalog.model import Catalog
from knowledge.translation.build import Builder, Unjoinable
from knowledge.translation.chunks import chunk, respell
from knowledge.translation.index import Index, indexes
from knowledge.translation.ir import Query, dump
from knowledge.translation.lexicon import Lexicon, load
from knowledge.translation.linking import link
from knowledge.translation.model import Context, Decline, Interpretation, Read, Translation
from knowledge.translation.reading import read
from knowledge.translation.reading.draft import Reader
from knowledge.translation.reading.finish import finish
from knowledge.translation.words import clean, tokenise

LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class _Reading:
    query: Query
    tree: exp.Select | exp.SetOperation
    reader: Reader
    index: Index
    confidence: float


class RuleTranslator:
    """Reads questions with rules and a lexicon; the same question, catalog and context give the same result."""

    def translate(self, question: str, catalog: Catalog, context: Context) -> Translation:
        """Never raises for any text, however long or odd."""
        text = clean(question[: LONGEST * 4]).strip()
        if not text or not any(char.isalnum() for char in text):
            return Decline("There is no question in this text.")
        if len(text) > LONGEST:
            return Decline(f"This text is longer than {LONGEST:,} characters; please ask in fewer words.")
        lexicon = load(context.language)
        readings = [r for index in indexes(catalog, context.language) if (r := _read(text, index, lexicon, context))]
        if not readings:
            return Decline("These words name nothing that the data holds.")
        best = max(readings, key=lambda reading: reading.confidence)
        if best.confidence < 0.3:
            return Decline("Too little of this question could be tied to the data.")
        return Read((_interpretation(best),))


def _read(text: str, index: Index, lexicon: Lexicon, context: Context) -> _Reading | None:
    tokens = respell(tokenise(text), index, lexicon)
    chunks = chunk(tokens, index, lexicon, context.today)
    link(chunks, index, context.choices)
    reader = read(chunks, index, lexicon, context.today)
    query = finish(reader)
    if query is None:
        return None
    hints = frozenset(token.lemma for token in tokens)
    try:
        tree = Builder(index, hints).query(query)
    except Unjoinable:
        return None
    return _Reading(query, tree, reader, index, _confidence(reader))


def _confidence(reader: Reader) -> float:
    score = 0.95
    for lost in reader.lost:
        score -= 0.25 if lost.capital or lost.quoted or lost.number is not None else 0.1
    for found in reader.chunks:
        if found.linked and not found.value:
            score -= 0.05 * (found.targets[0].score < 0.7)
    return max(0.0, score)


def _interpretation(reading: _Reading) -> Interpretation:
    return Interpretation(
        query=reading.tree,
        source=reading.index.source,
        dialect=reading.index.dialect,
        confidence=reading.confidence,
        tables=tuple(reading.query.tables()),
        memory={"query": dump(reading.query)},
    )
