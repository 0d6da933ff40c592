"""What a lake is made of: a place that lists tables, each of which DuckDB can be shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import duckdb

if TYPE_CHECKING:
    import pyarrow.dataset as ds


@dataclass(frozen=True, slots=True)
class About:
    """What a table says of itself beside its columns: comments by column, a note for people, its latest change."""

    comments: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    fresh_at: str = ""
    rows: int | None = None


class LakeTable(Protocol):
    """A table of a place. All methods block, and may raise SourceUnavailable, OSError or the errors of Arrow."""

    @property
    def name(self) -> str:
        """As SQL names it."""

    def view(self, database: duckdb.DuckDBPyConnection) -> str | None:
        """The SELECT that reads it, for a view; None for a table that is read through `dataset`."""

    def dataset(self) -> "ds.Dataset | None":
        """The table as an Arrow dataset, which DuckDB reads with only the columns and rows it needs."""

    def about(self) -> About:
        """What it says of itself."""

    def state(self) -> str:
        """Cheap to tell: differs when the table must be shown anew."""

    def position(self) -> str:
        """Equal as long as nothing in it changed; see `knowledge.sources.changes`."""

    def check(self) -> None:
        """Raises SourceUnavailable when what was read since `dataset` or `view` is no longer there as it was."""


class Place(Protocol):
    """Somewhere that tables lie. All methods block."""

    def tables(self) -> list[LakeTable]:
        """What lies there now. Raises SourceUnavailable where there is nothing to read."""

    def paths(self) -> tuple[Path, ...]:
        """Local files and folders that DuckDB may open itself; none for a place that Arrow reads."""
