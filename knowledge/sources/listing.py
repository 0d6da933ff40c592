"""Which files in a folder make which tables."""

from dataclasses import dataclass
from pathlib import Path

from knowledge.errors import SourceUnavailable

READERS = {
    ".parquet": "read_parquet",
    ".csv": "read_csv",
    ".tsv": "read_csv",
    ".json": "read_json",
    ".jsonl": "read_json",
    ".ndjson": "read_json",
}
MOST_TABLES = 2_000


@dataclass(frozen=True, slots=True)
class FileTable:
    """A table that is a file, or all files of one kind below a folder."""

    name: str
    files: tuple[Path, ...]

    @property
    def reader(self) -> str:
        """The function that reads these files; files of one table are all of one kind."""
        return READERS[self.files[0].suffix.lower()]

    @property
    def partitioned(self) -> bool:
        """Whether folders such as `year=2025` carry a column."""
        return all("=" in file.parent.name for file in self.files)


def list_tables(path: Path) -> list[FileTable]:
    """A file is a table; in a folder each file and each folder of files is one, named without its ending.

    Links that lead out of the folder are passed over. Raises SourceUnavailable where there is nothing to read.
    """
    home = path.resolve()
    if home.is_file():
        found = [FileTable(path.stem, (home,))] if path.suffix.lower() in READERS else []
    else:
        found = [table for child in sorted(home.iterdir()) if (table := _table(child, home))] if home.is_dir() else []
    if not found:
        raise SourceUnavailable(
            f"No Parquet, CSV or JSON file was found at “{path.name}”.",
            next_step="Check the path of the source with `quillux source test`.",
        )
    return _named_once(found[:MOST_TABLES])


def _table(child: Path, home: Path) -> FileTable | None:
    if child.name.startswith(".") or not child.resolve().is_relative_to(home):
        return None
    if child.is_file():
        return FileTable(child.stem, (child,)) if child.suffix.lower() in READERS else None
    within = (file for file in child.rglob("*") if file.resolve().is_relative_to(home) and file.is_file())
    files = sorted(file for file in within if file.suffix.lower() in READERS)
    same = tuple(file for file in files if file.suffix.lower() == files[0].suffix.lower())
    return FileTable(child.name, same) if same else None


def _named_once(tables: list[FileTable]) -> list[FileTable]:
    """`sales.csv` beside `sales.parquet` becomes `sales_2`."""
    seen: dict[str, int] = {}
    result = []
    for table in tables:
        key = table.name.lower()
        seen[key] = seen.get(key, 0) + 1
        result.append(table if seen[key] == 1 else FileTable(f"{table.name}_{seen[key]}", table.files))
    return result
