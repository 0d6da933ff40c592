"""Looks at a whole source: what there is, then what is in it, then which columns point at which."""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import Protocol

from knowledge.catalog.keys import infer_keys
from knowledge.catalog.ledger import Entry, Forgetful, Ledger, Place
from knowledge.catalog.lineage import with_reads
from knowledge.catalog.measuring import How, Measured, Measuring, known_of, place_of
from knowledge.catalog.model import Table
from knowledge.catalog.probe import Probe, Rows
from knowledge.catalog.sensitive import classified
from knowledge.errors import SourceUnavailable
from knowledge.sources.port import Limits, Source

log = logging.getLogger(__name__)

MEASURE = Limits(rows=200_000, seconds=30.0)
LANES = 4
"""Tables that are measured at a time."""
GIVE_UP = 5
"""A source that turned so many tables in a row away is away."""
KEEP_EVERY = 50
KEEP_SECONDS = 1.0
"""What was measured is kept after so many tables or seconds, whichever comes first."""


class Progress(Protocol):
    """Told after each table."""

    def __call__(self, done: int, total: int, table: str) -> None: ...


def silent(done: int, total: int, table: str) -> None:
    """Nobody watches."""


@dataclass(frozen=True, slots=True)
class Scanned:
    """All tables of a source, and how many of them were measured in which way. `failed` names those that were not."""

    tables: tuple[Table, ...]
    counts: Mapping[How, int]
    failed: tuple[str, ...] = ()


async def scan(source: Source) -> tuple[Table, ...]:
    """All tables with statistics and keys. Raises SourceUnavailable."""
    return (await survey(source)).tables


async def survey(
    source: Source, ledger: Ledger | None = None, *, progress: Progress = silent, before: Sequence[Table] = ()
) -> Scanned:
    """All tables with statistics and keys; only what changed since the ledger's entries is measured.

    A scan that was broken off goes on where it was. One table that fails is in the catalog as far as it is known.
    `before` are the tables as the last scan left them: keys between tables that did not change are taken from there.
    Raises SourceUnavailable when the source is away; what was measured until then is kept in the ledger.
    """
    kept = ledger or Forgetful()
    described = await source.introspect()
    probe = probe_of(source)
    work = _Work(source, probe, kept, await kept.entries(), progress, described)
    measured = await work.run()
    unchanged = {place_of(found.table) for found in measured if found.how is How.NOT}
    # Ten thousand views take a while to parse, and others share this loop.
    read = await asyncio.to_thread(with_reads, tuple(found.table for found in measured), source.dialect)
    tables = await infer_keys(read, probe, before=before, unchanged=unchanged)
    await kept.finish(place_of(table) for table in described)
    failed = tuple(_shown(found.table) for found in measured if found.how is How.FAILED)
    return Scanned(tables, Counter(found.how for found in measured), failed)


class _Work:
    """The tables of one scan, measured a few at a time."""

    def __init__(
        self,
        source: Source,
        probe: Probe,
        ledger: Ledger,
        entries: Mapping[Place, Entry],
        progress: Progress,
        tables: Sequence[Table],
    ) -> None:
        self._measuring = Measuring(source, probe)
        self._name = source.name
        self._ledger = ledger
        self._entries = entries
        self._progress = progress
        self._tables = tables
        self._done: dict[int, Measured] = {}
        self._unkept: list[Entry] = []
        self._kept_at = monotonic()
        self._away = 0

    async def run(self) -> list[Measured]:
        """Every table, in the order given."""
        waiting = iter(enumerate(self._tables))
        try:
            async with asyncio.TaskGroup() as lanes:
                for _ in range(LANES):
                    lanes.create_task(self._lane(waiting))
        except* SourceUnavailable as away:
            raise away.exceptions[0] from None
        finally:
            await self._keep()
        return [self._done[at] for at in range(len(self._tables))]

    async def _lane(self, waiting: Iterator[tuple[int, Table]]) -> None:
        for at, table in waiting:
            found = await self._one(table)
            self._done[at] = replace(found, table=classified(found.table), entry=None)
            self._progress(len(self._done), len(self._tables), _shown(table))
            if found.entry is not None:
                self._unkept.append(found.entry)
            if len(self._unkept) >= KEEP_EVERY or monotonic() - self._kept_at > KEEP_SECONDS:
                await self._keep()

    async def _one(self, table: Table) -> Measured:
        entry = self._entries.get(place_of(table))
        # Gathered, so that whatever a source raises over one table is this table's failure and no other's.
        (found,) = await asyncio.gather(self._measuring.measure(table, entry), return_exceptions=True)
        if isinstance(found, Measured):
            self._away = 0
            return found
        if not isinstance(found, Exception):
            raise found
        self._away = self._away + 1 if isinstance(found, SourceUnavailable) else 0
        if self._away >= min(GIVE_UP, len(self._tables)):
            raise found
        log.warning("table not measured", extra={"source": self._name, "table": _shown(table), "why": str(found)})
        return Measured(known_of(entry, table) or table, How.FAILED)

    async def _keep(self) -> None:
        entries, self._unkept = self._unkept, []
        self._kept_at = monotonic()
        if entries:
            await self._ledger.keep(entries)


def probe_of(source: Source) -> Probe:
    """Questions to a source in its own dialect; whole tables stand for samples."""

    async def ask(sql: str) -> Rows:
        return await fetched(source, sql)

    probe = Probe(source.dialect, ask, lambda table, _rows: probe.relation(table))
    return probe


async def fetched(source: Source, sql: str) -> Sequence[Sequence[object]]:
    """All rows of a small query."""
    rows: list[Sequence[object]] = []
    async for batch in source.execute(sql, MEASURE):
        rows += zip(*(column.to_pylist() for column in batch.columns), strict=True)
    return rows


def _shown(table: Table) -> str:
    return f"{table.schema}.{table.name}" if table.schema else table.name
