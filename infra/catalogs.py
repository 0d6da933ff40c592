"""The catalogs of the configured sources: scanned once, kept in the database, loaded at start."""

import asyncio
import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

from sqlalchemy.ext.asyncio import AsyncEngine

from infra.impact import Impacts
from infra.openings import opened
from infra.settings import Breaker, SourceSetting
from infra.store.catalogs import Head, Snapshot, SqlLedger, SqlSnapshots
from infra.store.notes import SqlNotes
from infra.store.tables import now
from knowledge.catalog.affected import Affected
from knowledge.catalog.between import infer_between
from knowledge.catalog.drift import Change, diff
from knowledge.catalog.links import links_of, links_to_json, with_links
from knowledge.catalog.model import Catalog, Table
from knowledge.catalog.scan import Progress, Scanned, silent, survey
from knowledge.enrichment import Notes, noted
from knowledge.errors import Refused, SourceUnavailable
from knowledge.sources.opening import Resolve, no_secrets
from knowledge.sources.port import Source
from knowledge.values.fill import fill
from knowledge.values.index import ValueIndex

log = logging.getLogger(__name__)

MOST_CHANGES = 1_000
"""Changes that a snapshot tells of."""
LOOK_AGAIN = 2.0
"""Seconds after which the store is asked whether another process scanned."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a scan found, and the snapshot that keeps it; `changed` is False where everything was as before."""

    scanned: Scanned
    snapshot: str
    changed: bool
    changes: tuple[Change, ...] = ()


