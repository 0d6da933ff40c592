"""Answers and readings kept in this process."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

OVERHEAD = 200
"""Bytes that an entry takes beside its key and value, about."""


class MemoryCache:
    """`Cache` of one process: at most so many bytes, those unused for longest go first."""

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._kept: OrderedDict[str, tuple[bytes, float]] = OrderedDict()
        self._bytes = 0

    @property
    def size(self) -> int:
        """Bytes in use."""
        return self._bytes

    async def get(self, key: str) -> bytes | None:
        """See the port."""
        found = self._kept.get(key)
        if found is None:
            return None
        if self._clock() >= found[1]:
            self._drop(key)
            return None
        self._kept.move_to_end(key)
        return found[0]

    async def put(self, key: str, value: bytes, seconds: float) -> None:
        """See the port; what is larger than the whole cache is passed over."""
        self._drop(key)
        size = len(value) + len(key) + OVERHEAD
        if size > self._most or seconds <= 0:
            return
        self._kept[key] = (value, self._clock() + seconds)
        self._bytes += size
        while self._bytes > self._most:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: str) -> None:
        if (found := self._kept.pop(key, None)) is not None:
            self._bytes -= len(found[0]) + len(key) + OVERHEAD


class Recent(Generic[K, V]):
    """The most recently used values by key: a plan cache. Values are made anew when they are gone."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[K, V] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()

    def get(self, key: K) -> V | None:
        """The value, if it is still here."""
        if key not in self._kept:
            return None
        self._kept.move_to_end(key)
        return self._kept[key]

    def put(self, key: K, value: V) -> V:
        """Keep a value, and give it back."""
        self._kept[key] = value
        self._kept.move_to_end(key)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return value
