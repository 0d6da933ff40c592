"""`quillux run` and `quillux worker`: the server with its worker beside it, or a worker alone."""

import asyncio
import contextlib
import signal
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.codes import Exit, fail, say
from infra.cli.codes import settings as configured

if TYPE_CHECKING:
    from infra.settings import Settings

RESTART_SECONDS = 1.0
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def run(
    demo: Annotated[bool, typer.Option("--demo", help="With made-up data and people, unless others are set.")] = False,
    workers: Annotated[bool, typer.Option("--workers/--no-workers", help="Start a worker beside the server.")] = True,
) -> None:
    """Start Quillux: the server, and a worker beside it."""
    began = time.perf_counter()
    settings = with_demo(configured()) if demo else configured()
    from infra.telemetry.logs import configure

    configure(settings.server.log, settings.server.log_level)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(settings, began, demo=demo, workers=workers))


def worker(
    demo: Annotated[bool, typer.Option("--demo", help="With made-up data and people, unless others are set.")] = False,
    parented: Annotated[bool, typer.Option("--parented", hidden=True)] = False,
) -> None:
    """Start a worker alone; every replica needs an `executor` name of its own."""
    settings = with_demo(configured()) if demo else configured()
    from infra.worker import run as work

    work(settings, parented=parented)


def with_demo(settings: "Settings") -> "Settings":
    """The settings with the demo's data and people wherever none are set. Makes the data if it is not there."""
    from infra import demo

    if settings.people and settings.sources:
        return settings
    if not settings.people and settings.server.host not in LOOPBACK:
        fail(
            Exit.SETTINGS,
            f"The demo's people have a known password, so it can't listen on {settings.server.host}.",
            "Nothing was started.",
            "Add [[people]] to quillux.toml, or listen on 127.0.0.1.",
        )
    changes: dict[str, object] = {}
    if not settings.people:
        changes["people"] = demo.people()
    if not settings.sources:
        if not (settings.data / "demo" / "demo.json").exists():
            say("Making the demo data: three years of a retail warehouse, some seconds, once")
        changes["sources"] = demo.sources(demo.prepare(settings.data))
        changes["questions"] = settings.questions or demo.QUESTIONS
    return settings.model_copy(update=changes)


async def _serve(settings: "Settings", began: float, *, demo: bool, workers: bool) -> None:
    from infra.bootstrap import prepare

    prepare(settings)
    stopping = asyncio.Event()
    beside = asyncio.create_task(_keep_worker(stopping, demo=demo)) if workers else None
    from infra.app import server

    serving = server(settings)
    task = asyncio.create_task(serving.serve())
    while not (serving.started or task.done()):  # noqa: ASYNC110 - uvicorn tells it by a flag only
        await asyncio.sleep(0.01)
    if serving.started:
        _greet(settings, serving.servers[0].sockets[0].getsockname()[1], began, demo=demo)
    await asyncio.gather(task, return_exceptions=False)
    stopping.set()
    if beside is not None:
        await beside


def _greet(settings: "Settings", port: int, began: float, *, demo: bool) -> None:
    from infra.demo import PASSWORD

    address = settings.server.public_url or f"http://{settings.server.host}:{port}"
    say(f"\nQuillux is ready at {address}  ({time.perf_counter() - began:.1f} s)")
    names = [person.id for person in settings.people]
    if demo and names[:1] == ["analyst"]:
        say(f"Sign in as {names[0]} with the password {PASSWORD} ({', '.join(names[1:])} can approve)")
    if settings.questions:
        say("Try:")
        for question in settings.questions[:3]:
            say(f"  {question}")
    say("Stop with Ctrl-C\n")


async def _keep_worker(stopping: asyncio.Event, *, demo: bool) -> None:
    """Run a worker as a child and start it again when it dies; it ends when its standard input closes."""
    command = [sys.executable, "-m", "infra.cli.main", "worker", "--parented", *(["--demo"] if demo else [])]
    while not stopping.is_set():
        with _own_group():
            child = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.PIPE)
        ended = asyncio.create_task(child.wait())
        stop = asyncio.create_task(stopping.wait())
        await asyncio.wait({ended, stop}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if stopping.is_set():
            if child.stdin is not None:
                child.stdin.close()
            await ended
            return
        say(f"The worker ended with code {child.returncode}; starting it again.")
        await asyncio.sleep(RESTART_SECONDS)


@contextlib.contextmanager
def _own_group() -> Iterator[None]:
    """Children ignore Ctrl-C: it reaches the whole terminal, and the server stops its worker in its own time."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