class StoredCatalogs:
    """`knowledge.federation.Sources` for one tenant: every configured source, open, with its catalog.

    A source that is down at start leaves the others usable; its tables stand in the catalog if it was scanned before.
    A scan by any process is seen by all others within seconds.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        tenant: str,
        sources: Sequence[SourceSetting],
        resolve: Resolve = no_secrets,
        breaker: Breaker | None = None,
        values: ValueIndex | None = None,
        *,
        scans: bool = True,
    ) -> None:
        self._engine = engine
        self._tenant = tenant
        self._settings = {setting.name: setting for setting in sources}
        self._sources: Mapping[str, Source] = {
            name: opened(setting, resolve, breaker) for name, setting in self._settings.items()
        }
        self.values = values
        self._scans = scans
        self._snapshots = SqlSnapshots(engine, tenant)
        self._catalog = Catalog()
        self._stored: dict[str, dict[str, Table]] = {}
        self._loaded: dict[str, Head] | None = None
        self._notes = SqlNotes(engine)
        self._said = Notes()
        self._started = False
        self._looked_at = 0.0
        self._loading = asyncio.Lock()

    async def catalog(self, tenant: str) -> Catalog:
        """What can be asked; the first call loads it, scanning what was never scanned (where `scans` is set)."""
        if tenant != self._tenant:
            return Catalog()
        async with self._loading:
            if self._scans and not self._started:
                await self._scan_missing()
                self._started = True
            if monotonic() - self._looked_at > LOOK_AGAIN:
                await self._refresh()
        return self._catalog

    def source(self, tenant: str, name: str) -> Source:
        """An open source. Raises SourceUnavailable when it is not configured."""
        if tenant != self._tenant or name not in self._sources:
            raise SourceUnavailable(
                f"The source {name!r} is not configured.", next_step="Add it with `quillux source add`."
            )
        return self._sources[name]

    async def scan(self, name: str, progress: Progress = silent) -> Report:
        """Look at a source anew, keep what was found, and tell what changed. Raises SourceUnavailable."""
        source = self.source(self._tenant, name)
        before = await self._present(name)
        earlier = await self._snapshots.tables(before) if before else ()
        ledger = SqlLedger(self._engine, self._tenant, name)
        scanned = await survey(source, ledger, progress=progress, before=earlier)
        version = Catalog(scanned.tables, {name: source.dialect}).version
        heads = await self._snapshots.heads()
        head = heads.get(name)  # another process may have come to the same in the meantime
        changed = head is None or head.version != version
        snapshot, changes = head.snapshot if head else "", tuple[Change, ...]()
        if changed:
            changes = await asyncio.to_thread(diff, earlier, scanned.tables) if before else ()
            told = [change.to_json() for change in changes[:MOST_CHANGES]]
            snapshot = await self._snapshots.keep(name, source.dialect, version, scanned.tables, told)
        links = head.links if head else {}
        await self._snapshots.point(Head(name, self._digest(name), version, snapshot, now(), links))
        if changed:
            await self._remember(source, earlier, scanned.tables)
            await self._link(name)
            _say(name, changes)
        self._looked_at = 0.0
        return Report(scanned, snapshot, changed, changes)

    async def _remember(self, source: Source, before: Sequence[Table], tables: Sequence[Table]) -> None:
        """Keep the stored values of tables that are new or moved, and forget those of tables that are gone."""
        if self.values is None:
            return
        known = {table.digest for table in before}
        there = {(table.schema, table.name) for table in tables}
        for gone in {(table.schema, table.name) for table in before} - there:
            await asyncio.to_thread(self.values.remove, source.name, *gone)
        filled = await fill(self.values, source, [table for table in tables if table.digest not in known])
        for place, why in filled.left.items():
            log.info("values not kept", extra={"source": source.name, "column": str(place), "why": why})

    async def _link(self, name: str) -> None:
        """Find the keys between this source and the others anew."""
        heads = await self._heads()
        bare = {source: await self._tables(head) for source, head in heads.items()}
        kept = {
            source: [link for link in links_of(head.links) if name not in (source, link.key.source)]
            for source, head in heads.items()
        }
        tables = tuple(table for source in bare for table in with_links(bare[source], kept[source]))
        whole = await infer_between(Catalog(tables), lambda each: self.source(self._tenant, each), only=name)
        for source, head in heads.items():
            links = links_to_json(whole.of(source))
            if links != head.links:
                await self._snapshots.point(replace(head, links=links))

    async def older_than(self, hours: float) -> list[str]:
        """Sources whose last scan began more than so many hours ago; one that was never scanned is not among them."""
        limit = (datetime.now(UTC) - timedelta(hours=hours)).isoformat()
        return [name for name, head in (await self._heads()).items() if head.scanned_at < limit]

    async def kept(self, name: str) -> tuple[Table, ...]:
        """What the last scan of a source found; nothing before the first."""
        head = (await self._heads()).get(name)
        return with_links(await self._tables(head), links_of(head.links)) if head else ()

    async def history(self, name: str) -> list[Snapshot]:
        """The kept snapshots of a source, newest first."""
        return await self._snapshots.of(name)

    async def drift(self, name: str, since: str = "") -> tuple[Change, ...]:
        """What changed in a source since a snapshot; without one, at the last scan that found a change.

        Raises Refused for a snapshot that is not kept.
        """
        kept = await self._snapshots.of(name)
        if not since:
            return tuple(Change.from_json(dict(change)) for change in kept[0].changes) if kept else ()
        before = next((each for each in kept if each.id == since), None)
        if before is None:
            raise Refused(
                f"There is no snapshot {since!r} of {name}.", next_step=f"`quillux catalog history {name}` lists them."
            )
        old, new = await self._snapshots.tables(before), await self._snapshots.tables(kept[0])
        return await asyncio.to_thread(diff, old, new)

    async def affected(self, changes: Sequence[Change]) -> Mapping[Change, Sequence[Affected]]:
        """Which terms, verified queries and questions that were answered lately read what changed."""
        return await self.impacts.of(changes)

    @property
    def impacts(self) -> Impacts:
        """Whom changes of the data and of terms meet."""
        dialects = {name: source.dialect for name, source in self._sources.items()}
        return Impacts(self._engine, self._tenant, dialects)

    async def close(self) -> None:
        """Give connections back."""
        for source in self._sources.values():
            await source.close()

    async def _present(self, name: str) -> Snapshot | None:
        head = (await self._snapshots.heads()).get(name)
        return await self._snapshots.get(name, head.snapshot) if head else None

    async def _scan_missing(self) -> None:
        """Scan every source that was never scanned, or whose address or file is another now."""
        heads = await self._snapshots.heads()
        for name in self._sources:
            if name in heads and heads[name].address_digest == self._digest(name):
                continue
            try:
                await self.scan(name, _logged(name))
            except SourceUnavailable as down:
                log.error("source left out", extra={"source": name, "why": str(down)})

    async def _refresh(self) -> None:
        """Load what changed in the store since it was last looked at; otherwise the catalog stays the same object."""
        self._looked_at = monotonic()
        heads, said = await self._heads(), await self._notes.of(self._tenant)
        if (
            self._loaded is not None
            and said == self._said
            and {name: (head.version, head.links) for name, head in heads.items()}
            == {name: (head.version, head.links) for name, head in self._loaded.items()}
        ):
            return
        found: list[Table] = []
        for name in self._sources:
            tables = await self._tables(heads[name]) if name in heads else ()
            found += with_links(tables, links_of(heads[name].links) if name in heads else ())
        self._loaded, self._said = heads, said
        self._catalog = Catalog(noted(found, said), {name: source.dialect for name, source in self._sources.items()})

    async def _heads(self) -> dict[str, Head]:
        return {name: head for name, head in (await self._snapshots.heads()).items() if name in self._sources}

    async def _tables(self, head: Head) -> tuple[Table, ...]:
        """What was stored of a source; tables that are loaded already are the same objects again."""
        snapshot = await self._snapshots.get(head.source, head.snapshot)
        tables = await self._snapshots.tables(snapshot, self._stored.get(head.source)) if snapshot else ()
        self._stored[head.source] = {table.digest: table for table in tables}
        return tables

    def _digest(self, name: str) -> str:
        """Differs when the address does, and for a file when it was written since: then the source is scanned anew."""
        address = self._settings[name].address
        file = Path(address.removeprefix("sqlite:///"))
        changed = str(file.stat().st_mtime_ns) if "://" not in str(file) and file.exists() else ""
        return hashlib.sha256(
            f"{address} {sorted(self._settings[name].options.items())} {changed}".encode()
        ).hexdigest()


def _logged(name: str) -> Progress:
    """Progress in the log, every thousand tables."""

    def told(done: int, total: int, table: str) -> None:
        if done % 1000 == 0 or done == total:
            log.info("scanning", extra={"source": name, "done": done, "total": total, "table": table})

    return told


def _say(name: str, changes: Sequence[Change]) -> None:
    """Drift in the log: each change that may break queries, and how many others there are."""
    breaking = [change for change in changes if change.what.breaking]
    for change in breaking[:20]:
        log.warning("source changed", extra={"source": name, "change": change.text})
    if changes:
        log.info("source changed", extra={"source": name, "changes": len(changes), "breaking": len(breaking)})
