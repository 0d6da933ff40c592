"""Decides for each table what must be looked at: nothing, the rows that came since, or all of it."""

import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from knowledge.catalog.codec import pack, unpack
from knowledge.catalog.freshness import Growth, growth, newer_rows, with_freshness, with_watermark
from knowledge.catalog.ledger import Entry, Place, structure_of
from knowledge.catalog.merge import merged
from knowledge.catalog.model import Table
from knowledge.catalog.probe import Probe
from knowledge.sources.changes import Changing
from knowledge.sources.port import Source

log = logging.getLogger(__name__)

WHOLE_AFTER = timedelta(days=7)
"""A table whose own watermark said that nothing changed, or only grew, is measured whole again after this long."""
RESUME_WITHIN = timedelta(hours=24)
GROWN = 1.2
"""A table that has grown by more than this since it was measured whole is measured whole again."""


class How(StrEnum):
    """What was looked at."""

    WHOLE = "measured"
    NEWER = "brought up to date"
    NOT = "unchanged"
    FAILED = "could not be measured"


@dataclass(frozen=True, slots=True)
class Measured:
    """A table with its statistics, and the entry to keep; None where the one that stands is still right."""

    table: Table
    how: How
    entry: Entry | None = None


class Measuring:
    """One source, measured through its port; `probe` asks about watermarks."""

    def __init__(self, source: Source, probe: Probe) -> None:
        self._source = source
        self._probe = probe

    async def measure(self, described: Table, entry: Entry | None) -> Measured:
        """A table as it is now. `entry` is what is known of it. Raises what the source raises."""
        structure = structure_of(described)
        position = await self._position(described)
        known = _known(entry, structure)
        if entry is not None and known is not None:
            if position == entry.position if position else _resumed(entry):
                return Measured(known, How.NOT)
            if not position and known.watermark and known.fresh_at:
                found = await self._since(described, known, entry)
                if found is not None:
                    return found
        return await self._whole(described, structure, position)

    async def _position(self, table: Table) -> str:
        return await self._source.position(table) if isinstance(self._source, Changing) else ""

    async def _whole(self, described: Table, structure: str, position: str) -> Measured:
        profiled = with_freshness(with_watermark(await self._source.profile(described)))
        how = How.WHOLE if _has_statistics(profiled) else How.FAILED
        entry = Entry(
            (described.schema, described.name), structure, position, pack(profiled), _now(), profiled.rows or 0
        )
        return Measured(profiled, how, entry)

    async def _since(self, described: Table, known: Table, entry: Entry) -> Measured | None:
        """What the watermark tells; None when the whole table must be looked at."""
        if _age(entry) > WHOLE_AFTER:
            return None
        found = await growth(known, known.fresh_at, self._probe)
        if found is None or not _only_grew(found, known, entry):
            return None
        if not found.newer:
            return Measured(replace(known, rows=found.rows), How.NOT)
        newer = await newer_rows(known, known.fresh_at, found.newer, self._probe)
        table = with_freshness(merged(known, newer, found.rows))
        kept = replace(entry, body=pack(table), open=True)
        return Measured(table, How.NEWER, kept)


def place_of(table: Table) -> Place:
    """Where a table stands in its source."""
    return table.schema, table.name


def known_of(entry: Entry | None, described: Table) -> Table | None:
    """What an earlier measurement knew of a table that could not be measured now."""
    return _known(entry, structure_of(described))


def _known(entry: Entry | None, structure: str) -> Table | None:
    if entry is None or entry.structure != structure:
        return None
    try:
        return unpack(entry.body)
    except ValueError:
        log.warning("what was known of a table can't be read", extra={"table": ".".join(entry.place)})
        return None


def _resumed(entry: Entry) -> bool:
    """Measured by the scan that was broken off, not long ago."""
    return entry.open and _age(entry) < RESUME_WITHIN


def _only_grew(found: Growth, known: Table, entry: Entry) -> bool:
    """Whether the new rows are all that changed: no row went, and none of the old ones has a newer mark now."""
    return found.rows == (known.rows or 0) + found.newer and found.rows <= GROWN * max(entry.rows, 1)


def _has_statistics(table: Table) -> bool:
    return table.rows == 0 or any(column.distinct is not None or column.nulls is not None for column in table.columns)


def _age(entry: Entry) -> timedelta:
    return datetime.now(UTC) - datetime.fromisoformat(entry.measured_at)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
