"""The catalogs of the configured sources: scanned once, kept in the database, loaded at start."""

import asyncio
import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from sqlalchemy.ext.asyncio import AsyncEngine

from infra.openings import opened
from infra.settings import Breaker, SourceSetting
from infra.store.catalogs import Head, Snapshot, SqlLedger, SqlSnapshots
from infra.store.tables import now
from knowledge.catalog.model import Catalog, Table
from knowledge.catalog.scan import Progress, Scanned, silent, survey
from knowledge.errors import SourceUnavailable
from knowledge.sources.opening import Resolve, no_secrets
from knowledge.sources.port import Source

log = logging.getLogger(__name__)

LOOK_AGAIN = 2.0
"""Seconds after which the store is asked whether another process scanned."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a scan found, and the snapshot that keeps it; `changed` is False where everything was as before."""

    scanned: Scanned
    snapshot: str
    changed: bool


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
    ) -> None:
        self._engine = engine
        self._tenant = tenant
        self._settings = {setting.name: setting for setting in sources}
        self._sources: Mapping[str, Source] = {
            name: opened(setting, resolve, breaker) for name, setting in self._settings.items()
        }
        self._snapshots = SqlSnapshots(engine, tenant)
        self._catalog = Catalog()
        self._loaded: dict[str, Head] = {}
        self._started = False
        self._looked_at = 0.0
        self._loading = asyncio.Lock()

    async def catalog(self, tenant: str) -> Catalog:
        """What can be asked; the first call loads it, scanning what was never scanned."""
        if tenant != self._tenant:
            return Catalog()
        async with self._loading:
            if not self._started:
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
        """Look at a source anew and keep what was found. Raises SourceUnavailable."""
        source = self.source(self._tenant, name)
        before = await self._present(name)
        earlier = await self._snapshots.tables(before) if before else ()
        ledger = SqlLedger(self._engine, self._tenant, name)
        scanned = await survey(source, ledger, progress=progress, before=earlier)
        version = Catalog(scanned.tables, {name: source.dialect}).version
        changed = before is None or before.version != version
        snapshot = (
            await self._snapshots.keep(name, source.dialect, version, scanned.tables, ())
            if changed or before is None
            else before.id
        )
        await self._snapshots.point(Head(name, self._digest(name), version, snapshot, now()))
        self._looked_at = 0.0
        return Report(scanned, snapshot, changed)

    async def kept(self, name: str) -> tuple[Table, ...]:
        """What the last scan of a source found; nothing before the first."""
        snapshot = await self._present(name)
        return await self._snapshots.tables(snapshot) if snapshot else ()

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
        """Load what changed in the store since it was last looked at; what did not is the same object as before."""
        self._looked_at = monotonic()
        heads = {name: head for name, head in (await self._snapshots.heads()).items() if name in self._sources}
        if heads == self._loaded and self._catalog.dialects:
            return
        known = {table.digest: table for table in self._catalog.tables}
        found: list[Table] = []
        for name in self._sources:
            snapshot = await self._snapshots.get(name, heads[name].snapshot) if name in heads else None
            found += await self._snapshots.tables(snapshot, known) if snapshot else ()
        self._loaded = heads
        self._catalog = Catalog(tuple(found), {name: source.dialect for name, source in self._sources.items()})

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
