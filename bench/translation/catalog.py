"""A catalog of one SQLite file, as the product introspects it."""

import asyncio
from pathlib import Path

from knowledge.catalog.model import Catalog
from knowledge.catalog.scan import scan
from knowledge.sources.sqlite import SqliteSource


def catalog_of(path: Path) -> Catalog:
    """The catalog of a file as the single source `db`."""
    return asyncio.run(_introspect(path))


async def _introspect(path: Path) -> Catalog:
    source = SqliteSource("db", path)
    try:
        return Catalog(await scan(source), {"db": source.dialect})
    finally:
        await source.close()
