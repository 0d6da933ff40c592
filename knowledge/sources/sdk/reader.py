"""What an author writes for a source that is no database: which tables there are, and how one is read."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

import pyarrow as pa

from knowledge.sources.sdk.pushdown import Filter

BATCH = 10_000


class Reader(Protocol):
    """Called in threads of its own, where it may block. What it raises is told to the person in words."""

    def tables(self) -> Mapping[str, pa.Schema]:
        """The tables and their columns as they are now.

        The metadata `comment` of a field or schema is its comment; `primary_key` of a schema names its columns, with
        commas between them.
        """

    def read(
        self, table: str, columns: Sequence[str], filters: Sequence[Filter], limit: int | None
    ) -> Iterator[pa.RecordBatch]:
        """The rows of a table, from its beginning.

        At least `columns` must be there, and all rows that meet every filter, or `limit` of them. More may come:
        filters and limit are there to read less, and may be passed over.
        """


def batches(rows: Iterable[Mapping[str, object]], schema: pa.Schema, size: int = BATCH) -> Iterator[pa.RecordBatch]:
    """Rows as Arrow batches; what a row does not have is null."""
    window: list[Mapping[str, object]] = []
    for row in rows:
        window.append(row)
        if len(window) >= size:
            yield pa.RecordBatch.from_pylist(window, schema=schema)
            window = []
    if window:
        yield pa.RecordBatch.from_pylist(window, schema=schema)
