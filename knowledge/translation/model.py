"""From a question to ranked interpretations: what every translator takes and gives."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol, TypeAlias

from sqlglot import exp

from knowledge.catalog.model import Catalog
from knowledge.glossary import EMPTY, Glossary
from knowledge.values.port import Values


@dataclass(frozen=True, slots=True)
class Option:
    """One way to read a phrase; `id` is stable, so that a button can ask for it."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Assumption:
    """Something the question left open and what was taken for it, e.g. “month” as the month of `orders.ordered_at`.

    `phrase` is the question's own words, `text` one plain sentence, `options` all readings with `chosen` among them.
    `id` is stable for the same phrase of the same question.
    """

    id: str
    phrase: str
    text: str
    options: tuple[Option, ...] = ()
    chosen: str = ""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A part of the explanation and the words of the question, as written, that it was read from.

    `spans` are their places in the cleaned question. Without words, `why` says where it comes from: it was assumed, or
    stood in the question before.
    """

    meaning: str
    words: tuple[str, ...] = ()
    spans: tuple[tuple[int, int], ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Applied:
    """A term of the glossary that a reading uses: which version of it, and the words it was taken for.

    A metric's figures stand under `heading`, in its `unit` and `format`.
    """

    id: str
    name: str
    version: int
    status: str
    words: str
    meaning: str = ""
    heading: str = ""
    unit: str = ""
    format: str = ""

    @property
    def told(self) -> str:
        """“net revenue (version 3)”, and its status where it is not approved."""
        status = "" if self.status == "approved" else f", {self.status}"
        return f"{self.name} (version {self.version}{status})"


@dataclass(frozen=True, slots=True)
class Interpretation:
    """One reading of a question. `query` is a sqlglot tree in the source's dialect, checked against the catalog.

    `confidence` is in 0..1. `explanation` is plain language made from the tree, `because` its parts with their words of
    the question, `unread` the words that had no part, `terms` the terms of the glossary that it uses. `memory` is
    JSON that the same translator is given back with the next question of the conversation. `made_by` says who read it
    so, `spent` what a model took, for the receipt.
    """

    query: exp.Expression
    source: str
    dialect: str
    confidence: float
    assumptions: tuple[Assumption, ...] = ()
    explanation: str = ""
    tables: tuple[str, ...] = ()
    memory: dict[str, Any] = field(default_factory=dict)
    made_by: str = "rules, without a language model"
    spent: str = ""
    because: tuple[Phrase, ...] = ()
    unread: tuple[str, ...] = ()
    terms: tuple[Applied, ...] = ()


@dataclass(frozen=True, slots=True)
class Exchange:
    """An earlier question of this conversation, what it was read as, and the first rows of its answer."""

    question: str
    sql: str
    source: str
    memory: Mapping[str, Any] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str | int | float | bool | None, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """What a question is asked in: `history` oldest first, `choices` from assumption id to the option id pressed.

    `language` is that of questions that do not tell theirs. `values` are the tenant's stored values, to be looked up
    beyond those that the catalog samples, `glossary` what words mean to them.
    """

    today: date
    history: tuple[Exchange, ...] = ()
    choices: Mapping[str, str] = field(default_factory=dict)
    language: str = "en"
    values: Values | None = None
    glossary: Glossary = EMPTY


@dataclass(frozen=True, slots=True)
class Read:
    """The question was read; best first, at least one."""

    interpretations: tuple[Interpretation, ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """The best readings really differ: one question back, with the candidates as buttons, the likeliest first.

    Each candidate is the complete interpretation that the button stands for, and `labels` says each in a few words.
    """

    question: str
    candidates: tuple[Interpretation, ...]
    labels: tuple[str, ...]
    assumption: Assumption


@dataclass(frozen=True, slots=True)
class Decline:
    """The data does not hold the answer, or the words could not be read: why, and what could be asked instead."""

    reason: str
    suggestions: tuple[str, ...] = ()


Translation: TypeAlias = Read | Ask | Decline


class Translator(Protocol):
    """Turns a question into interpretations. Pure: the same arguments give the same result."""

    def translate(self, question: str, catalog: Catalog, context: Context) -> Translation:
        """Never raises for any text, however long or odd."""
