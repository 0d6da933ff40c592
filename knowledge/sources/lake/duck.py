"""One DuckDB in this process: it reads the tables it is shown and nothing else of the machine."""

import tempfile
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from knowledge.errors import KnowledgeError, Refused, only_reading
from knowledge.sources.lake.place import LakeTable
from knowledge.sources.lake.words import READING, first_line, unreadable

if TYPE_CHECKING:
    from knowledge.sources.lake.scanned import Scanned

BATCH = 10_000


@dataclass(frozen=True, slots=True)
class Room:
    """What a source may take of this machine. `spill` bounds its temporary files, "0" for none; `folder` holds them."""

    memory: str = "1GB"
    threads: int = 2
    spill: str = "10GB"
    folder: str = ""

    @classmethod
    def of(cls, options: Mapping[str, str]) -> "Room":
        """From the options `memory`, `threads`, `spill` and `spill_folder` of a source."""
        default = cls()
        return cls(
            options.get("memory", default.memory),
            int(options.get("threads", default.threads)),
            options.get("spill", default.spill),
            options.get("spill_folder", default.folder),
        )


class Duck:
    """A database in memory, locked after its views are made: no other file, no extension, no setting.

    What outgrows the memory goes to a folder that only this process may read, which ends with this object. DuckDB lets
    SQL read that folder too, so `tables_read` takes no query that names a file, whoever checked it before.
    """

    def __init__(self, source: str, tables: Iterable[LakeTable], paths: Iterable[Path], room: Room) -> None:
        self._source = source
        spills = room.spill not in ("", "0")
        self._spill = tempfile.TemporaryDirectory(prefix="quillux-", dir=room.folder or None) if spills else None
        self._database = duckdb.connect(":memory:", config=_settings(room, self._spill.name if self._spill else ""))
        if self._spill:  # DuckDB passes over this one among the settings that it is opened with
            self._database.execute(f"SET max_temp_directory_size = {text(room.spill)}")
        self.tables = {table.name.lower(): table for table in tables}
        self.broken: dict[str, KnowledgeError] = {}
        self._remote: set[str] = set()
        for key, table in self.tables.items():
            try:
                self._show(key, table)
            except KnowledgeError as error:
                self.broken[key] = error
            except READING as error:
                self.broken[key] = unreadable(source, table.name, error)
        self._lock(tuple(paths))

    @property
    def spill(self) -> str:
        """The folder of its temporary files; empty for none."""
        return self._spill.name if self._spill else ""

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection of its own."""
        return self._database.cursor()

    def prepare(self, lane: duckdb.DuckDBPyConnection, named: Iterable[str]) -> "list[Scanned]":
        """Show the connection those of the named tables that Arrow reads. Raises what is wrong with a broken one."""
        shown = []
        for key in {name.lower() for name in named} & self.tables.keys():
            if key in self.broken:
                raise self.broken[key]
            if key in self._remote:
                table = self.tables[key]
                if (dataset := table.dataset()) is not None:
                    from knowledge.sources.lake.scanned import Scanned

                    shown.append(Scanned(dataset))
                    lane.register(table.name, shown[-1])
        return shown

    def check(self, sql: str) -> None:
        """Raises SourceUnavailable when what the query reads is no longer as it was."""
        for name in tables_read(sql, self.tables):
            if table := self.tables.get(name.lower()):
                table.check()

    def close(self) -> None:
        """Let go of the database and its temporary files; connections of it that still run end by themselves."""
        self._database.close()
        if self._spill:
            self._spill.cleanup()

    def _show(self, key: str, table: LakeTable) -> None:
        select = table.view(self._database)
        if select is None:
            self._remote.add(key)
        else:
            self._database.execute(f"CREATE VIEW {quoted(table.name)} AS {select}")

    def _lock(self, paths: tuple[Path, ...]) -> None:
        folders = [text(f"{path}/") for path in paths if path.is_dir()]
        files = [text(str(path)) for path in paths if not path.is_dir()]
        self._database.execute(f"SET allowed_directories = [{', '.join(folders)}]")
        self._database.execute(f"SET allowed_paths = [{', '.join(files)}]")
        self._database.execute("SET enable_external_access = false")
        self._database.execute("SET lock_configuration = true")


def start(lane: duckdb.DuckDBPyConnection, sql: str) -> pa.RecordBatchReader:
    """Begin a query that reads; its rows come in batches of ten thousand. Raises NotAllowed for anything else."""
    statements = lane.extract_statements(sql)
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise only_reading()
    return lane.sql(sql).to_arrow_reader(BATCH)


def tables_read(sql: str, known: Container[str]) -> tuple[str, ...]:
    """The tables that a query names. `known` are those there are, in lower case.

    Raises Refused for one that is not there, and NotAllowed for a query that names a file or makes rows by a function.
    """
    try:
        query = sqlglot.parse_one(sql, read="duckdb")
    except (SqlglotError, RecursionError) as error:
        what = f"The query could not be read: {first_line(error)}."
        raise Refused(what, next_step="Ask in other words.") from error
    if not isinstance(query, exp.Query):
        raise only_reading()
    found = [table for table in query.find_all(exp.Table) if not _made_here(table)]
    if any(not isinstance(table.this, exp.Identifier) for table in found):
        raise only_reading()
    named = {cte.alias.lower() for cte in query.find_all(exp.CTE)}
    if any("." in name or "/" in name for name in named):
        raise only_reading()  # elsewhere in the query such a name would be that of a file
    for table in found:
        if table.name.lower() not in known and table.name.lower() not in named:
            raise _nowhere(table.name)
    return tuple(table.name for table in found)


def _nowhere(name: str) -> Refused:
    if "/" in name or "\\" in name:
        return only_reading()
    return Refused(f"There is no table “{name}” in this source.", next_step="Ask for one of its tables.")


def quoted(name: str) -> str:
    """A name in SQL."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """A text in SQL."""
    return "'" + value.replace("'", "''") + "'"


def _made_here(table: exp.Table) -> bool:
    """Whether it is made of numbers or lists, without a file."""
    return isinstance(table.this, exp.Unnest | exp.GenerateSeries)


def _settings(room: Room, spill: str) -> dict[str, str | bool | int | float | list[str]]:
    return {
        "memory_limit": room.memory,
        "threads": room.threads,
        "temp_directory": spill,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "allow_community_extensions": False,
        "python_enable_replacements": False,
    }
