"""What can go wrong around a page: nobody looks any more, or a part of ours does not work."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

from conversation.errors import OperatorError, QuilluxError

T = TypeVar("T")

log = logging.getLogger(__name__)


class ScreenClosed(Exception):
    """Nobody looks any more."""


async def guarded(work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`. What no person is meant to read, such as a database error, is logged and raised as
    OperatorError; a QuilluxError and ScreenClosed pass.
    """
    task = asyncio.create_task(work)
    try:
        await asyncio.wait({task})
    finally:
        task.cancel()
        await asyncio.wait({task})  # a connection under way is given back before anybody closes its database
    fault = task.exception()
    if fault is None or isinstance(fault, QuilluxError | ScreenClosed):
        return task.result()
    log.error("a page met a fault", exc_info=fault)
    raise OperatorError(
        "Quillux can't take this at the moment: its database did not answer as it should.",
        unchanged="Nothing was asked and nothing was changed.",
        next_step="Try again in a minute; if it happens again, report it.",
    ) from fault
