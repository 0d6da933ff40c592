"""The deterministic translator: question to interpretations, without a language model."""

from collections.abc import Sequence
from dataclasses import replace

from knowledge.catalog.model import Catalog
from knowledge.translation.attempt import Attempt, Question, Reading
from knowledge.translation.because import phrases, unread
from knowledge.translation.deciding import (
    HOPE,
    SURE,
    WHOSE,
    assumptions,
    grasp,
    notes,
    open_question,
    suggestions,
    unreadable,
    whose,
)
from knowledge.translation.explaining import clauses, sentence
from knowledge.translation.followups import (
    Before,
    conversation,
    drilled,
    follow,
    measured_tables,
    points,
    read_before,
    recalled,
    refers_back,
    said,
    unclear,
)
from knowledge.translation.ir import dump, relabelled
from knowledge.translation.labels import EVERYWHERE, Key, full_name
from knowledge.translation.languages import detect, render
from knowledge.translation.lexicon import load
from knowledge.translation.library import Library, Shelf, library
from knowledge.translation.meaning import spoken_of
from knowledge.translation.meaning.telling import applied, assumed, told, unclear_term, unworkable
from knowledge.translation.meaning.understanding import tables_meant
from knowledge.translation.model import Ask, Context, Decline, Exchange, Interpretation, Option, Read, Translation
from knowledge.translation.ranking.choosing import ranked
from knowledge.translation.ranking.model import Ranker, trained
from knowledge.translation.ranking.otherwise import chosen_first, otherwise
from knowledge.translation.reading.draft import Reader
from knowledge.translation.stored import key_at, looked_up
from knowledge.translation.synonyms.embeddings import Embeddings
from knowledge.translation.words import clean, tokenise
from knowledge.values.port import Values

LONGEST = 2_000
"""Characters of a question; longer texts are declined."""
WHOLE = 0.0
"""The grasp of a reading that no other could understand better."""
CLEARLY = 0.1
"""How much more of the words a reading over all sources must understand than that of one source, which is cheaper."""
AS_GOOD = 0.005
"""How little the readings of two sources may differ to be equally good."""
TRAINED = trained()


class RuleTranslator:
    """Reads questions with rules and a lexicon; the same question, catalog, context and values give the same result.

    `values` are looked up where the context brings none. `ranker` weighs several readings; None takes the rules' own.
    `embeddings` explain words that nothing else does.
    """

    def __init__(
        self, values: Values | None = None, ranker: Ranker | None = TRAINED, embeddings: Embeddings | None = None
    ) -> None:
        self._values = values
        self._ranker = ranker
        self._embeddings = embeddings

    def translate(self, question: str, catalog: Catalog, context: Context) -> Translation:
        """Never raises for any text, however long or odd."""
        books = library(catalog)
        if len(question) > LONGEST:
            return Decline(f"This text is longer than {LONGEST:,} characters; please ask in fewer words.")
        text = clean(question).strip()
        if not any(char.isalnum() for char in text):
            return Decline("There is no question in this text.", suggestions(books.open(()).sources))
        lexicon = load()
        language = detect(text, (one.question for one in reversed(context.history)), context.language)
        glossary = context.glossary
        spoken = render(text, language, books.names, own=books.named_in(language), terms=spoken_of(glossary))
        text = spoken.text
        tokens = tokenise(text)
        held = looked_up(tokens, context.values or self._values, catalog, lexicon, books.names, spoken.said)
        kept = [*_tables_before(context.history, books), *(key_at(one.place) for one in held)]
        shelf = books.open(tokens, [*kept, *tables_meant(tokens, glossary, catalog)], glossary)
        asked = Question(text, lexicon, context, held, spoken=spoken, embeddings=self._embeddings)
        if continued := _follow_up(asked, shelf):
            return continued if isinstance(continued, Decline) else Read((_interpretation(continued),))
        attempts = [Attempt(asked, index) for index in shelf.sources]
        readings = [reading for attempt in attempts if (reading := attempt.reading())]
        alike = _alike(readings, context)
        best = alike[0] if alike else None
        if (best is None or grasp(best.reader) < WHOLE) and shelf.everywhere:
            attempts.append(Attempt(asked, shelf.everywhere))
            best = _wider(best, attempts[-1].reading())
        likely = self._likely(best, context)
        if best is None or not likely:
            # Why it is declined is told by the reading that understood most.
            readers = [best.reader] if best else []
            readers = sorted([*readers, *(attempt.reader for attempt in attempts)], key=_missed)
            if why := next((found for one in attempts if (found := unworkable(one.heard, one.broken))), ""):
                return Decline(why, suggestions(shelf.sources))
            return unreadable(readers[0] if readers else None, shelf.sources)
        if back := _asked(best, asked):
            return back
        first, *others = map(_interpretation, likely)
        several = [one.index.source for one in alike] if len(alike) > 1 and best is alike[0] else []
        sources = (whose(several),) if several else ()
        first = replace(first, assumptions=(*sources, *first.assumptions, *otherwise(likely)))
        return Read((first, *others))

    def _likely(self, best: Reading | None, context: Context) -> list[Reading]:
        """The readings that a first reading leads to, the likeliest first; none where even that is unlikely."""
        if best is None or best.confidence < (HOPE if self._ranker else SURE):
            return []
        readings = ranked(best, self._ranker, context.choices) if self._ranker else [best]
        unlikely = readings[0].confidence < SURE and not context.choices
        return [] if unlikely else chosen_first(readings, context.choices)


