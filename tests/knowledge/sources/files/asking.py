"""Sources on a path of this machine, and questions to them."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from knowledge.sources.lake.source import LakeSource
from knowledge.sources.opening import Opening
from knowledge.sources.port import Limits
from knowledge.sources.registry import open_source


@asynccontextmanager
async def opened(what: str | Path | Opening, options: Mapping[str, str] | None = None) -> AsyncIterator[LakeSource]:
    """A source for as long as the block runs."""
    opening = what if isinstance(what, Opening) else Opening("logs", str(what), options=options or {})
    source = open_source(opening)
    assert isinstance(source, LakeSource)
    try:
        yield source
    finally:
        await source.close()


async def rows(source: LakeSource, sql: str, limits: Limits | None = None) -> list[dict[str, Any]]:
    """The rows of a query."""
    batches = [batch async for batch in source.execute(sql, limits or Limits())]
    found: list[dict[str, Any]] = pa.Table.from_batches(batches).to_pylist()
    return found


async def names(source: LakeSource) -> dict[str, list[str]]:
    """Tables with their columns."""
    return {table.name: [column.name for column in table.columns] for table in await source.introspect()}
