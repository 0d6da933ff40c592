"""Parquet, CSV, JSON and Arrow files of this machine, and Delta tables among them."""

from collections.abc import Mapping
from pathlib import Path

from knowledge.sources.lake.duck import Room
from knowledge.sources.lake.files import LocalFiles
from knowledge.sources.lake.place import Place
from knowledge.sources.lake.source import LakeSource


class FilesSource(LakeSource):
    """A file, a pattern such as `logs/*.csv`, or a folder in which each file and each folder of files is a table.

    Options: `memory`, `threads`, `spill` (bytes such as 10GB of temporary files; "0" for none), `spill_folder`.
    """

    def __init__(self, name: str, path: Path, options: Mapping[str, str] | None = None) -> None:
        place = LocalFiles(name, path)

        async def connect() -> Place:
            return place

        super().__init__(name, connect, Room.of(options or {}))
