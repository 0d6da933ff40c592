"""Verified queries, kept in memory."""

from collections.abc import Sequence

from knowledge.verified.model import VerifiedQuery


class MemoryVerified:
    """The twin of the stored verified queries."""

    def __init__(self, *queries: VerifiedQuery) -> None:
        self._all = queries

    async def of(self, tenant: str) -> Sequence[VerifiedQuery]:
        """All of a tenant, oldest first; the same object while nothing changes (one tenant at a time)."""
        if all(query.tenant == tenant for query in self._all):
            return self._all
        return tuple(query for query in self._all if query.tenant == tenant)

    async def get(self, tenant: str, id: str) -> VerifiedQuery | None:
        """One by its id, or None."""
        return next((query for query in self._all if (query.tenant, query.id) == (tenant, id)), None)

    async def put(self, query: VerifiedQuery) -> None:
        """Keep it, in place of one with the same id."""
        await self.remove(query.tenant, query.id)
        self._all = (*self._all, query)

    async def remove(self, tenant: str, id: str) -> bool:
        """Forget it; False when there is none."""
        kept = tuple(query for query in self._all if (query.tenant, query.id) != (tenant, id))
        gone, self._all = len(kept) < len(self._all), kept if len(kept) < len(self._all) else self._all
        return gone
