"""Which files at a path make which tables: a file, a folder of files and folders, or a pattern such as `*.csv`."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fnmatch import translate
from pathlib import Path, PurePath

from knowledge.errors import SourceUnavailable

READERS = {
    ".parquet": "read_parquet",
    ".csv": "read_csv",
    ".tsv": "read_csv",
    ".json": "read_json",
    ".jsonl": "read_json",
    ".ndjson": "read_json",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".ipc": "arrow",
}
PACKED = (".gz", ".zst")
ENDINGS = (*READERS, *PACKED)
DELTA = "delta"
DELTA_LOG = "_delta_log"
MOST_TABLES = 20_000
_MAGIC = re.compile(r"[*?[]")


@dataclass(frozen=True, slots=True)
class FileTable:
    """A table that is a file, all files of one kind below a folder, or a folder that is a Delta table."""

    name: str
    files: tuple[Path, ...]
    reader: str
    home: Path

    @property
    def partitioned(self) -> bool:
        """Whether folders such as `year=2025` carry a column."""
        return all("=" in "".join(file.relative_to(self.home).parts[:-1]) for file in self.files)


def reader_of(name: str) -> str:
    """What reads a file of this name: a function of DuckDB, or `arrow`; empty for no table."""
    lowered = PurePath(name.lower())
    ending = lowered.suffix
    reader = READERS.get(PurePath(lowered.stem).suffix if ending in PACKED else ending, "")
    return "" if ending in PACKED and reader in ("read_parquet", "arrow") else reader


def is_pattern(path: Path) -> bool:
    """Whether a path is a pattern; one that is the name of something is not."""
    return bool(_MAGIC.search(str(path))) and not path.exists()


def root_of(path: Path) -> Path:
    """The file or folder that all files lie in, links resolved."""
    if not is_pattern(path):
        return path.resolve()
    return Path(split_pattern(str(path))[0] or ".").resolve()


def split_pattern(path: str) -> tuple[str, str]:
    """The folders before the first wildcard, and the rest; the rest is empty where there is none."""
    parts = path.split("/")
    at = next((at for at, part in enumerate(parts) if _MAGIC.search(part)), len(parts))
    return "/".join(parts[:at]) or ("/" if path.startswith("/") and at < len(parts) else ""), "/".join(parts[at:])


def list_tables(path: Path) -> list[FileTable]:
    """A file, a Delta folder and a pattern are one table; in a folder each file and each folder of files is one.

    Tables are named without endings. Links that lead out of the folder, hidden and empty files are passed over. Raises
    SourceUnavailable where there is nothing to read, and where there are too many tables.
    """
    found = list(_found(path, root_of(path)))
    if not found:
        raise _nothing(path, "No Parquet, CSV, JSON or Arrow file with anything in it was found")
    if len(found) > MOST_TABLES:
        raise _nothing(path, f"More than {MOST_TABLES:,} files, each a table of its own, are", "make them one: `*.csv`")
    return _named_once(found)


def _found(path: Path, home: Path) -> Iterator[FileTable]:
    if is_pattern(path):
        wanted = re.compile(glob_regex(Path(split_pattern(str(path))[1]).parts))
        files = [file for file in _walk(home) if wanted.fullmatch(file.relative_to(home).as_posix())]
        yield from _by_reader(home.name or "files", files, home)
    elif home.is_file():
        yield from _by_reader(stem_of(path.name), [home], home.parent)
    elif (home / DELTA_LOG).is_dir():
        yield FileTable(home.name, (home,), DELTA, home)
    elif home.is_dir():
        for child in sorted(home.iterdir()):
            yield from _tables(child, home)


def _tables(child: Path, home: Path) -> Iterator[FileTable]:
    if child.name.startswith(".") or not child.resolve().is_relative_to(home):
        return
    if child.is_file():
        if _holds(child):
            yield from _by_reader(stem_of(child.name), [child], home)
    elif (child / DELTA_LOG).is_dir():
        yield FileTable(child.name, (child,), DELTA, home)
    else:
        yield from _by_reader(child.name, list(_walk(child, home)), child)


def _by_reader(name: str, files: list[Path], home: Path) -> Iterator[FileTable]:
    """One table for the files of each kind."""
    readers = dict.fromkeys(reader for file in files if (reader := reader_of(file.name)))
    for reader in readers:
        yield FileTable(name, tuple(file for file in files if reader_of(file.name) == reader), reader, home)


def _walk(folder: Path, home: Path | None = None) -> Iterator[Path]:
    """Files below a folder in the order of their names; folders behind links are not entered."""
    within = home or folder
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "_delta")))
        for name in sorted(names):
            file = Path(place, name)
            if name.startswith(".") or not reader_of(name) or not _holds(file):
                continue
            if not file.is_symlink() or file.resolve().is_relative_to(within):
                yield file


def _holds(file: Path) -> bool:
    """Whether a file can be read here: it has something in it, which one just begun has not, and a name in Unicode."""
    try:
        str(file).encode()
        return file.stat().st_size > 0
    except (OSError, UnicodeEncodeError):
        return False


def glob_regex(parts: tuple[str, ...]) -> str:
    """A pattern as a regular expression over a path with slashes; `**` stands for any folders."""
    pieces = []
    for at, part in enumerate(parts):
        last = at == len(parts) - 1
        if part == "**":
            pieces.append(".*" if last else "(?:[^/]+/)*")
        else:
            pieces.append(translate(part).replace(".*", "[^/]*") + ("" if last else "/"))
    return "".join(pieces).replace(r"\Z", "").replace(r"\z", "")


def stem_of(name: str) -> str:
    """A file's name without its endings."""
    path = PurePath(name)
    return PurePath(path.stem).stem if path.suffix.lower() in PACKED else path.stem


def _named_once(tables: list[FileTable]) -> list[FileTable]:
    """`sales.csv` beside `sales.parquet` becomes `sales_2`."""
    seen: dict[str, int] = {}
    result = []
    for table in tables:
        key = table.name.lower()
        seen[key] = seen.get(key, 0) + 1
        result.append(table if seen[key] == 1 else replace(table, name=f"{table.name}_{seen[key]}"))
    return result


def _nothing(path: Path, what: str, then: str = "check the path") -> SourceUnavailable:
    return SourceUnavailable(
        f"{what} at “{path.name}”.", next_step=f"To go on, {then}; see the source with `quillux source test`."
    )
