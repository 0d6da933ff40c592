"""Proposals for one command."""

from infra.cli.stored import stored
from infra.cli.verifying import settings
from infra.documents import passages
from infra.enrichment import enrichment
from infra.stores import open_stores
from knowledge.enrichment import Proposal


async def proposed(send: int, aspect: str, least: float) -> tuple[list[Proposal], int]:
    """The proposals asked for, the surest first, and how many of the first `send` are in the review queue now."""
    configured = settings()
    async with stored(configured) as catalogs:
        stores = open_stores(configured)
        try:
            making = enrichment(configured, stores, catalogs, passages(configured))
            found = [
                one
                for one in await making.proposals()
                if one.confidence >= least and (not aspect or one.aspect == aspect)
            ]
            return found, await making.send(found[:send]) if send else 0
        finally:
            await stores.engine.dispose()
