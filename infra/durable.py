"""Durable turns on DBOS: an activity's id is the id of its workflow, one conversation is one partition of the queue.

The server only enqueues; workers run the turns. An id that was seen before is refused by the primary key, so a second
delivery does nothing; a turn that a dead worker had begun is begun again when a worker of that name starts.
On SQLite an inbox stands before the queue, whose file the worker keeps busy.
"""

import asyncio
import contextlib
import json
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Literal
from zlib import crc32

from dbos import DBOS, DBOSClient, DBOSConfig, EnqueueOptions
from dbos._error import DBOSWorkflowIDInUseError
from sqlalchemy import create_engine

from conversation.activity import Activity, CardAction, JobFinished, Message
from conversation.codec import Json, decode, encode
from infra.inbox import Accepted, Inbox
from infra.settings import Settings

log = logging.getLogger(__name__)

APP = "quillux"
QUEUE = "turns"
WORKFLOW = "turn"
VERSION = "1"
"""Fixed, so that turns accepted by an older release are finished by a newer one."""
LANES = 4
"""Turns of one space that are handled at a time; fewer than `worker_concurrency`."""
POLL_SECONDS = 0.02
SEEN_DAYS = 7
"""Days for which ids of handled activities are kept; chat services deliver again within minutes."""


class TurnQueue:
    """The server's end: takes activities durably, between `start` and `stop`."""

    def __init__(self, settings: Settings) -> None:
        self._client = DBOSClient(system_database_url=settings.queue_url, application_name=APP, lazy=True)
        self._inbox: Inbox | None = None
        if settings.queue_url.startswith("sqlite"):
            waits = {"timeout": 30, "isolation_level": "IMMEDIATE"}
            self._engine = create_engine(settings.queue_url, connect_args=waits)
            self._inbox = Inbox(settings.data / "inbox.sqlite", self._forward)

    async def start(self) -> None:
        """Open the inbox; what a crash left there goes to the queue."""
        if self._inbox is not None:
            await self._inbox.start()

    async def accept(self, activity: Activity) -> bool:
        """Take an activity; False when its id was taken before. Returns once it is on disk."""
        if self._inbox is not None:
            return await self._inbox.accept(Accepted(activity.id, lane(activity), json.dumps(encode(activity))))
        options = _options(activity.id, lane(activity))
        try:
            await self._client.enqueue_async({**options, "workflow_id_reuse_policy": "reject"}, encode(activity))
        except DBOSWorkflowIDInUseError:
            return False
        return True

    async def hand_over(self, activity: Activity) -> None:
        """Put an activity into the queue itself, without an inbox before it: for a command, which may wait for that.

        The same id again changes nothing.
        """
        if self._inbox is None:
            await self.accept(activity)
            return
        accepted = Accepted(activity.id, lane(activity), json.dumps(encode(activity)), 1)
        await asyncio.to_thread(self._forward, [accepted])

    def _forward(self, batch: Sequence[Accepted]) -> None:
        """Enqueue in one transaction. A row that is there already, from before a crash, stays as it is."""
        with self._engine.begin() as connection:
            for one in batch:
                # DBOS stamps SQLite rows by the second: the priority keeps a conversation in the order of acceptance.
                options: EnqueueOptions = {**_options(one.id, one.partition), "priority": one.seq % 2**31 or 1}
                self._client.enqueue_in_transaction(connection, options, json.loads(one.body))

    async def progress(self, id: str) -> Literal["unknown", "pending", "done"]:
        """What became of the activity of this id: never taken (or long forgotten), still to be handled, handled."""
        # The inbox first: what it has handed over meanwhile is in the queue.
        if self._inbox is not None and await self._inbox.holds(id):
            return "pending"
        found = await self._client.list_workflows_async(workflow_ids=[id], load_input=False, load_output=False)
        if not found:
            return "unknown"
        return "pending" if found[0].status in ("ENQUEUED", "DELAYED", "PENDING") else "done"

    async def forget(self) -> None:
        """Delete finished turns whose ids are older than any second delivery."""
        if self._inbox is not None:
            await self._inbox.forget(SEEN_DAYS)
        before = (datetime.now(UTC) - timedelta(days=SEEN_DAYS)).isoformat()
        old = await self._client.list_workflows_async(
            end_time=before, status=["SUCCESS", "ERROR", "CANCELLED"], load_input=False, load_output=False, limit=5_000
        )
        if old:
            await self._client.delete_workflows_async([workflow.workflow_id for workflow in old])

    async def stop(self) -> None:
        """Give connections back; what waits in the inbox is on disk."""
        if self._inbox is not None:
            await self._inbox.stop()
            self._engine.dispose()
        self._client.destroy()


def _options(id: str, partition: str) -> EnqueueOptions:
    return {
        "workflow_name": WORKFLOW,
        "queue_name": QUEUE,
        "workflow_id": id,
        "queue_partition_key": partition,
        "app_version": VERSION,
    }


def lane(activity: Activity) -> str:
    """Turns of one conversation run in order; Stop must not wait behind the turn that it stops.

    All conversations of one person, and all threads of one channel, share a few lanes: however many questions come
    from there at once, they never take every place of a worker.
    """
    where = activity.where
    if isinstance(activity, CardAction) and activity.verb == "run.stop":
        return f"stop:{where.key}"
    return f"{replace(where, thread='').key}#{crc32(where.thread.encode(errors='replace')) % LANES}"


def migrate_queue(settings: Settings) -> None:
    """Create the queue's tables, or bring them up to date."""
    if settings.queue_url.startswith("sqlite"):
        settings.data.mkdir(parents=True, exist_ok=True)
    DBOS.migrate(settings.queue_url)
    if settings.queue_url.startswith("sqlite"):
        _write_ahead(settings.queue_url)


def _write_ahead(url: str) -> None:
    """Let the worker's reads and the server's writes pass each other; the file remembers it for every process."""
    with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file:
        file.execute("PRAGMA journal_mode=WAL")


class TurnWorker:
    """The worker's end: runs turns until it is told to stop."""

    def __init__(self, settings: Settings, handle: Callable[[Activity], Awaitable[None]]) -> None:
        self._settings = settings
        config: DBOSConfig = {
            "name": APP,
            "system_database_url": settings.queue_url,
            "executor_id": settings.executor,
            "application_version": VERSION,
            "log_level": "WARNING",
            "run_migrations": False,
        }
        self._dbos = DBOS(config=config)

        async def turn(payload: Json) -> None:
            activity = decode(payload)
            if isinstance(activity, Message | CardAction | JobFinished):
                await handle(activity)
            else:
                log.error("not an activity", extra={"payload": str(payload)[:200]})

        DBOS.workflow(name=WORKFLOW, max_recovery_attempts=20)(turn)

    async def start(self) -> None:
        """Take up what a crash left behind, then what comes."""
        # Before the launch: DBOS looks for new queues once a second only, and the first question would wait for that.
        client = DBOSClient(system_database_url=self._settings.queue_url, application_name=APP)
        await client.register_queue_async(
            QUEUE,
            partition_concurrency=1,
            worker_concurrency=self._settings.worker_concurrency,
            polling_interval_sec=POLL_SECONDS,
        )
        client.destroy()
        DBOS.launch()

    async def stop(self, seconds: int = 10) -> None:
        """Take nothing new and give turns under way some seconds to finish; the rest is recovered at the next start."""
        await asyncio.to_thread(DBOS.destroy, workflow_completion_timeout_sec=seconds)
