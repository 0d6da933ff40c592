"""The kinds of source that are built in: one line each, nothing of them is imported before one is opened."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TypeAlias, cast

from knowledge.errors import SourceUnavailable
from knowledge.sources.listing import ENDINGS, is_pattern
from knowledge.sources.opening import Opening
from knowledge.sources.port import Source

Opener: TypeAlias = Callable[[Opening], Source]
"""Makes a source; connects and reads nothing yet."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What opens addresses that begin with one of `schemes`, and paths that end in one of `suffixes`.

    `opener` is `module:function`, an `Opener`. A kind that needs more than Quillux brings names the `package` that is
    imported and the `extra` that installs it.
    """

    title: str
    opener: str
    schemes: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = ()
    package: str = ""
    extra: str = ""

    @property
    def installed(self) -> bool:
        """Whether its package is there; it is not imported."""
        try:
            return not self.package or find_spec(self.package) is not None
        except ModuleNotFoundError:  # the package above it is missing
            return False

    def open(self, opening: Opening) -> Source:
        """The source. Raises SourceUnavailable where the package is missing."""
        if not self.installed:
            raise SourceUnavailable(
                f"The source “{opening.name}” needs the package {self.package}, which is not installed.",
                next_step=f"Install it with `pip install 'quillux[{self.extra}]'`.",
            )
        module, _, function = self.opener.partition(":")
        return cast(Opener, getattr(import_module(module), function))(opening)


FILES = Kind("Parquet, CSV, JSON or Arrow files", "knowledge.sources.openers:files", suffixes=ENDINGS)

_VENDOR = "knowledge.sources.vendors.opener:vendor"

KINDS: tuple[Kind, ...] = (
    Kind("SQLite", "knowledge.sources.openers:sqlite", ("sqlite",), (".sqlite", ".sqlite3", ".db", ".db3")),
    Kind("DuckDB", "knowledge.sources.openers:duckdb", ("duckdb",), (".duckdb", ".ddb")),
    Kind("PostgreSQL", "knowledge.sources.openers:postgres", ("postgresql", "postgres")),
    Kind("MySQL or MariaDB", "knowledge.sources.openers:mysql", ("mysql", "mariadb")),
    FILES,
    Kind("S3-compatible object stores", "knowledge.sources.openers:s3", ("s3",)),
    Kind("Delta tables", "knowledge.sources.openers:delta", ("delta", "delta+s3")),
    Kind("REST APIs", "knowledge.sources.openers:rest", ("rest",)),
    Kind("SQL Server", _VENDOR, ("mssql",), package="pyodbc", extra="mssql"),
    Kind("Snowflake", _VENDOR, ("snowflake",), package="snowflake.sqlalchemy", extra="snowflake"),
    Kind("BigQuery", _VENDOR, ("bigquery",), package="sqlalchemy_bigquery", extra="bigquery"),
    Kind("Databricks", _VENDOR, ("databricks",), package="databricks.sqlalchemy", extra="databricks"),
    Kind("Trino", _VENDOR, ("trino",), package="trino", extra="trino"),
    Kind("ClickHouse", _VENDOR, ("clickhouse",), package="clickhouse_connect", extra="clickhouse"),
    Kind("Redshift", _VENDOR, ("redshift",), package="sqlalchemy_redshift", extra="redshift"),
)


def by_scheme(scheme: str) -> Kind | None:
    """The kind for a scheme; `mssql+pyodbc` is of the kind `mssql`."""
    known = {name: kind for kind in KINDS for name in kind.schemes}
    return known.get(scheme) or known.get(scheme.partition("+")[0])


def by_path(path: str) -> Kind | None:
    """The kind for a path without scheme: by its ending, and files for a folder."""
    place = Path(path).expanduser()
    found = next((kind for kind in KINDS if place.suffix.lower() in kind.suffixes), None)
    return found or (FILES if path and _holds_files(place) else None)


def _holds_files(path: Path) -> bool:
    try:
        return path.is_dir() or is_pattern(path)
    except (OSError, ValueError):  # no path at all: too long, or with a zero in it
        return False
