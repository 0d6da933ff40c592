"""Durable turns on DBOS: an activity's id is the id of its workflow, one conversation is one partition of the queue.

The server only enqueues; workers run the turns. An id that was seen before is refused by the primary key, so a second
delivery does nothing; a turn that a dead worker had begun is begun again when a worker of that name starts.
"""

import asyncio
import contextlib
import logging
import sqlite3
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Literal

from dbos import DBOS, DBOSClient, DBOSConfig
from dbos._error import DBOSWorkflowIDInUseError

from conversation.activity import Activity, CardAction, JobFinished, Message
from conversation.codec import Json, decode, encode
from infra.settings import Settings

log = logging.getLogger(__name__)

APP = "quillux"
QUEUE = "turns"
WORKFLOW = "turn"
VERSION = "1"
"""Fixed, so that turns accepted by an older release are finished by a newer one."""
POLL_SECONDS = 0.02
SEEN_DAYS = 7
"""Days for which ids of handled activities are kept; chat services deliver again within minutes."""


class TurnQueue:
    """The server's end: takes activities durably."""

    def __init__(self, settings: Settings) -> None:
        self._client = DBOSClient(system_database_url=settings.queue_url, application_name=APP, lazy=True)

    async def accept(self, activity: Activity) -> bool:
        """Take an activity; False when its id was taken before. Returns once the row is committed."""
        try:
            await self._client.enqueue_async(
                {
                    "workflow_name": WORKFLOW,
                    "queue_name": QUEUE,
                    "workflow_id": activity.id,
                    "workflow_id_reuse_policy": "reject",
                    "queue_partition_key": _partition(activity),
                    "app_version": VERSION,
                },
                encode(activity),
            )
        except DBOSWorkflowIDInUseError:
            return False
        return True

    async def progress(self, id: str) -> Literal["unknown", "pending", "done"]:
        """What became of the activity of this id: never taken (or long forgotten), still to be handled, handled."""
        found = await self._client.list_workflows_async(workflow_ids=[id], load_input=False, load_output=False)
        if not found:
            return "unknown"
        return "pending" if found[0].status in ("ENQUEUED", "DELAYED", "PENDING") else "done"

    async def forget(self) -> None:
        """Delete finished turns whose ids are older than any second delivery."""
        before = (datetime.now(UTC) - timedelta(days=SEEN_DAYS)).isoformat()
        old = await self._client.list_workflows_async(
            end_time=before, status=["SUCCESS", "ERROR", "CANCELLED"], load_input=False, load_output=False, limit=5_000
        )
        if old:
            await self._client.delete_workflows_async([workflow.workflow_id for workflow in old])

    def close(self) -> None:
        """Give connections back."""
        self._client.destroy()


def _partition(activity: Activity) -> str:
    """Turns of one conversation run in order; Stop must not wait behind the turn that it stops."""
    if isinstance(activity, CardAction) and activity.verb == "run.stop":
        return f"stop:{activity.where.key}"
    return activity.where.key


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
        DBOS.launch()
        await DBOS.register_queue_async(
            QUEUE,
            partition_concurrency=1,
            worker_concurrency=self._settings.worker_concurrency,
            polling_interval_sec=POLL_SECONDS,
            on_conflict="always_update",
        )

    async def stop(self, seconds: int = 10) -> None:
        """Take nothing new and give turns under way some seconds to finish; the rest is recovered at the next start."""
        await asyncio.to_thread(DBOS.destroy, workflow_completion_timeout_sec=seconds)
