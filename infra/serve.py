"""One machine's whole Quillux: the server in this process, and a worker as a child that is kept alive."""

import asyncio
import contextlib
import signal
import socket
import sys
import time
from collections.abc import Iterator

import uvicorn

from infra.cli.codes import Exit, fail, say
from infra.settings import Settings

RESTART_SECONDS = 1.0


async def serve(settings: Settings, began: float, *, demo: bool, workers: bool) -> None:
    """Serve until a signal. `began` is when the start began, by `time.perf_counter`."""
    from infra.stores import prepare

    listening = _bind(settings)
    prepare(settings)
    stopping = asyncio.Event()
    beside = asyncio.create_task(_keep_worker(stopping, demo=demo)) if workers else None
    from infra.app import server

    serving = server(settings)
    _end_on_signals(serving)
    task = asyncio.create_task(serving.serve([listening]))
    while not (serving.started or task.done()):  # noqa: ASYNC110 - uvicorn tells it by a flag only
        await asyncio.sleep(0.01)
    if serving.started:
        _greet(settings, listening.getsockname()[1], began, demo=demo)
    if beside is not None:
        await asyncio.wait({task, beside}, return_when=asyncio.FIRST_COMPLETED)
        serving.should_exit = True  # the worker gave up, or the server is done anyway
    await task
    stopping.set()
    if beside is not None:
        await beside


def _end_on_signals(serving: uvicorn.Server) -> None:
    """Ctrl-C and SIGTERM end the server in its own time; a second one at once.

    uvicorn's own handlers raise the signal again when it is done, which would end the worker's last turns too.
    """

    def end() -> None:
        serving.force_exit = serving.should_exit
        serving.should_exit = True

    serving.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment]
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, end)


def _bind(settings: Settings) -> socket.socket:
    """The port, taken before anything is started; ends the command when somebody else has it."""
    host, port = settings.server.host, settings.server.port
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        fail(
            Exit.SETTINGS,
            f"Quillux can't listen on {host}:{port}: {error.strerror or error}.",
            "Nothing was started.",
            "Stop what listens there, or set QUILLUX_SERVER__PORT to another port.",
        )


def _greet(settings: Settings, port: int, began: float, *, demo: bool) -> None:
    from infra.demo import PASSWORD

    address = settings.server.public_url or f"http://{settings.server.host}:{port}"
    say(f"\nQuillux is ready at {address}  ({time.perf_counter() - began:.1f} s)")
    names = [person.id for person in settings.people]
    if demo and names[:1] == ["analyst"]:
        say(f"Sign in as {names[0]} with the password {PASSWORD} (also: {', '.join(names[1:])})")
    if settings.questions:
        say("Try:")
        for question in settings.questions[:3]:
            say(f"  {question}")
    say("Stop with Ctrl-C\n")


async def _keep_worker(stopping: asyncio.Event, *, demo: bool) -> None:
    """Run a worker as a child and start it again when it dies, unless it said that the settings can't be used.

    It ends when its standard input closes.
    """
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
        if child.returncode == Exit.SETTINGS:
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
