"""The catalogs that the product keeps, for one command."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from infra.catalogs import StoredCatalogs
from infra.secrets import Secrets
from infra.settings import Settings
from infra.store.engine import migrate, open_engine
from knowledge.values.index import ValueIndex


@asynccontextmanager
async def stored(settings: Settings) -> AsyncIterator[StoredCatalogs]:
    """Every configured source with its catalog, as worker and server see them; the tables are made where missing."""
    settings.data.mkdir(parents=True, exist_ok=True)
    migrate(settings.database_url)
    engine = open_engine(settings.database_url)
    secrets = Secrets(settings.secrets)
    values = ValueIndex(settings.values)
    catalogs = StoredCatalogs(engine, settings.tenant, settings.sources, secrets, settings.breaker, values)
    try:
        yield catalogs
    finally:
        values.close()
        await catalogs.close()
        await secrets.close()
        await engine.dispose()
