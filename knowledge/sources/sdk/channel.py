"""A producer that may block, read by a consumer that must be able to leave it at any moment."""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Channel(Generic[T]):
    """Items made in a thread of their own, at most `ahead` before they are taken.

    Whoever takes them is let go within a moment of `stop`, even while the producer blocks; its thread ends when what it
    waits for does. What the producer raises is raised to the taker, and kept in `failure`.
    """

    def __init__(self, make: Callable[[], Iterable[T]], *, ahead: int = 4) -> None:
        self._make = make
        self._ahead = ahead
        self._items: deque[T] = deque()
        self._turn = threading.Condition()
        self._ended = False
        self._stopped = False
        self.failure: BaseException | None = None

    def __iter__(self) -> Iterator[T]:
        """The items, once. The thread starts with the first one asked for."""
        threading.Thread(target=self._fill, name="quillux-read", daemon=True).start()
        try:
            while True:
                with self._turn:
                    self._turn.wait_for(lambda: bool(self._items) or self._ended or self._stopped)
                    if self._stopped or not self._items:
                        break
                    item = self._items.popleft()
                    self._turn.notify_all()
                yield item
            if self.failure is not None:
                raise self.failure
        finally:
            self.stop()

    def stop(self) -> None:
        """No more items: whoever waits is let go."""
        with self._turn:
            self._stopped = True
            self._turn.notify_all()

    def _fill(self) -> None:
        items = iter(())  # type: Iterator[T]
        try:
            items = iter(self._make())
            for item in items:
                if not self._put(item):
                    break
        except BaseException as error:
            self.failure = error
            if not isinstance(error, Exception):
                raise
        finally:
            if (close := getattr(items, "close", None)) is not None:
                close()
            with self._turn:
                self._ended = True
                self._turn.notify_all()

    def _put(self, item: T) -> bool:
        with self._turn:
            self._turn.wait_for(lambda: len(self._items) < self._ahead or self._stopped)
            self._items.append(item)
            self._turn.notify_all()
            return not self._stopped
