"""From an address to a source."""

from pathlib import Path
from urllib.parse import unquote

from knowledge.errors import SourceUnavailable
from knowledge.sources.listing import READERS
from knowledge.sources.port import Source

SQLITE = (".sqlite", ".sqlite3", ".db", ".db3")


def open_source(address: str, name: str) -> Source:
    """The source behind an address; nothing is connected or read yet.

    `sqlite:///relative.db`, `sqlite:////absolute.db`, or the bare path of a .sqlite or .db file; `postgresql://...`;
    the path of a Parquet, CSV or JSON file, or of a folder of them. Raises SourceUnavailable for any other address; the
    address itself may hold a password and is never shown.
    """
    if address.startswith("sqlite:///"):
        return _sqlite(Path(unquote(address.removeprefix("sqlite:///"))), name)
    if address.startswith(("postgresql://", "postgres://")):
        from knowledge.sources.postgres import PostgresSource

        return PostgresSource(name, address)
    path = Path(address).expanduser()
    if path.suffix.lower() in SQLITE:
        return _sqlite(path, name)
    if address and "://" not in address and (_is_folder(path) or path.suffix.lower() in READERS):
        return _files(path, name)
    raise SourceUnavailable(
        f"The address of the source “{name}” is of no known kind, or there is nothing at its path.",
        next_step="Give sqlite:///file.db, postgresql://user@host/database, or the path of a file or folder.",
    )


def _sqlite(path: Path, name: str) -> Source:
    from knowledge.sources.sqlite import SqliteSource

    return SqliteSource(name, path)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):  # no path at all: too long, or with a zero in it
        return False


def _files(path: Path, name: str) -> Source:
    from knowledge.sources.files import FilesSource

    return FilesSource(name, path)
