"""Results, kept in memory."""

import secrets

import pyarrow as pa


class MemoryResults:
    """The twin of the stored results."""

    def __init__(self) -> None:
        self._tables: dict[tuple[str, str], pa.Table] = {}

    async def put(self, tenant: str, table: pa.Table) -> str:
        """Keep a result under an unguessable reference."""
        id = secrets.token_urlsafe(18)
        self._tables[tenant, id] = table
        return id

    async def get(self, tenant: str, id: str) -> pa.Table | None:
        """The result of this tenant, or None."""
        return self._tables.get((tenant, id))

    def forget(self, tenant: str, id: str) -> None:
        """Let the retention of a result pass."""
        self._tables.pop((tenant, id), None)
