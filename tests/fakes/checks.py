"""Checks of verified queries, kept in memory."""

from collections.abc import Sequence

from knowledge.verified.regress import Recorded


class MemoryChecks:
    """The twin of the stored checks."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Recorded] = {}

    async def of(self, tenant: str) -> dict[str, Recorded]:
        """The latest of each, by the id of the query."""
        return {id: one for (owner, id), one in self._kept.items() if owner == tenant}

    async def keep(self, tenant: str, recorded: Sequence[Recorded]) -> None:
        """Keep these in place of earlier ones."""
        for one in recorded:
            self._kept[tenant, one.id] = one