def _missed(reader: Reader) -> int:
    """How many words mean nothing to a reader."""
    return len(reader.lost)


def _alike(readings: Sequence[Reading], context: Context) -> list[Reading]:
    """The best reading, or the one of the source that was chosen, and those of other sources that are as good."""
    if not readings:
        return []
    best = max(map(_rank, readings))
    alike = [reading for reading in readings if _rank(reading) > best - AS_GOOD]
    chosen = context.choices.get(WHOSE)
    return sorted(alike, key=lambda one: (one.index.source != chosen, -_rank(one)))


def _tables_before(history: Sequence[Exchange], books: Library) -> list[Key]:
    """The tables of the questions before, so that what follows up on them finds them."""
    queries = list(read_before(history))[:2]
    return [key for query in queries for key in books.keys(query.source, query.tables())]


def _wider(best: Reading | None, everywhere: Reading | None) -> Reading | None:
    """The reading over all sources, where it understands clearly more of the words; else the given one."""
    if everywhere is None or everywhere.confidence < SURE:
        return best
    if best is None or best.confidence < SURE:
        return everywhere
    return everywhere if grasp(everywhere.reader) >= grasp(best.reader) + CLEARLY else best


def _asked(best: Reading, question: Question) -> Ask | None:
    """One question back, when the best two readings are equally likely and give different queries."""
    open_ = unclear_term(best.attempt.heard) or open_question(best.reader, best.query)
    if open_ is None:
        return None
    found: dict[str, tuple[Interpretation, Option]] = {}
    for option in open_.options[:4]:
        choices = {**question.context.choices, open_.id: option.id}
        chosen = replace(question, context=replace(question.context, choices=choices))
        reading = Attempt(chosen, best.index).reading()
        if reading:
            found.setdefault(reading.tree.sql(), (_interpretation(reading), option))
    if len(found) < 2:
        return None
    candidates, options = zip(*found.values(), strict=True)
    labels = tuple(option.label for option in options)
    return Ask(f"What do you mean by “{open_.phrase}”?", candidates, labels, replace(open_, options=options))


def _rank(reading: Reading) -> float:
    """The source that knows the question's words comes before one that is surer of a part of them."""
    return reading.confidence - 0.2 * len(reading.reader.lost)


def _follow_up(asked: Question, shelf: Shelf) -> Reading | Decline | None:
    """The question before as changed by this text, or why it can't be; None when the text stands for itself."""
    found = recalled(asked.text, conversation(asked.context.history, shelf), asked.lexicon)
    if found is None:
        return None
    before, text, again = found
    asked = replace(asked, text=text, said=asked.text)
    changed = _changed(asked, before, again)
    reading = changed if isinstance(changed, Reading) else None
    wide = shelf.everywhere if before.index.source != EVERYWHERE else None
    if wide is None or (reading and grasp(reading.reader) >= WHOLE):
        return changed
    names = {label: wide.labels.of(table) for label, table in before.index.tables.items()}
    query = relabelled(before.query, EVERYWHERE, names)
    over_all = _changed(asked, replace(before, query=query, index=wide), again)
    return _wider(reading, over_all if isinstance(over_all, Reading) else None) or changed


def _changed(asked: Question, before: Before, again: bool) -> Reading | Decline | None:
    if level := drilled(asked.text, before):
        if level.query is None:
            return Decline(level.missing)
        before, again = replace(before, query=level.query), not level.rest
        asked = replace(asked, text=f"only {level.rest}" if level.rest else "", said=asked.said or asked.text)
        if again:
            return Attempt(asked, before.index, before.query.tables()).reading(before.query)
    meant = said(asked.text, before, asked.lexicon, again)
    attempt = Attempt(replace(asked, text=meant.text), before.index, measured_tables(before.query), before.query.focus)
    if not refers_back(meant, attempt.tokens, attempt.reader):
        return None
    changed = follow(meant, attempt.tokens, attempt.reader)
    attempt.reader.headed = True
    reading = attempt.reading(changed) if changed else None
    if reading and reading.confidence >= SURE:
        return reading
    return unclear(attempt.reader) if points(attempt.tokens, attempt.reader) else None


def _interpretation(reading: Reading) -> Interpretation:
    index, named = reading.index, tuple(reading.query.tables())
    if index.source == EVERYWHERE:
        named = tuple(full_name(index.tables[label]) for label in reading.joined)
    clauses_ = clauses(reading.query, index)
    terms = applied(reading.attempt.heard, reading.query, index)
    return Interpretation(
        query=reading.tree,
        source=index.source,
        dialect=index.dialect,
        confidence=round(reading.confidence, 3),
        assumptions=(
            *assumed(reading.attempt.heard, reading.query, index),
            *assumptions(reading.reader, reading.query, reading.joined),
            *notes(reading.tree, reading.query, index, reading.joined),
        ),
        explanation=sentence(clauses_),
        tables=named,
        memory={"query": dump(reading.query)},
        because=(*phrases(clauses_, reading.reader), *told(terms)),
        unread=unread(reading.reader),
        terms=terms,
    )
