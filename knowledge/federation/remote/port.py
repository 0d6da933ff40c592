"""An engine elsewhere that joins what is too much for this process."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from knowledge.asker import Asker
from knowledge.catalog.model import Table
from knowledge.sources.port import Limits


class JoinEngine(Protocol):
    """A distributed SQL engine. `dialect` is sqlglot's name for its SQL.

    It either reads the sources' tables itself (`written` says how a table is called there), or `takes_files`: then each
    fetch is handed over as a Parquet file that it can read, and the join of them is all that it does.
    """

    name: str
    dialect: str
    takes_files: bool

    def written(self, table: Table) -> tuple[str, ...] | None:
        """The parts of the table's name in the engine; None where it does not see the table's source."""

    def execute(
        self, sql: str, files: Mapping[str, Path], limits: Limits, asker: Asker | None = None
    ) -> AsyncIterator[pa.RecordBatch]:
        """Run a query over its own tables, or over `files` by the names that the query gives them.

        Promises what `Source.execute` does: at least one batch, the errors of `knowledge.errors`, and that a cancelled
        task ends the query there.
        """
