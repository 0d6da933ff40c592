"""Keeps catalogs fresh: looks at each source again when its last scan is old."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from infra.catalogs import StoredCatalogs
from knowledge.errors import KnowledgeError

log = logging.getLogger(__name__)

LOOK = 600.0
"""Seconds between two looks at how old the scans are; each worker adds a part by chance, so that they rarely meet."""


@asynccontextmanager
async def kept_fresh(catalogs: StoredCatalogs, hours: float) -> AsyncIterator[None]:
    """While inside, sources are scanned anew once their last scan is so many hours old; never where that is 0."""
    if hours <= 0:
        yield
        return
    chore = asyncio.create_task(_go_on(catalogs, hours))
    try:
        yield
    finally:
        chore.cancel()
        with suppress(asyncio.CancelledError):
            await chore


async def rescan(catalogs: StoredCatalogs, hours: float) -> list[str]:
    """The names of the sources that were old and were scanned; one that fails is said in the log, and tried later."""
    done = []
    for name in await catalogs.older_than(hours):
        try:
            await catalogs.scan(name)
            done.append(name)
        except KnowledgeError as error:
            log.warning("source not scanned anew", extra={"source": name, "why": str(error)})
    return done


async def _go_on(catalogs: StoredCatalogs, hours: float) -> None:
    while True:
        await asyncio.sleep(LOOK * random.uniform(1, 1.5))  # noqa: S311 - a pause, not a secret
        await rescan(catalogs, hours)
