"""What scans have measured, table by table, so that no table is measured twice without need."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Protocol, TypeAlias

from knowledge.catalog.model import Table

Place: TypeAlias = tuple[str, str]
"""Schema and name of a table within its source."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One measured table, packed (`knowledge.catalog.codec.pack`).

    `structure` is what `structure_of` said of the table as it was introspected, `position` where it stood (empty when
    unknown). `measured_at` (ISO, UTC) and `rows` speak of the last measurement of the whole table; rows that came since
    may have been merged. `open` entries belong to a scan that has not come to its end.
    """

    place: Place
    structure: str
    position: str
    body: bytes
    measured_at: str
    rows: int
    open: bool = True


class Ledger(Protocol):
    """Where the entries of one source are kept."""

    async def entries(self) -> Mapping[Place, Entry]:
        """All of them."""

    async def keep(self, entries: Sequence[Entry]) -> None:
        """Add, or replace what stood at the same place."""

    async def finish(self, places: Iterable[Place]) -> None:
        """The scan is over: these are all tables there are; entries of others go, the rest is no longer open."""


class Forgetful:
    """A ledger for a scan that stands alone."""

    async def entries(self) -> Mapping[Place, Entry]:
        """None."""
        return {}

    async def keep(self, entries: Sequence[Entry]) -> None:
        """Forgotten at once."""

    async def finish(self, places: Iterable[Place]) -> None:
        """Nothing to do."""


def structure_of(table: Table) -> str:
    """A digest of everything that `introspect` says of a table but its row count, which every new row changes."""
    told = tuple(getattr(table, item.name) for item in fields(table) if item.name not in ("rows", "fresh_at"))
    return hashlib.sha256(repr(told).encode("utf-8", "replace")).hexdigest()[:32]
