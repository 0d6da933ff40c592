"""Where the rows of an answer are kept, so that a run's state holds only a reference."""

from typing import Protocol

import pyarrow as pa


class Results(Protocol):
    """Stored results, each bound to a tenant."""

    async def put(self, tenant: str, table: pa.Table) -> str:
        """Keep a result; the reference is unguessable and valid for this tenant only."""

    async def get(self, tenant: str, id: str) -> pa.Table | None:
        """The result, or None when it is unknown, another tenant's, or past its retention."""
