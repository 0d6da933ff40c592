"""How the built-in sources are made from an opening; each driver is imported when one of its kind is opened."""

from pathlib import Path
from urllib.parse import unquote

from knowledge.sources.opening import Opening
from knowledge.sources.port import Source


def sqlite(opening: Opening) -> Source:
    """`sqlite:///relative.db`, `sqlite:////absolute.db`, or a path."""
    from knowledge.sources.sqlite import SqliteSource

    return SqliteSource(opening.name, local(opening.address, "sqlite"))


def postgres(opening: Opening) -> Source:
    """`postgresql://user@host/database`."""
    from knowledge.sources.postgres import PostgresSource

    return PostgresSource(opening)


def mysql(opening: Opening) -> Source:
    """`mysql://user@host/database`, or `mariadb://`."""
    from knowledge.sources.mysql import MysqlSource

    return MysqlSource(opening)


def duckdb(opening: Opening) -> Source:
    """`duckdb:///file.duckdb`, or a path."""
    from knowledge.sources.duckdb_file import DuckDBSource

    return DuckDBSource(opening.name, local(opening.address, "duckdb"))


def files(opening: Opening) -> Source:
    """The path of a file or folder, or a pattern."""
    from knowledge.sources.files import FilesSource

    return FilesSource(opening.name, Path(opening.address).expanduser(), opening.options)


def s3(opening: Opening) -> Source:
    """`s3://bucket/prefix`."""
    from knowledge.sources.lake.openers import s3_source

    return s3_source(opening)


def delta(opening: Opening) -> Source:
    """`delta:///path` or `delta+s3://bucket/path`."""
    from knowledge.sources.lake.openers import delta_source

    return delta_source(opening)


def rest(opening: Opening) -> Source:
    """`rest:///path/api.yaml`."""
    from knowledge.sources.rest.source import rest_source

    return rest_source(opening)


def local(address: str, scheme: str) -> Path:
    """The path in `scheme:///path`, or the address itself where it is a path."""
    prefix = f"{scheme}:///"
    if address.startswith(prefix):
        return Path(unquote(address.removeprefix(prefix)))
    return Path(address).expanduser()
