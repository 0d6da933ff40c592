"""The deterministic translator: question to interpretations, without a language model."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from knowledge.catalog.model import Catalog
from knowledge.translation.build import Builder, Unjoinable
from knowledge.translation.chunks import chunk, respell
from knowledge.translation.deciding import (
    SURE,
    assumptions,
    confidence,
    grasp,
    notes,
    open_question,
    suggestions,
    unreadable,
)
from knowledge.translation.explaining import explain
from knowledge.translation.followups import earlier, follow, measured_tables, refers_back, spelled_out
from knowledge.translation.index import Index
from knowledge.translation.ir import Query, dump, relabelled
from knowledge.translation.labels import EVERYWHERE, full_name
from knowledge.translation.lexicon import Lexicon, load
from knowledge.translation.library import library
from knowledge.translation.linking import link
from knowledge.translation.model import Ask, Context, Decline, Interpretation, Read, Translation
from knowledge.translation.reading import read
from knowledge.translation.reading.draft import Reader
from knowledge.translation.reading.finish import finish
from knowledge.translation.words import Token, clean, tokenise

LONGEST = 2_000
"""Characters of a question; longer texts are declined."""
WHOLE = 0.0
"""The grasp of a reading that no other could understand better."""
CLEARLY = 0.1
"""How much more of the words a reading over all sources must understand than that of one source, which is cheaper."""
BY_CHANCE = 0.3
"""How much of the confidence is left when tables are joined through a row that the question does not name."""


@dataclass(frozen=True, slots=True)
class _Reading:
    query: Query
    tree: exp.Select | exp.SetOperation
    reader: Reader
    index: Index
    confidence: float
    joined: tuple[str, ...]


class RuleTranslator:
    """Reads questions with rules and a lexicon; the same question, catalog and context give the same result."""

    def translate(self, question: str, catalog: Catalog, context: Context) -> Translation:
        """Never raises for any text, however long or odd."""
        shelf = library(catalog, context.language)
        known = shelf.sources
        if len(question) > LONGEST:
            return Decline(f"This text is longer than {LONGEST:,} characters; please ask in fewer words.")
        text = clean(question).strip()
        if not any(char.isalnum() for char in text):
            return Decline("There is no question in this text.", suggestions(known))
        lexicon = load(context.language)
        if continued := _follow_up(text, known, lambda: shelf.everywhere, lexicon, context):
            return Read((_interpretation(continued),))
        attempts = [_Attempt(text, index, lexicon, context) for index in known]
        readings = [reading for attempt in attempts if (reading := attempt.reading())]
        best = max(readings, key=_rank, default=None)
        if (best is None or grasp(best.reader) < WHOLE) and shelf.everywhere:
            best = _wider(best, _Attempt(text, shelf.everywhere, lexicon, context).reading())
        if best is None or best.confidence < SURE:
            reader = best.reader if best else attempts[0].reader if attempts else None
            return unreadable(reader, known)
        return _asked(best, text, lexicon, context) or Read((_interpretation(best),))


def _wider(best: _Reading | None, everywhere: _Reading | None) -> _Reading | None:
    """The reading over all sources, where it joins several and understands more of the words; else the given one."""
    if everywhere is None or everywhere.confidence < SURE:
        return best
    joined = {everywhere.index.tables[label].source for label in everywhere.joined}
    if len(joined) < 2:
        return best
    if best is None or best.confidence < SURE:
        return everywhere
    return everywhere if grasp(everywhere.reader) >= grasp(best.reader) + CLEARLY else best


def _asked(best: _Reading, text: str, lexicon: Lexicon, context: Context) -> Ask | None:
    """One question back, when the best two readings are equally likely and give different queries."""
    open_ = open_question(best.reader, best.query)
    if open_ is None:
        return None
    found: dict[str, tuple[Interpretation, str]] = {}
    for option in open_.options[:4]:
        chosen = replace(context, choices={**context.choices, open_.id: option.id})
        reading = _Attempt(text, best.index, lexicon, chosen).reading()
        if reading:
            found.setdefault(reading.tree.sql(), (_interpretation(reading), option.label))
    if len(found) < 2:
        return None
    candidates, labels = zip(*found.values(), strict=True)
    return Ask(f"What do you mean by “{open_.phrase}”?", candidates, labels, open_)


class _Attempt:
    """A text read against one source."""

    def __init__(
        self, text: str, index: Index, lexicon: Lexicon, context: Context, tables: Sequence[str] = (), topic: str = ""
    ) -> None:
        self.index = index
        self.tokens: list[Token] = respell(tokenise(text), index, lexicon)
        chunks = chunk(self.tokens, index, lexicon, context.today)
        choices: Mapping[str, str] = context.choices
        link(chunks, index, choices, tables)
        self.reader = read(chunks, index, lexicon, choices, tuple(tables), topic)

    def reading(self, query: Query | None = None) -> _Reading | None:
        """The query that was read (or the given one) with its tree; None when it cannot be built."""
        query = query or finish(self.reader)
        if query is None:
            return None
        try:
            builder = Builder(self.index, frozenset(token.lemma for token in self.tokens))
            tree = builder.query(query)
        except Unjoinable:
            return None
        sure = confidence(self.reader, query) * (BY_CHANCE if builder.by_chance else 1.0)
        return _Reading(query, tree, self.reader, self.index, sure, tuple(builder.joined))


def _rank(reading: _Reading) -> float:
    """The source that knows the question's words comes before one that is surer of a part of them."""
    return reading.confidence - 0.2 * len(reading.reader.lost)


def _follow_up(
    text: str, known: Sequence[Index], everywhere: Callable[[], Index | None], lexicon: Lexicon, context: Context
) -> _Reading | None:
    """The question before as changed by this text; None when the text stands for itself."""
    before = earlier(context.history, known, everywhere)
    if before is None:
        return None
    reading = _changed(text, *before, lexicon, context)
    wide = everywhere() if before[1].source != EVERYWHERE else None
    if wide is None or (reading and grasp(reading.reader) >= WHOLE):
        return reading
    query, index = before
    names = {label: wide.labels.of(table) for label, table in index.tables.items()}
    return _wider(reading, _changed(text, relabelled(query, EVERYWHERE, names), wide, lexicon, context))


def _changed(text: str, query: Query, index: Index, lexicon: Lexicon, context: Context) -> _Reading | None:
    text = spelled_out(text, query)
    attempt = _Attempt(text, index, lexicon, context, measured_tables(query), query.focus)
    if not refers_back(query, attempt.tokens, attempt.reader, lexicon):
        return None
    changed = follow(query, attempt.reader, attempt.tokens)
    attempt.reader.headed = True
    reading = attempt.reading(changed) if changed else None
    return reading if reading and reading.confidence >= SURE else None


def _interpretation(reading: _Reading) -> Interpretation:
    index, named = reading.index, tuple(reading.query.tables())
    if index.source == EVERYWHERE:
        named = tuple(full_name(index.tables[label]) for label in reading.joined)
    return Interpretation(
        query=reading.tree,
        source=index.source,
        dialect=index.dialect,
        confidence=round(reading.confidence, 3),
        assumptions=(
            *assumptions(reading.reader, reading.query, reading.joined),
            *notes(reading.tree, reading.query, index, reading.joined),
        ),
        explanation=explain(reading.query, index),
        tables=named,
        memory={"query": dump(reading.query)},
    )
