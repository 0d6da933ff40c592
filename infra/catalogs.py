"""The catalogs of the configured sources: scanned once, kept in the database, loaded at start."""

import asyncio
import hashlib
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlmodel import col

from infra.openings import opening
from infra.settings import SourceSetting
from infra.store.tables import CatalogRow, now
from infra.store.upsert import replace
from knowledge.catalog.codec import dumps, loads
from knowledge.catalog.model import Catalog, Table
from knowledge.catalog.scan import scan
from knowledge.errors import SourceUnavailable
from knowledge.sources.opening import Resolve, no_secrets
from knowledge.sources.port import Source
from knowledge.sources.registry import open_source

log = logging.getLogger(__name__)


class StoredCatalogs:
    """`knowledge.federation.Sources` for one tenant: every configured source, open, with its catalog.

    A source that is down at start leaves the others usable; its tables stand in the catalog if it was scanned before.
    """

    def __init__(
        self, engine: AsyncEngine, tenant: str, sources: Sequence[SourceSetting], resolve: Resolve = no_secrets
    ) -> None:
        self._engine = engine
        self._tenant = tenant
        self._settings = {setting.name: setting for setting in sources}
        self._sources: Mapping[str, Source] = {
            name: open_source(opening(setting, resolve)) for name, setting in self._settings.items()
        }
        self._catalog: Catalog | None = None
        self._loading = asyncio.Lock()

    async def catalog(self, tenant: str) -> Catalog:
        """What can be asked; the first call loads it, scanning what was never scanned."""
        if tenant != self._tenant:
            return Catalog()
        async with self._loading:
            if self._catalog is None:
                self._catalog = await self._load()
        return self._catalog

    def source(self, tenant: str, name: str) -> Source:
        """An open source. Raises SourceUnavailable when it is not configured."""
        if tenant != self._tenant or name not in self._sources:
            raise SourceUnavailable(
                f"The source {name!r} is not configured.", next_step="Add it with `quillux source add`."
            )
        return self._sources[name]

    async def scan(self, name: str) -> tuple[Table, ...]:
        """Look at a source anew and keep what was found. Raises SourceUnavailable."""
        tables = await scan(self._sources[name])
        await replace(
            self._engine,
            CatalogRow,
            tenant=self._tenant,
            source=name,
            address_digest=self._digest(name),
            tables=dumps(Catalog(tables, {name: self._sources[name].dialect})),
            scanned_at=now(),
        )
        self._catalog = None
        return tables

    async def close(self) -> None:
        """Give connections back."""
        for source in self._sources.values():
            await source.close()

    async def _load(self) -> Catalog:
        query = select(CatalogRow).where(col(CatalogRow.tenant) == self._tenant)
        async with AsyncSession(self._engine) as session:
            kept = {row.source: row for row in (await session.scalars(query)).all()}
        found: list[Table] = []
        for name in self._sources:
            row = kept.get(name)
            if row is not None and row.address_digest == self._digest(name):
                found += loads(row.tables).tables
                continue
            try:
                found += await self.scan(name)
            except SourceUnavailable as down:
                log.error("source left out", extra={"source": name, "why": str(down)})
        return Catalog(tuple(found), {name: source.dialect for name, source in self._sources.items()})

    def _digest(self, name: str) -> str:
        """Differs when the address does, and for a file when it was written since: then the source is scanned anew."""
        address = self._settings[name].address
        file = Path(address.removeprefix("sqlite:///"))
        changed = str(file.stat().st_mtime_ns) if "://" not in str(file) and file.exists() else ""
        return hashlib.sha256(f"{address} {changed}".encode()).hexdigest()
