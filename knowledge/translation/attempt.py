"""A question read against one index, once or again with other links."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from knowledge.translation.build import Builder, Unjoinable
from knowledge.translation.chunks import Chunk, chunk, respell
from knowledge.translation.deciding import confidence
from knowledge.translation.index import Index
from knowledge.translation.ir import Query
from knowledge.translation.languages import Rendering
from knowledge.translation.languages.schema import in_grammar
from knowledge.translation.lexicon import Lexicon
from knowledge.translation.linking import link
from knowledge.translation.meaning import Heard, understood
from knowledge.translation.model import Context
from knowledge.translation.reading import read
from knowledge.translation.reading.draft import Reader
from knowledge.translation.reading.finish import finish
from knowledge.translation.stored import with_said, with_values
from knowledge.translation.synonyms.embeddings import Embeddings
from knowledge.translation.synonyms.meant import with_meanings
from knowledge.translation.words import Token, tokenise
from knowledge.values.port import Held

BY_CHANCE = 0.3
"""How much of the confidence is left when tables are joined through a row that the question does not name."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, in what, and what stored values it spells.

    `said` is the text as it was written, where `text` spells it out; `spoken` is what another language was put into.
    """

    text: str
    lexicon: Lexicon
    context: Context
    held: tuple[Held, ...]
    said: str = ""
    spoken: Rendering | None = None
    embeddings: Embeddings | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a question, with its tree and how surely it is meant, 0..1."""

    query: Query
    tree: exp.Select | exp.SetOperation
    reader: Reader
    attempt: "Attempt"
    confidence: float
    joined: tuple[str, ...]

    @property
    def index(self) -> Index:
        """What the words were looked up in."""
        return self.attempt.index


class Attempt:
    """A question read against one index."""

    def __init__(self, question: Question, index: Index, tables: Sequence[str] = (), topic: str = "") -> None:
        lexicon, choices = question.lexicon, question.context.choices
        spoken = question.spoken or Rendering(question.text)
        index = _in_grammar(index, spoken.own, lexicon) if spoken.own else index
        self.index = with_said(with_values(index, question.held, choices), spoken.said)
        self.heard: tuple[Heard, ...] = ()
        tokens = tokenise(question.text)
        if self.index.glossary.terms:
            meant = understood(self.index, tokens, lexicon, choices)
            self.index, tokens, self.heard = meant.index, meant.tokens, meant.heard
        self.tokens: list[Token] = respell(tokens, self.index, lexicon)
        self.index = with_meanings(self.index, self.tokens, lexicon, question.embeddings)
        self._question = question
        self._odd = spoken.odd
        self._tables = tuple(tables)
        self._topic = topic
        self.broken = ""
        self._chunks = chunk(self.tokens, self.index, lexicon, question.context.today)
        self.reader = self._read(choices)

    def again(self, choices: Mapping[str, str]) -> tuple[Reader, Query | None]:
        """The question read with other choices, and its query if there is one."""
        reader = self._read(choices)
        return reader, finish(reader)

    def reading(self, query: Query | None = None, reader: Reader | None = None) -> Reading | None:
        """The query that was read (or the given one) with its tree; None when it cannot be built."""
        reader = reader or self.reader
        query = query or finish(reader)
        if query is None or any(chunk.text.lower() in self._odd for chunk in reader.lost):
            return None
        try:
            builder = Builder(self.index, self._question.lexicon.hints(token.lemma for token in self.tokens))
            tree = builder.query(query)
        except (Unjoinable, ValueError) as error:  # An edited query need not be one that can be said in SQL.
            self.broken = self.broken or (str(error) if self.heard else "")
            return None
        sure = confidence(reader, query) * (BY_CHANCE if builder.by_chance else 1.0)
        return Reading(query, tree, reader, self, sure, tuple(builder.joined))

    def _read(self, choices: Mapping[str, str]) -> Reader:
        question = self._question
        chunks = [_fresh(chunk) for chunk in self._chunks]
        link(chunks, self.index, choices, self._tables)
        context = question.context
        reader = read(chunks, self.index, question.lexicon, choices, self._tables, self._topic, context.today)
        reader.text, reader.said = question.text, question.said or question.text
        reader.tokens = self.tokens if self.heard else None
        return reader


def _in_grammar(index: Index, language: str, lexicon: Lexicon) -> Index:
    made = in_grammar(index, language, lexicon)
    if not index.glossary.terms:
        return made
    words = index.words.__class__(made.words)  # it knows the names of terms
    return replace(made, glossary=index.glossary, dialects=index.dialects, words=words)


def _fresh(chunk: Chunk) -> Chunk:
    """A chunk that can be linked without changing the given one."""
    return replace(chunk, targets=list(chunk.targets), hits=list(chunk.hits))
