"""Tables of local files: what DuckDB reads itself, and Arrow files, which Arrow reads."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from knowledge.errors import SourceUnavailable
from knowledge.sources.lake.alike import columns_alike
from knowledge.sources.lake.csv import Told, csv_options
from knowledge.sources.lake.duck import text
from knowledge.sources.lake.place import About, LakeTable
from knowledge.sources.listing import DELTA, FileTable, list_tables, root_of

if TYPE_CHECKING:
    import pyarrow.dataset as ds

_COMMENTED = 50
"""Comments are looked for in the first and the last files of a table, so many in all."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """A file as it was: replaced when its inode, shortened when its size tells."""

    inode: int
    size: int
    moment: int


@dataclass(frozen=True, slots=True)
class LocalFiles:
    """`Place` over a path of this machine."""

    source: str
    path: Path

    def tables(self) -> list[LakeTable]:
        """As they lie there now; see `list_tables`."""
        return [self._table(table) for table in list_tables(self.path)]

    def paths(self) -> tuple[Path, ...]:
        """The folder, or the file."""
        return (root_of(self.path),)

    def _table(self, table: FileTable) -> LakeTable:
        if table.reader == DELTA:
            from pyarrow.fs import LocalFileSystem

            from knowledge.sources.lake.delta import DeltaLakeTable

            return DeltaLakeTable(self.source, table.name, str(table.files[0]), LocalFileSystem())
        return LocalTable(self.source, table)


@dataclass(slots=True)
class LocalTable:
    """`LakeTable` of files of one kind."""

    source: str
    files: FileTable
    seen: dict[Path, Stamp] = field(default_factory=dict)
    note: str = ""

    @property
    def name(self) -> str:
        """The name of the file or folder."""
        return self.files.name

    def view(self, database: duckdb.DuckDBPyConnection) -> str | None:
        """A call of DuckDB's reader; None for Arrow files."""
        self.seen = self._stamps()
        if self.files.reader == "arrow":
            return None
        names = ", ".join(text(str(file)) for file in self.files.files)
        hive = "true" if self.files.partitioned else "false"
        told = csv_options(database, self.files.files) if self.files.reader == "read_csv" else Told()
        self.note = told.note
        known = columns_alike(database, self.files, told.options)
        united = "union_by_name = false" if known is not None else "union_by_name = true"
        options = ", ".join((f"hive_partitioning = {hive}", united, *told.options, *(known or ())))
        return f"SELECT * FROM {self.files.reader}([{names}], {options})"  # noqa: S608

    def dataset(self) -> "ds.Dataset | None":
        """Arrow files as one dataset, columns united by name."""
        import pyarrow.dataset as ds  # here and not above: 25 MB that folders of Parquet and CSV do without

        from knowledge.sources.lake.drift import as_one

        partitioning = ds.partitioning(flavor="hive") if self.files.partitioned else None
        names = [str(file) for file in self.files.files]
        whole = partial(
            ds.dataset, names, format="ipc", partitioning=partitioning, partition_base_dir=str(self.files.home)
        )
        return as_one(lambda schema: whole(schema=schema), self.source, self.name)

    def about(self) -> About:
        """Comments of Parquet fields, and when the youngest file was written."""
        newest = max(stamp.moment for stamp in self._stamps().values())
        moment = datetime.fromtimestamp(newest / 1e9, UTC).isoformat(timespec="seconds")
        return About(self._comments(), self.note, moment)

    def position(self) -> str:
        """A digest of names, sizes and times."""
        lines = (f"{name}\0{stamp.size}\0{stamp.moment}" for name, stamp in self._stamps().items())
        return sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()[:32]

    def state(self) -> str:
        """As its position."""
        return self.position()

    def check(self) -> None:
        """A text file may grow while it is read, as a log does; nothing else may happen to a file."""
        grows = self.files.reader in ("read_csv", "read_json")
        for file, now in self._stamps().items():
            was = self.seen.get(file, now)
            if now != was and not (grows and now.inode == was.inode and now.size > was.size):
                raise self._moved(file, "was replaced or shortened")

    def _stamps(self) -> dict[Path, Stamp]:
        found = {}
        for file in self.files.files:
            try:
                stat = file.stat()
            except OSError as error:
                raise self._moved(file, "is gone or can't be opened") from error
            found[file] = Stamp(stat.st_ino, stat.st_size, stat.st_mtime_ns)
        return found

    def _moved(self, file: Path, what: str) -> SourceUnavailable:
        return SourceUnavailable(
            f"The file “{file.name}” of the source “{self.source}” {what} while it was being read.",
            next_step="Ask again when its writer is done.",
        )

    def _comments(self) -> dict[str, str]:
        """Comments in the metadata of Parquet fields, where Arrow and Spark keep them."""
        if self.files.reader != "read_parquet":
            return {}
        files = self.files.files
        found: dict[str, str] = {}
        for file in files if len(files) <= _COMMENTED else (*files[: _COMMENTED // 2], *files[-_COMMENTED // 2 :]):
            found |= comments_of(pq.read_schema(file))
        return found


def comments_of(schema: pa.Schema) -> dict[str, str]:
    """The comments in the metadata of fields."""
    raw = {item.name: (item.metadata or {}).get(b"comment", b"") for item in schema}
    return {name: comment.decode("utf-8", "replace") for name, comment in raw.items() if comment}
