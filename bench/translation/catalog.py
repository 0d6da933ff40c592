"""A catalog of one SQLite file as the product introspects it, and the index of its stored values."""

import asyncio
from pathlib import Path

from knowledge.catalog.model import Catalog
from knowledge.catalog.scan import scan
from knowledge.sources.sqlite import SqliteSource
from knowledge.values.fill import fill
from knowledge.values.index import ValueIndex


def catalog_of(path: Path) -> Catalog:
    """The catalog of a file as the single source `db`."""
    return asyncio.run(_introspect(path))


def values_of(path: Path, catalog: Catalog, folder: Path) -> ValueIndex:
    """The index of the file's values, kept in a folder."""
    index = ValueIndex(folder / f"{path.stem}.values")
    asyncio.run(_fill(path, catalog, index))
    return index


async def _introspect(path: Path) -> Catalog:
    source = SqliteSource("db", path)
    try:
        return Catalog(await scan(source), {"db": source.dialect})
    finally:
        await source.close()


async def _fill(path: Path, catalog: Catalog, index: ValueIndex) -> None:
    source = SqliteSource("db", path)
    try:
        await fill(index, source, catalog.tables)
    finally:
        await source.close()
