"""The worker process: takes turns from the queue and handles them.

`python -m infra.worker --parented` ends by itself when its standard input closes, that is when whoever started it dies.
"""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from typing import IO
from urllib.parse import quote

import structlog

from conversation.activity import Activity
from conversation.turn import TurnHandler
from infra.bootstrap import turn_handler
from infra.durable import TurnWorker
from infra.gate_times import GateTimes
from infra.settings import Settings, load
from infra.store.tables import WorkerRow, now
from infra.store.upsert import replace
from infra.stores import Stores, open_stores
from infra.telemetry.logs import configure

if sys.platform != "win32":
    import fcntl

log = logging.getLogger(__name__)

HEARTBEAT = 5.0
"""Seconds between two signs of life."""
BESIDE_THE_SERVER = 10
"""Niceness of a worker on the server's own machine: work never delays an acknowledgement."""
HOUSEKEEPING = 3600.0
"""Seconds between two deletions of what is past its retention."""


async def serve(settings: Settings, stopping: asyncio.Event) -> None:
    """Handle turns until `stopping` is set."""
    async with turn_handler(settings) as handler:
        worker = TurnWorker(settings, lambda activity: _handle(handler, activity, settings.tenant))
        stores = open_stores(settings)
        times = GateTimes(settings, stores.gates, handler.time_came)
        held = await _name_held(settings, stopping)
        if stopping.is_set():
            return
        await worker.start()
        work = (_beat(settings, stores), _tidy(settings, stores), times.go_on(now))
        chores = [asyncio.create_task(one) for one in work]
        log.info("worker ready", extra={"executor": settings.executor})
        await stopping.wait()
        for chore in chores:
            chore.cancel()
        times.close()
        await worker.stop()
        await stores.engine.dispose()
        held.close()


async def _name_held(settings: Settings, stopping: asyncio.Event) -> IO[bytes]:
    """The locked file of this executor's name: a worker whose server was killed finishes before its successor recovers.

    Two of one name would handle the same turns at once. Across machines it is the operator who keeps names apart.
    """
    held = (settings.data / f"{quote(settings.executor, safe='')}.lock").open("wb")
    if sys.platform == "win32":
        return held
    while not stopping.is_set():
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            log.debug("another worker of this name is still at work", extra={"executor": settings.executor})
            await asyncio.sleep(0.1)
    return held


async def _handle(handler: TurnHandler, activity: Activity, tenant: str) -> None:
    with structlog.contextvars.bound_contextvars(run=activity.id, tenant=tenant, channel=activity.where.channel):
        await handler.handle(activity)


async def _beat(settings: Settings, stores: Stores) -> None:
    while True:
        await replace(stores.engine, WorkerRow, executor=settings.executor, tenant="", seen_at=now())
        await asyncio.sleep(HEARTBEAT)


async def _tidy(settings: Settings, stores: Stores) -> None:
    while True:
        gone = await stores.results.forget(settings.answers.retention_days)
        if gone:
            log.info("old results deleted", extra={"count": gone})
        await asyncio.sleep(HOUSEKEEPING)


async def _orphaned(stopping: asyncio.Event) -> None:
    """Set `stopping` at the end of standard input."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await reader.read()
    stopping.set()


async def main(settings: Settings, *, parented: bool) -> None:
    """Serve until a signal, or until the parent is gone."""
    stopping = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stopping.set)
    watch = asyncio.create_task(_orphaned(stopping)) if parented else None
    await serve(settings, stopping)
    if watch is not None:
        watch.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watch


def run(settings: Settings, *, parented: bool = False) -> None:
    """The whole process."""
    configure(settings.server.log, settings.server.log_level)
    if parented and hasattr(os, "nice"):
        os.nice(BESIDE_THE_SERVER)
    asyncio.run(main(settings, parented=parented))


if __name__ == "__main__":
    run(load(), parented="--parented" in sys.argv[1:])
