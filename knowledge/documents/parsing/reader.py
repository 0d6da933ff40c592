"""Reads files in a process of its own, which is ended when a file takes too long or too much."""

import json
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from knowledge.documents.model import Block, Loaded, Problem
from knowledge.documents.parsing.limits import Limits

ROOT = Path(__file__).parents[3]
_KEPT = ("PATH", "LANG", "LC_ALL", "VIRTUAL_ENV", "SYSTEMROOT", "TMPDIR")


class Reader:
    """Documents of files. One file at a time; to be closed, or used with `with`."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._process: subprocess.Popen[bytes] | None = None
        self._held = b""

    def read(self, path: Path, name: str = "") -> list[Loaded | Problem]:
        """Every document of a file, or a problem for it or for a part of it; never raises for what is in a file."""
        name = name or path.name
        found: list[Loaded | Problem] = []
        for answer in self._ask(str(path)):
            if "refused" in answer:
                found.append(Problem(name, str(answer["refused"])))
            elif "problem" in answer:
                found.append(Problem(f"{name}!/{answer['problem']['path']}", answer["problem"]["why"]))
            elif "loaded" in answer:
                found.append(_loaded(answer["loaded"]))
        return found

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    pipe.close()
        self._process, self._held = None, b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self.close()

    def _ask(self, path: str) -> Iterator[dict[str, Any]]:
        process = self._process or self._started()
        until = time.monotonic() + self.limits.seconds
        try:
            self._send(process, path)
            while True:
                line = self._line(process, until)
                answer = json.loads(line)
                if "done" in answer:
                    return
                yield answer
        except TimeoutError:
            self.close()
            yield {"refused": f"Reading it took more than {self.limits.seconds:g} seconds."}
        except (OSError, ValueError, EOFError):
            self.close()
            yield {"refused": "Reading it ended the process that reads: too much memory, or a fault of a parser."}

    def _started(self) -> subprocess.Popen[bytes]:
        """The process, with nothing of this one's environment that a document has no business with."""
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "knowledge.documents.parsing"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**environment, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"},
            start_new_session=True,
        )
        self._send(self._process, asdict(self.limits))
        return self._process

    @staticmethod
    def _send(process: subprocess.Popen[bytes], what: object) -> None:
        if process.stdin is not None:
            process.stdin.write(json.dumps(what).encode() + b"\n")
            process.stdin.flush()

    def _line(self, process: subprocess.Popen[bytes], until: float) -> bytes:
        """The next line. Raises TimeoutError, or EOFError where the process ended."""
        if process.stdout is None:
            raise EOFError
        pieces = [self._held]
        with selectors.DefaultSelector() as ready:
            ready.register(process.stdout, selectors.EVENT_READ)
            while b"\n" not in pieces[-1]:
                if not ready.select(max(0.0, until - time.monotonic())):
                    raise TimeoutError
                piece = os.read(process.stdout.fileno(), 1 << 20)
                if not piece:
                    raise EOFError
                pieces.append(piece)
        line, _, self._held = b"".join(pieces).partition(b"\n")
        return line


def _loaded(said: dict[str, Any]) -> Loaded:
    blocks = tuple(
        Block(block["kind"], block["text"], block["level"], block["page"], tuple(map(tuple, block["rows"])))
        for block in said["blocks"]
    )
    return Loaded(blocks, said["kind"], said["title"], said["author"], said["dated"], said["inner"])
