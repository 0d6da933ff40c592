"""What asking a chat model takes and gives, whoever the provider is."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from knowledge.translation.model import Interpretation

Rows: TypeAlias = Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is told: `system` is ours alone; `turns` are our words and its replies, ours first and last."""

    system: str
    turns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model wrote, unchecked, and the tokens that its service counted; None where it does not say."""

    text: str
    tokens_in: int | None = None
    tokens_out: int | None = None


class ModelFailed(Exception):
    """The model was of no use. `why` is in our own words and may stand on a card: “it did not answer in time”.

    `after` are the seconds for which its service asked to be left alone.
    """

    def __init__(self, why: str, after: float = 0.0) -> None:
        super().__init__(why)
        self.why = why
        self.after = after


Complete: TypeAlias = Callable[[Prompt], Awaitable[Reply]]
"""The model's reply. Raises ModelFailed for whatever the provider did."""


@dataclass(frozen=True, slots=True)
class Example:
    """A question with the query that an expert approved for it."""

    question: str
    sql: str
    source: str


@dataclass(frozen=True, slots=True)
class Term:
    """A word of the business and what it means in the data."""

    name: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Briefing:
    """What the model is told beside tables and question: only what the asker may see."""

    examples: Sequence[Example] = ()
    terms: Sequence[Term] = ()


Trial: TypeAlias = Callable[[Interpretation], Awaitable[Rows | None]]
"""The rows of a reading, to compare; None where it is too heavy to be run on trial.

Raises the KnowledgeErrors of the guard and the source for a query that would not be run.
"""
