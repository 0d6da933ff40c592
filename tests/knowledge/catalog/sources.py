"""A real SQLite source that notes what is asked of it and can be made to fail."""

import asyncio
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from knowledge.catalog.ledger import Entry, Place
from knowledge.catalog.model import Table
from knowledge.sources.sqlite import SqliteSource


class Watched(SqliteSource):
    """`profiled` lists the tables that were measured, in order; `failing` raises for a table."""

    def __init__(self, path: Path, failing: Mapping[str, Exception] | None = None) -> None:
        super().__init__("shop", path)
        self.profiled: list[str] = []
        self.failing = dict(failing or {})

    async def profile(self, table: Table) -> Table:
        if table.name in self.failing:
            raise self.failing[table.name]
        self.profiled.append(table.name)
        return await super().profile(table)


class Moving(Watched):
    """A source that knows where its tables stand."""

    def __init__(self, path: Path, positions: dict[str, str]) -> None:
        super().__init__(path)
        self.positions = positions

    async def position(self, table: Table) -> str:
        return self.positions.get(table.name, "")


class Stuck(Watched):
    """A source that never finishes one of its tables; `others_done` is set when the other two are measured."""

    def __init__(self, path: Path, name: str) -> None:
        super().__init__(path)
        self.name_of_stuck = name
        self.others_done = asyncio.Event()

    async def profile(self, table: Table) -> Table:
        if table.name == self.name_of_stuck:
            await self.others_done.wait()
            await asyncio.Event().wait()
        measured = await super().profile(table)
        if len(self.profiled) == 2:
            # The lane that called still has to note its table before the scan is ended.
            asyncio.get_running_loop().call_later(0.05, self.others_done.set)
        return measured


class MemoryLedger:
    """`knowledge.catalog.ledger.Ledger` in memory."""

    def __init__(self) -> None:
        self.kept: dict[Place, Entry] = {}

    async def entries(self) -> Mapping[Place, Entry]:
        return dict(self.kept)

    async def keep(self, entries: Sequence[Entry]) -> None:
        self.kept |= {entry.place: entry for entry in entries}

    async def finish(self, places: Iterable[Place]) -> None:
        there = set(places)
        self.kept = {place: replace(entry, open=False) for place, entry in self.kept.items() if place in there}


def made(path: Path, script: str) -> Path:
    """A SQLite file."""
    with sqlite3.connect(path) as database:
        database.executescript(script)
    database.close()
    return path
