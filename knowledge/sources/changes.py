"""Whether a table has moved since it was last looked at: an optional ability of a source."""

from typing import Protocol, runtime_checkable

from knowledge.catalog.model import Table


@runtime_checkable
class Changing(Protocol):
    """A source that can tell cheaply whether a table changed, so that a new scan measures only what moved."""

    async def position(self, table: Table) -> str:
        """Where the table stands now: an opaque text, equal as long as nothing changed; empty when unknown.

        Digest of a file set, version of a Delta table, greatest value of the watermark column. Raises
        SourceUnavailable as every method of a source does.
        """
