"""Delta tables, local or in an object store: versions, freshness, and only files of their own folder."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from threading import Lock

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError, TableNotFoundError
from pyarrow import fs

from knowledge.errors import SourceUnavailable
from knowledge.sources.lake.place import About, LakeTable
from knowledge.sources.lake.words import first_line
from knowledge.sources.listing import DELTA_LOG

_UNREAD = {"deletionVectors": "deletion vectors", "columnMapping": "column mapping"}
_COMMIT = 1024 * 1024


@dataclass(slots=True)
class DeltaLakeTable:
    """`LakeTable` at `address`, at its latest version or pinned to one."""

    source: str
    name: str
    address: str
    store: fs.FileSystem = field(repr=False)
    options: Mapping[str, str] = field(default_factory=dict, repr=False)
    version: int | None = None
    _opened: DeltaTable | None = field(default=None, init=False, repr=False)
    _checked: tuple[int, ds.Dataset] | None = field(default=None, init=False, repr=False)
    _lock: Lock = field(default_factory=Lock, init=False, repr=False)

    def view(self, database: duckdb.DuckDBPyConnection) -> str | None:
        """None: Arrow reads it."""
        self.dataset()
        return None

    def dataset(self) -> ds.Dataset:
        """The files of the version, with partition values and the statistics of the log to skip files by."""
        with self._lock:
            table = self._table()
            if self._checked is None or self._checked[0] != table.version():
                self._readable(table)
                self._own_files(pa.table(table.get_add_actions(flatten=True)).column("path").to_pylist())
                below = fs.SubTreeFileSystem(self._folder, self.store)
                self._checked = (table.version(), table.to_pyarrow_dataset(filesystem=below))
            return self._checked[1]

    def about(self) -> About:
        """Comments of fields, the table's description, rows as the log counts them, and when it was last written."""
        with self._lock:
            table = self._table()
            comments = {item.name: str(item.metadata.get("comment", "")) for item in table.schema().fields}
            return About(
                {name: comment for name, comment in comments.items() if comment},
                self._note(table),
                self._written(table.version()),
                _rows(table),
            )

    def position(self) -> str:
        """The version: a table that is only appended to moves by it."""
        with self._lock:
            table = self._table()
            return f"{table.metadata().id}@{table.version()}"

    def state(self) -> str:
        """Its address: a newer version is found by `dataset`."""
        return self.address

    def check(self) -> None:
        """Files of a version never change; one that was vacuumed away fails to be read."""

    def _table(self) -> DeltaTable:
        try:
            if self._opened is None:
                self._opened = DeltaTable(self.address, self.version, dict(self.options) or None)
            elif self.version is None:
                self._opened.update_incremental()
        except TableNotFoundError as error:
            self._opened = None
            raise self._error("no Delta table is there", "Check the address") from error
        except (DeltaError, OSError, ValueError) as error:
            self._opened = None
            pinned = f" at version {self.version}" if self.version is not None else ""
            raise self._error(f"it can't be opened{pinned}, {first_line(error)}", "Check the address") from error
        return self._opened

    @property
    def _folder(self) -> str:
        return self.address.removeprefix("s3://")

    def _written(self, version: int) -> str:
        """When the version was committed, as its log says, or else its file; delta-rs stops the process to tell."""
        log = f"{self._folder}/{DELTA_LOG}/{version:020d}.json"
        try:
            with self.store.open_input_stream(log) as stream:
                found = re.search(rb'"commitInfo":\{.*?"timestamp":(\d{12,14})', bytes(stream.read(_COMMIT)))
            moment = self.store.get_file_info(log).mtime
        except OSError:
            return ""  # only a checkpoint of it is left
        said = datetime.fromtimestamp(int(found[1]) / 1000, UTC) if found else moment
        return said.astimezone(UTC).isoformat(timespec="seconds") if said else ""

    def _note(self, table: DeltaTable) -> str:
        pinned = f"As of version {self.version}." if self.version is not None else ""
        return " ".join(part for part in (table.metadata().description or "", pinned) if part)

    def _readable(self, table: DeltaTable) -> None:
        """Raises SourceUnavailable for a table that would be read wrongly, or from files outside of its folder."""
        features = set(table.protocol().reader_features or ())
        if table.metadata().configuration.get("delta.columnMapping.mode", "none") != "none":
            features.add("columnMapping")
        if unread := [word for feature, word in _UNREAD.items() if feature in features]:
            way = "`ALTER TABLE … DROP FEATURE` and rewrite it, or read it through its warehouse"
            raise self._error(f"it uses {' and '.join(unread)}, which can't be read here", way)

    def _own_files(self, files: Sequence[str]) -> None:
        """Raises SourceUnavailable for a log that names files outside of the table's folder."""
        root = os.path.realpath(self._folder)
        for file in files:
            path = PurePosixPath(file)
            inside = not path.is_absolute() and ".." not in path.parts and "://" not in file
            if inside and isinstance(self.store, fs.LocalFileSystem):
                inside = Path(root, file).resolve().is_relative_to(root)
            if not inside:
                raise self._error("its log names files outside of its folder", "Copy the table instead of cloning it")

    def _error(self, why: str, then: str) -> SourceUnavailable:
        return SourceUnavailable(
            f"The Delta table “{self.name}” of the source “{self.source}” could not be read: {why}.",
            next_step=f"{then}, then run `quillux source test`.",
        )


@dataclass(frozen=True, slots=True)
class OneDeltaTable:
    """`Place` that is a single Delta table."""

    table: DeltaLakeTable

    def tables(self) -> list[LakeTable]:
        """The one."""
        self.table.dataset()
        return [self.table]

    def paths(self) -> tuple[Path, ...]:
        """None: Arrow reads it."""
        return ()


def _rows(table: DeltaTable) -> int | None:
    """Rows by the statistics of the log; None where a file has none."""
    actions = pa.table(table.get_add_actions(flatten=True))
    if "num_records" not in actions.schema.names:
        return None if actions.num_rows else 0
    counts = actions.column("num_records").to_pylist()
    return None if None in counts else sum(counts)
