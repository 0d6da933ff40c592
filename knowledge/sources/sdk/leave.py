"""Calls that block and can't be interrupted: made in daemon threads, which a cancelled task leaves behind."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")


class Worker:
    """A thread that makes one call after the other. It does not keep the process from ending."""

    def __init__(self, name: str) -> None:
        self._calls: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        threading.Thread(target=self._work, name=name, daemon=True).start()

    def submit(self, work: Callable[[], T]) -> Future[T]:
        """The call's future; it can't be cancelled."""
        done: Future[T] = Future()
        done.set_running_or_notify_cancel()

        def call() -> None:
            try:
                result = work()
            except BaseException as error:
                done.set_exception(error)
                if not isinstance(error, Exception):
                    raise
            else:
                done.set_result(result)

        self._calls.put(call)
        return done

    def close(self) -> None:
        """End the thread after the calls that were submitted."""
        self._calls.put(None)

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            call()


async def leaving(work: Callable[[], T]) -> T:
    """The result of `work`. A cancelled task goes on at once; the thread ends when the call does."""
    worker = Worker("quillux-call")
    done = worker.submit(work)
    worker.close()
    return await asyncio.shield(asyncio.wrap_future(done))


def forget(future: "asyncio.Future[Any]") -> None:
    """Nobody waits for this one any more; what it raises is of no interest."""
    future.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
