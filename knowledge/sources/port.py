"""A database, file store or API that can be asked: the port, as small as its use."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

from knowledge.asker import Asker
from knowledge.catalog.model import Table


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may take: rows returned, seconds, and bytes of result."""

    rows: int = 1_000_000
    seconds: float = 30.0
    bytes: int = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a query will probably take, before it runs; None where the source cannot tell."""

    rows_read: int | None = None
    rows_returned: int | None = None


class Source(Protocol):
    """One place that holds data. `dialect` is sqlglot's name for its SQL.

    Every method raises SourceUnavailable (of `knowledge.errors`) when the place cannot be reached. `asker` is the
    person on whose behalf a query runs, None for Quillux itself (scans); a source that is set up to tell its database
    who asks uses it, every other source passes it over.
    """

    name: str
    dialect: str

    async def introspect(self) -> tuple[Table, ...]:
        """Tables with columns, types, declared keys and comments; row counts where they cost nothing. No statistics."""

    async def profile(self, table: Table) -> Table:
        """The table with row count, statistics and sampled values; big tables by a sample.

        A table that cannot be measured (a broken view, one that takes too long) comes back without them.
        """

    async def sample(self, table: Table, rows: int) -> pa.Table:
        """About so many rows of a table, scattered where the source can do that cheaply; the same ones each time."""

    async def estimate(self, sql: str, asker: Asker | None = None) -> Estimate:
        """What the query will take, without running it."""

    def execute(self, sql: str, limits: Limits, asker: Asker | None = None) -> AsyncIterator[pa.RecordBatch]:
        """Run a read-only query and stream its rows; the first batch may be empty but always has the schema.

        A source whose values carry their own types (SQLite) may widen a column in a later batch (integer to number, any
        to text); `knowledge.execution` brings all batches to one schema. Raises the errors of `knowledge.errors`:
        TooMuch when a limit is passed, Refused when the database will not take the query, SourceUnavailable when it
        cannot be reached. Closing the iterator or cancelling the task cancels the query in the database.
        """

    async def close(self) -> None:
        """Give connections back."""
