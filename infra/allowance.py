"""Questions per person and minute: counted in this process, or in Redis where many workers must count together."""

import logging
import time
from collections.abc import Callable

from redis.asyncio import Redis
from redis.exceptions import RedisError

from conversation.principal import Principal

log = logging.getLogger(__name__)

_MINUTE = 60


class MemoryAllowance:
    """`conversation.allowance.Allowance` of one worker."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.time) -> None:
        self._most = per_minute
        self._clock = clock
        self._minute = 0
        self._taken: dict[tuple[str, str], int] = {}

    async def take(self, who: Principal) -> bool:
        """Count one; False when this person's questions of this minute are used up."""
        minute = int(self._clock() // _MINUTE)
        if minute != self._minute:
            self._minute, self._taken = minute, {}
        taken = self._taken[who.tenant, who.id] = self._taken.get((who.tenant, who.id), 0) + 1
        return taken <= self._most


class RedisAllowance:
    """`conversation.allowance.Allowance` of all workers together. Without Redis nobody is held up: it is logged."""

    def __init__(self, redis: Redis, per_minute: int, clock: Callable[[], float] = time.time) -> None:
        self._redis = redis
        self._most = per_minute
        self._clock = clock

    async def take(self, who: Principal) -> bool:
        """Count one; False when this person's questions of this minute are used up."""
        key = f"quillux:asked:{who.tenant}:{who.id}:{int(self._clock() // _MINUTE)}"
        try:
            async with self._redis.pipeline(transaction=True) as pipeline:
                pipeline.incr(key)
                pipeline.expire(key, 2 * _MINUTE)
                taken, _ = await pipeline.execute()
        except RedisError as away:
            log.warning("questions are not counted", extra={"why": str(away)})
            return True
        return int(taken) <= self._most
