"""A worker that is at work a moment after it was killed: forked from a process that has imported everything.

`python -m tests.e2e.forked FUSE` takes lines and answers each with the process id of a real worker (`infra.worker`) of
that name, with the settings of its environment. An activity in JSON instead of a name is handled once, past the queue.
FUSE is a file of eight bytes: a number in it is counted down by
every statement and commit of a worker in the product's database, and at zero the worker kills itself, as `kill -9`.
"""

import asyncio
import ctypes
import importlib
import json
import mmap
import os
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event

from conversation.activity import Activity, CardAction
from conversation.codec import decode_as, encode
from infra import worker
from infra.bootstrap import turn_handler
from infra.settings import Settings, load

ROOT = Path(__file__).parents[2]
DATABASE = "quillux.sqlite"
IMPORTED = ("aiosqlite", "langgraph.checkpoint.sqlite.aio")
"""What a worker imports only when it needs it."""


class Fuse:
    """The shared counter. 0 is off."""

    def __init__(self, file: Path) -> None:
        if not file.exists():
            file.write_bytes(struct.pack("q", 0))
        with file.open("r+b") as opened:
            self._shared = mmap.mmap(opened.fileno(), 8)

    @property
    def left(self) -> int:
        """How many events are left."""
        (left,) = struct.unpack("q", self._shared[:8])
        return int(left)

    def arm(self, events: int) -> None:
        """Kill at this event from now on; 0 for never."""
        self._shared[:8] = struct.pack("q", events)

    def burn(self) -> None:
        """One event."""
        left = self.left
        if left > 0:
            self.arm(left - 1)
        if left == 1:
            os.kill(os.getpid(), signal.SIGKILL)


class Workers:
    """Forks workers, kills them, and knows whether they live. Linux only."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = environment
        self.fuse = Fuse(folder / "fuse")
        self._nursery: subprocess.Popen[str] | None = None

    def __enter__(self) -> "Workers":
        with (self._folder / "log.txt").open("ab") as log:
            self._nursery = subprocess.Popen(
                [sys.executable, "-m", "tests.e2e.forked", str(self._folder / "fuse")],
                cwd=ROOT,
                env={**os.environ, **self._environment},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                bufsize=1,
            )
        return self

    def __exit__(self, *_: object) -> None:
        assert self._nursery is not None
        self._nursery.kill()
        self._nursery.communicate()

    def handle(self, activity: Activity) -> int:
        """Let a process of its own handle an activity, as if the queue had given it out; gives its process id."""
        return self.fork(json.dumps(encode(activity)))

    def fork(self, name: str = "worker-1") -> int:
        """Start a worker of this name; gives its process id."""
        assert self._nursery is not None
        assert self._nursery.stdin is not None
        assert self._nursery.stdout is not None
        self._nursery.stdin.write(f"{name}\n")
        return int(self._nursery.stdout.readline())

    def log(self) -> str:
        """The last lines that the workers wrote."""
        return "\n".join((self._folder / "log.txt").read_text(errors="replace").splitlines()[-40:])


def kill(worker: int) -> None:
    """kill -9."""
    with suppress(ProcessLookupError):
        os.kill(worker, signal.SIGKILL)


def alive(worker: int) -> bool:
    """Whether this process is there."""
    try:
        os.kill(worker, 0)
    except ProcessLookupError:
        return False
    return True


async def gone(worker: int, seconds: float = 30) -> None:
    """Wait until a killed process is not there any more."""
    until = time.monotonic() + seconds
    while alive(worker) and time.monotonic() < until:
        await asyncio.sleep(0.005)


def main() -> None:
    """Import, then fork whenever told."""
    for module in IMPORTED:
        importlib.import_module(module)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead are not waited for
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _work(line.strip())
            os._exit(0)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


def _work(name: str) -> None:
    """Be a worker until killed, also with whoever forked us."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    os.dup2(2, 1)
    fuse = Fuse(Path(sys.argv[1]))

    def statement(connection: Connection, *_: Any) -> None:
        if str(connection.engine.url.database).endswith(DATABASE):
            fuse.burn()

    event.listen(Engine, "before_cursor_execute", statement)
    event.listen(Engine, "commit", statement)
    if name.startswith("{"):
        asyncio.run(_once(load(), decode_as(CardAction, json.loads(name))))
    else:
        worker.run(load(executor=name))


async def _once(settings: Settings, activity: Activity) -> None:
    async with turn_handler(settings) as handler:
        await handler.handle(activity)


if __name__ == "__main__":
    main()
