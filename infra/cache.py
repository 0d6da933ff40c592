"""Answers kept in Redis for all workers together, or in this worker; the cached engine as the settings say."""

import hashlib
import logging
import time
from collections.abc import Callable

from redis.asyncio import Redis
from redis.exceptions import RedisError

from infra.openings import opening
from infra.settings import Settings
from knowledge.cache.engine import CachedEngine
from knowledge.cache.memory import MemoryCache
from knowledge.cache.port import Cache, Sharing, personal
from knowledge.federation import Engine, Sources
from knowledge.policy import Policy
from knowledge.sources.opening import no_secrets

log = logging.getLogger(__name__)

PATIENCE = 0.5
"""Seconds to wait for Redis: a query is often as fast."""
REST = 10.0
"""Seconds for which Redis is left alone after it failed."""


class RedisCache:
    """`Cache` in Redis. While Redis is away nothing is kept or found, and a log line says so each time it failed."""

    def __init__(self, redis: Redis, clock: Callable[[], float] = time.monotonic) -> None:
        self._redis = redis
        self._clock = clock
        self._resting_until = 0.0

    async def get(self, key: str) -> bytes | None:
        """See the port."""
        if self._clock() < self._resting_until:
            return None
        try:
            found = await self._redis.get(_name(key))
        except (RedisError, OSError, TimeoutError) as away:
            self._rest(away)
            return None
        return found if isinstance(found, bytes) else None

    async def put(self, key: str, value: bytes, seconds: float) -> None:
        """See the port."""
        milliseconds = round(seconds * 1000)
        if self._clock() < self._resting_until or milliseconds <= 0:
            return
        try:
            await self._redis.set(_name(key), value, px=milliseconds)
        except (RedisError, OSError, TimeoutError) as away:
            self._rest(away)

    def _rest(self, why: Exception) -> None:
        self._resting_until = self._clock() + REST
        log.warning("answers are not kept while redis is away", extra={"why": str(why) or type(why).__name__})


def open_cache(settings: Settings) -> Cache:
    """In Redis where there is one, otherwise in this process."""
    address = settings.redis.get_secret_value()
    if address:
        return RedisCache(Redis.from_url(address, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE))
    return MemoryCache(settings.cache.bytes)


def cached(settings: Settings, engine: Engine, sources: Sources, policy: Policy, cache: Cache | None = None) -> Engine:
    """The engine with a cache around it; the engine itself where `cache.bytes` is 0."""
    if settings.cache.bytes == 0:
        return engine
    sharing = {
        setting.name: Sharing(setting.share, personal(opening(setting, no_secrets).identity))
        for setting in settings.sources
    }
    return CachedEngine(
        engine,
        sources,
        policy,
        cache or open_cache(settings),
        lambda source: sharing.get(source, Sharing(0)),
        scope=_scope(settings),
        entry_bytes=settings.cache.entry_bytes,
        plans=settings.cache.plans,
    )


def _scope(settings: Settings) -> str:
    """Differs between installations, and when a source is set up anew, so that they may share one Redis."""
    sources = [source.model_dump_json() for source in settings.sources]
    return hashlib.sha256("\n".join((settings.tenant, settings.database_url, *sources)).encode()).hexdigest()


def _name(key: str) -> str:
    return f"quillux:answer:{key}"
