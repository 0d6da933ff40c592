"""The clock of gates: looks for times that have come, and hands each step to the durable queue under an id of its own.

However many workers look, and however often one of them dies, the queue takes a step once and sees it through.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from dbos import DBOS, DBOSClient, EnqueueOptions
from dbos._error import DBOSException, DBOSWorkflowIDInUseError
from sqlalchemy.exc import SQLAlchemyError

from conversation.codec import Json, decode, encode
from conversation.gates import Gates
from conversation.gates.clock import GateDue, step_of
from infra.durable import APP, QUEUE, VERSION
from infra.settings import Settings

log = logging.getLogger(__name__)

WORKFLOW = "gate step"
_HOUR = len("2026-01-01T00")


class GateTimes:
    """Made before the worker's queue starts, because DBOS has to know every workflow by then."""

    def __init__(self, settings: Settings, gates: Gates, step: Callable[[GateDue], Awaitable[None]]) -> None:
        self._settings = settings
        self._gates = gates
        self._client = DBOSClient(system_database_url=settings.queue_url, application_name=APP, lazy=True)

        async def run(payload: Json) -> None:
            due = decode(payload)
            if isinstance(due, GateDue):
                await step(due)
            else:
                log.error("not a step of a gate", extra={"payload": str(payload)[:200]})

        DBOS.workflow(name=WORKFLOW, max_recovery_attempts=20)(run)

    async def go_on(self, now: Callable[[], str]) -> None:
        """Look again and again, until it is cancelled. What can't be read or handed over is tried at the next look."""
        while True:
            try:
                await self.look(now())
            except (SQLAlchemyError, DBOSException):
                log.exception("times of gates were not looked at")
            await asyncio.sleep(self._settings.approvals.look_seconds)

    async def look(self, now: str) -> int:
        """Hand over what has come by `now`; how many steps were new.

        A step that failed is tried anew within the hour: it stays in its gate until it is done.
        """
        steps = [step_of(gate, now) for gate in await self._gates.due(now)]
        taken = [await self._take(due, f"{due.gate}:{due.step}:{due.at}:{now[:_HOUR]}") for due in steps if due]
        return sum(taken)

    async def _take(self, due: GateDue, id: str) -> bool:
        options: EnqueueOptions = {
            "workflow_name": WORKFLOW,
            "queue_name": QUEUE,
            "workflow_id": id,
            "queue_partition_key": f"gate:{due.gate}",
            "app_version": VERSION,
            "workflow_id_reuse_policy": "reject",
        }
        try:
            await self._client.enqueue_async(options, encode(due))
        except DBOSWorkflowIDInUseError:
            return False
        return True

    def close(self) -> None:
        """Give connections back."""
        self._client.destroy()
