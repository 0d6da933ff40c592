"""What is asked of a policy, and what it answers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeAlias

from knowledge.asker import Asker
from knowledge.catalog.model import Table

Key: TypeAlias = tuple[str, str, str]
"""Source, schema and name of a table, in lower case."""


class Masking(StrEnum):
    """How a masked column is shown."""

    NULL = "null"
    HASH = "hash"
    PARTIAL = "partial"
    GENERALISE = "generalise"


@dataclass(frozen=True, slots=True)
class Mask:
    """`keep` characters at the end stay readable (partial).

    `step` (generalise) is the width of number ranges, a date part, or how many characters of a text stay at its start.
    `salt` (hash) is the installation's secret: without it nobody can look a hash up by trying values.
    """

    kind: Masking
    keep: int = 4
    step: str = ""
    salt: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class TableRules:
    """What one person may see of one table.

    `filters` are SQL conditions over the table's own columns, in DuckDB's dialect, that every row must meet. `hidden`
    columns do not exist for the person, `masks` say how others are shown; names in lower case. `names` are the policies
    that said so, for the receipt.
    """

    allowed: bool = True
    filters: tuple[str, ...] = ()
    masks: Mapping[str, Mask] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    names: tuple[str, ...] = ()

    @property
    def open(self) -> bool:
        """True when the table is seen as it is."""
        return self.allowed and not (self.filters or self.masks or self.hidden)


class Policy(Protocol):
    """Row and column rights. `version` changes whenever an answer could."""

    @property
    def version(self) -> str: ...

    async def rules(self, asker: Asker, tables: Sequence[Table]) -> Mapping[Key, TableRules]:
        """Rules for each table; a table that is missing in the answer may not be seen."""


class _AllOpen(Mapping[Key, TableRules]):
    """Rules for any table at all: it is seen as it is."""

    _rules = TableRules()

    def __getitem__(self, key: Key) -> TableRules:
        return self._rules

    def __iter__(self) -> Iterator[Key]:
        return iter(())

    def __len__(self) -> int:
        return 0


ALL_OPEN = _AllOpen()


class _Open:
    """No policy is set: everybody who may ask sees everything."""

    version = "open"

    async def rules(self, asker: Asker, tables: Sequence[Table]) -> Mapping[Key, TableRules]:
        return ALL_OPEN


OPEN: Policy = _Open()


def key_of(table: Table) -> Key:
    """The key of a table."""
    return table.source.lower(), table.schema.lower(), table.name.lower()
