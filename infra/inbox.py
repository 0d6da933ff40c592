"""Where an activity is safe before the queue has it: a file that only the server writes, so that nothing holds it up.

Not a queue: nothing is handled from here. Rows are handed to the durable queue in their order, at once, and again
after a crash; their ids are kept so that a second delivery is known. Why: infra/decisions/0001-acceptance-inbox.md.
"""

import asyncio
import contextlib
import logging
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import ParamSpec, TypeAlias, TypeVar

from dbos._error import DBOSException
from sqlalchemy.exc import SQLAlchemyError

P = ParamSpec("P")
T = TypeVar("T")

log = logging.getLogger(__name__)

BATCH = 20
"""Most rows handed over in one transaction: the queue's file is locked against the worker for so long."""
RETRY_SECONDS = 1.0

_TABLE = """
CREATE TABLE IF NOT EXISTS inbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    partition TEXT NOT NULL,
    body TEXT NOT NULL,
    accepted_at TEXT NOT NULL,
    forwarded INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS inbox_waiting ON inbox (seq) WHERE forwarded = 0;
CREATE INDEX IF NOT EXISTS inbox_age ON inbox (accepted_at) WHERE forwarded = 1;
"""


@dataclass(frozen=True, slots=True)
class Accepted:
    """An activity in JSON (`body`) on its way to a partition of the queue; `seq` is its place in the order of all."""

    id: str
    partition: str
    body: str
    seq: int = 0


Forward: TypeAlias = Callable[[Sequence[Accepted]], None]
"""Hand a batch to the queue in one transaction; what the queue has already is left as it is. Blocking.

Raises SQLAlchemyError when nothing was handed over.
"""


class InboxFile:
    """The file. Blocking, and used by one thread at a time."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
        # FULL: what was acknowledged survives a power failure too. One fsync serves all who wait for it.
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.executescript(_TABLE)

    def add(self, batch: Sequence[Accepted]) -> list[bool]:
        """Keep activities in this order, in one transaction; False for an id that is there already."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with self._transaction():
            return [
                self._connection.execute(
                    "INSERT INTO inbox (id, partition, body, accepted_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                    (one.id, one.partition, one.body, now),
                ).rowcount
                > 0
                for one in batch
            ]

    def waiting(self, limit: int = BATCH) -> list[Accepted]:
        """What was not handed over yet, oldest first."""
        rows = self._connection.execute(
            "SELECT id, partition, body, seq FROM inbox WHERE forwarded = 0 ORDER BY seq LIMIT ?", (limit,)
        ).fetchall()
        return [Accepted(*row) for row in rows]

    def mark(self, batch: Sequence[Accepted]) -> None:
        """Note that the queue has these: of each only the id is kept."""
        with self._transaction():
            self._connection.executemany(
                "UPDATE inbox SET forwarded = 1, body = '' WHERE seq = ?", [(one.seq,) for one in batch]
            )

    def holds(self, id: str) -> bool:
        """Whether an activity of this id was not handed over yet."""
        found = self._connection.execute("SELECT 1 FROM inbox WHERE id = ? AND forwarded = 0", (id,)).fetchone()
        return found is not None

    def forget(self, before: datetime) -> None:
        """Delete ids of activities that were handed over and accepted before a moment."""
        self._connection.execute(
            "DELETE FROM inbox WHERE forwarded = 1 AND accepted_at < ?",
            (before.astimezone(UTC).isoformat(timespec="seconds"),),
        )

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._connection:  # commits, or rolls back on an error
            self._connection.execute("BEGIN IMMEDIATE")
            yield


class Inbox:
    """Takes activities from many requests at a time, and hands them to the queue behind their backs."""

    def __init__(self, path: Path, forward: Forward) -> None:
        self._file = InboxFile(path)
        self._forward = forward
        self._pending: list[tuple[Accepted, asyncio.Future[bool]]] = []
        self._came = asyncio.Event()
        self._kept = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, "inbox")
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin; what a crash left in the file is handed over first."""
        self._kept.set()
        self._tasks = [asyncio.create_task(self._keep()), asyncio.create_task(self._hand_over())]

    async def accept(self, activity: Accepted) -> bool:
        """Keep an activity; False when its id was kept before. Returns once it is on disk.

        Raises sqlite3.Error when it could not be kept, UnicodeEncodeError for an id that is no text.
        """
        activity.id.encode(), activity.partition.encode()  # half a surrogate pair must not fail the whole batch
        taken: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._pending.append((activity, taken))
        self._came.set()
        return await taken

    async def holds(self, id: str) -> bool:
        """Whether the queue may not have the activity of this id yet."""
        return await self._off_loop(self._file.holds, id)

    async def forget(self, days: int) -> None:
        """Delete ids that are older than any second delivery."""
        await self._off_loop(self._file.forget, datetime.now(UTC) - timedelta(days=days))

    async def stop(self) -> None:
        """Close the file. What was not handed over is handed over at the next start."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._off_loop(self._file.close)
        self._thread.shutdown()

    async def _keep(self) -> None:
        """Write what came while the last write was under way: one fsync for all of it."""
        while True:
            await self._came.wait()
            self._came.clear()
            batch, self._pending = self._pending, []
            try:
                fresh = await self._off_loop(self._file.add, [activity for activity, _ in batch])
            except sqlite3.Error as error:
                log.exception("activities could not be kept, so they were not acknowledged")
                for _, taken in batch:
                    if not taken.done():
                        taken.set_exception(error)
                continue
            for (_, taken), new in zip(batch, fresh, strict=True):
                if not taken.done():
                    taken.set_result(new)
            self._kept.set()

    async def _hand_over(self) -> None:
        while True:
            await self._kept.wait()
            self._kept.clear()
            try:
                while batch := await self._off_loop(self._file.waiting):
                    await asyncio.to_thread(self._forward, batch)
                    await self._off_loop(self._file.mark, batch)
            except (sqlite3.Error, SQLAlchemyError, DBOSException):
                log.exception("activities wait in the inbox: the queue could not take them")
                await asyncio.sleep(RETRY_SECONDS)
                self._kept.set()

    async def _off_loop(self, call: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, partial(call, *arguments, **named))
