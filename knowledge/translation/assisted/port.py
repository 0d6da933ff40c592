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


class ModelFailed(Exception):
    """The model was of no use. `why` is in our own words and may stand on a card: “it did not answer in time”."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


Complete: TypeAlias = Callable[[Prompt], Awaitable[str]]
"""The model's reply, unchecked. Raises ModelFailed for whatever the provider did."""

Trial: TypeAlias = Callable[[Interpretation], Awaitable[Rows | None]]
"""The rows of a reading, to compare; None where it is too heavy to be run on trial.

Raises the KnowledgeErrors of the guard and the source for a query that would not be run.
"""
