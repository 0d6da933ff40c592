"""What is asked of stored values: which columns hold what a phrase of a question spells, or nearly spells."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias


@dataclass(frozen=True, slots=True)
class Place:
    """A column by where it is; `schema` is empty for the default one."""

    source: str
    schema: str
    table: str
    column: str


@dataclass(frozen=True, slots=True)
class Held:
    """A value as it is stored, for a phrase that spells it; `rows` have it, `distance` letters are different."""

    phrase: str
    place: Place
    stored: str
    rows: int
    distance: int


Visible: TypeAlias = Callable[[Place], bool]
"""Whether the person who asks may see the values of a column as they are."""


class Values(Protocol):
    """Stored values of many columns. Reading blocks for milliseconds and never raises for any phrase."""

    def find(self, phrases: Sequence[str], visible: Visible) -> Sequence[Held]:
        """Values of visible columns that the phrases spell; best first for each phrase, in the order of the phrases.

        A phrase that is stored as it is finds nothing that is only like it.
        """
