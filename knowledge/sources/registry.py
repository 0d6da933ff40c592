"""From an address to a source."""

from pathlib import Path
from urllib.parse import unquote

from knowledge.errors import SourceUnavailable
from knowledge.sources.port import Source

SQLITE = (".sqlite", ".sqlite3", ".db", ".db3")


def open_source(address: str, name: str) -> Source:
    """The source behind an address; nothing is connected or read yet.

    `sqlite:///relative.db`, `sqlite:////absolute.db`, or the bare path of a .sqlite or .db file. Raises
    SourceUnavailable for an address of no known kind; the address itself may hold a password and is never shown.
    """
    if address.startswith("sqlite:///"):
        return _sqlite(Path(unquote(address.removeprefix("sqlite:///"))), name)
    path = Path(address).expanduser()
    if path.suffix.lower() in SQLITE:
        return _sqlite(path, name)
    raise SourceUnavailable(
        f"The address of the source “{name}” is of no known kind.",
        next_step="Give sqlite:///file.db or the path of a .sqlite or .db file.",
    )


def _sqlite(path: Path, name: str) -> Source:
    from knowledge.sources.sqlite import SqliteSource

    return SqliteSource(name, path)
