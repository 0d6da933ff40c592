"""Calls that block and can't be interrupted: run in a thread of their own, which a cancelled task leaves behind."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


async def leaving(work: Callable[[], T]) -> T:
    """The result of `work`. A cancelled task goes on at once; the thread ends when the call does."""
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

    threading.Thread(target=call, name="quillux-call", daemon=True).start()
    return await asyncio.shield(asyncio.wrap_future(done))
