"""What a query over several sources will probably take."""

import asyncio

from knowledge.catalog.model import Table
from knowledge.errors import SourceUnavailable
from knowledge.federation.plan import Fetch, Plan
from knowledge.federation.port import Request, Sources
from knowledge.groups import most_groups
from knowledge.sources.port import Estimate
from knowledge.sources.shape import rows_returned


async def estimated(plan: Plan, request: Request, tables: tuple[Table, ...], sources: Sources) -> Estimate:
    """Rows read are the sum over all fetches, by their sources or the catalog, as if no keys were shipped."""
    found = await asyncio.gather(*(_fetch(fetch, request, sources) for fetch in plan.fetches))
    read = None if any(rows is None for rows, _ in found) else sum(rows or 0 for rows, _ in found)
    most = max((rows or 0 for _, rows in found), default=0)
    returned = rows_returned(request.query, most)
    groups = most_groups(request.query, tables)
    if groups is not None and returned is not None:
        returned = min(returned, groups)
    return Estimate(read, returned)


async def _fetch(fetch: Fetch, request: Request, sources: Sources) -> tuple[int | None, int | None]:
    source = sources.source(request.asker.tenant, fetch.source)
    try:
        said = await source.estimate(fetch.sql(), request.asker)
    except SourceUnavailable as away:
        away.source = away.source or fetch.source
        if not request.partial:
            raise
        return fetch.rows_read, fetch.rows
    read = fetch.rows_read if said.rows_read is None else said.rows_read
    return read, fetch.rows if said.rows_returned is None else said.rows_returned
