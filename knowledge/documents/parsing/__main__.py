"""The process that parses: a request on each line of its input, a document or a problem on each line of its output."""

import json
import os
import resource
import stat
import sys
from dataclasses import asdict

from knowledge.documents.model import Loaded, Problem
from knowledge.documents.parsing.kinds import documents
from knowledge.documents.parsing.limits import Limits, Unreadable


def main() -> None:
    """Answer until the input ends."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a parser prints is no answer
    limits = Limits(**json.loads(sys.stdin.readline()))
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    for line in sys.stdin:
        for found in _answers(json.loads(line), limits):
            print(json.dumps(found), file=out)
        out.flush()


def _answers(path: str, limits: Limits):  # type: ignore[no-untyped-def]
    try:
        data = _bytes(path, limits)
        for each in documents(path, data, limits):
            match each:
                case Loaded():
                    yield {"loaded": asdict(each)}
                case Problem():
                    yield {"problem": asdict(each)}
    except Unreadable as bad:
        yield {"refused": str(bad)}
    except MemoryError:
        yield {"refused": "It takes more memory than a document may."}
    except OSError as away:
        yield {"refused": f"It can't be read: {away.strerror or type(away).__name__}."}
    yield {"done": True}


def _bytes(path: str, limits: Limits) -> bytes:
    """The file, which must be an ordinary one: not a link, a pipe or a device."""
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:  # noqa: PTH123 - flags
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode):
            raise Unreadable("It is no ordinary file.")
        if about.st_size > limits.file_bytes:
            raise Unreadable(f"It has {about.st_size:,} bytes; up to {limits.file_bytes:,} are read.")
        return file.read(limits.file_bytes + 1)


if __name__ == "__main__":
    main()
