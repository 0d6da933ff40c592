"""A dialect's native types, and what each is in Arrow and in the catalog."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import pyarrow as pa

from knowledge.catalog.model import DataType

Made: TypeAlias = pa.DataType | Callable[[re.Match[str]], pa.DataType]
Rule: TypeAlias = tuple[str, DataType, Made]
"""A pattern for the whole native name in lower case, what the column holds, and its Arrow type."""

MOST_DIGITS = 76


@dataclass(frozen=True)
class TypeTable:
    """The first rule that fits a native type decides; a type that no rule knows arrives as text."""

    rules: tuple[Rule, ...]

    def arrow(self, native: str) -> pa.DataType:
        """The Arrow type of a column of this native type."""
        for pattern, _, made in self._compiled:
            if found := pattern.fullmatch(_plain(native)):
                return made if isinstance(made, pa.DataType) else made(found)
        return pa.string()

    def holds(self, native: str) -> DataType:
        """What the catalog says of a column of this native type."""
        plain = _plain(native)
        return next((kind for pattern, kind, _ in self._compiled if pattern.fullmatch(plain)), DataType.OTHER)

    @cached_property
    def _compiled(self) -> tuple[tuple[re.Pattern[str], DataType, Made], ...]:
        return tuple((re.compile(pattern), kind, made) for pattern, kind, made in self.rules)


def decimal(found: re.Match[str]) -> pa.DataType:
    """Exact numbers of (precision, scale) as the pattern's first two groups give them; floating beyond 76 digits."""
    precision, scale = int(found[1]), int(found[2] or 0)
    return decimal_of(precision, scale)


def decimal_of(precision: int, scale: int) -> pa.DataType:
    """The narrowest Arrow type that holds such numbers exactly; floating where none does."""
    if not 0 <= scale <= precision <= MOST_DIGITS:
        return pa.float64()
    return pa.decimal128(precision, scale) if precision <= 38 else pa.decimal256(precision, scale)


def _plain(native: str) -> str:
    return " ".join(native.strip().lower().split())
