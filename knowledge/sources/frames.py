"""pandas frames and Arrow tables that lie in memory."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from knowledge.errors import SourceUnavailable
from knowledge.sources.sdk.pushdown import Filter
from knowledge.sources.sdk.reader import BATCH
from knowledge.sources.sdk.tabular import TabularSource


class FramesSource(TabularSource):
    """Tables by name: each a pandas frame, an Arrow table or batch, or anything else that speaks Arrow's stream.

    They are taken as they are now; a frame that is changed later keeps its old rows here. Raises SourceUnavailable for
    anything else.
    """

    def __init__(self, name: str, tables: Mapping[str, Any]) -> None:
        super().__init__(name, Frames({title: _arrow(title, table) for title, table in tables.items()}))


class Frames:
    """The reader of tables in memory."""

    def __init__(self, tables: Mapping[str, pa.Table]) -> None:
        self._tables = tables

    def tables(self) -> Mapping[str, pa.Schema]:
        """Their schemas."""
        return {name: table.schema for name, table in self._tables.items()}

    def read(
        self, table: str, columns: Sequence[str], filters: Sequence[Filter], limit: int | None
    ) -> Iterator[pa.RecordBatch]:
        """The columns as they lie in memory; nothing is copied."""
        yield from self._tables[table].select(columns).to_batches(max_chunksize=BATCH)


def _arrow(title: str, table: Any) -> pa.Table:
    """As an Arrow table. A pandas index that has a name is a column."""
    if isinstance(table, pa.Table):
        return table
    if hasattr(table, "__dataframe__") and hasattr(table, "index"):
        found = pa.Table.from_pandas(table, preserve_index=table.index.name is not None or None)
        return found.replace_schema_metadata(None)
    try:
        return pa.table(table)
    except (TypeError, ValueError, pa.ArrowException) as error:
        raise SourceUnavailable(
            f"“{title}” is no frame and no Arrow table, but {type(table).__name__}.",
            next_step="Give a pandas frame, an Arrow table, or anything with an Arrow stream.",
        ) from error
