"""Answers in Redis: shared by all workers, missed without harm, never longer than they stand."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from infra.cache import REST, RedisCache, cached, open_cache
from infra.settings import Cache as CacheSettings
from infra.settings import Settings, SourceIdentity, SourceSetting
from knowledge.cache.engine import CachedEngine
from knowledge.cache.memory import MemoryCache
from tests.knowledge.cache.world import ADA, BEN, EVE, World


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def redis(redis_address: str) -> AsyncIterator["Redis"]:
    client = Redis.from_url(redis_address)
    await client.flushall()
    yield client
    await client.aclose()


async def test_two_workers_share_an_answer(redis: "Redis") -> None:
    one, other = World(RedisCache(redis)), World(RedisCache(redis))
    await one.ask()
    again = await other.ask(asker=BEN)
    assert again.cached
    assert again.table["person"][0].as_py() == "ada"
    assert other.inner.runs == 0
    assert not (await other.ask(asker=EVE)).cached


async def test_redis_forgets_an_answer_when_it_no_longer_stands(redis: "Redis") -> None:
    await RedisCache(redis).put("k", b"x", 60)
    assert 59_000 < await redis.pttl("quillux:answer:k") <= 60_000
    await RedisCache(redis).put("gone", b"x", 0)
    assert await RedisCache(redis).get("gone") is None


async def test_what_somebody_else_wrote_there_is_as_if_it_were_not_there(redis: "Redis") -> None:
    world = World(RedisCache(redis))
    await world.ask()
    (name,) = await redis.keys("quillux:answer:*")
    for rubbish in (b"", b"rubbish", b"\0" * 100):
        await redis.set(name, rubbish)
        assert not (await world.ask()).cached
    await redis.delete(name)
    await redis.lpush(name, "a list")
    assert not (await world.ask()).cached


async def test_without_redis_everything_works_and_a_log_line_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    world = World(RedisCache(Redis.from_url(f"unix://{tmp_path / 'nobody.sock'}"), clock))
    with caplog.at_level(logging.WARNING):
        for _ in range(5):
            assert not (await world.ask(asker=ADA)).cached
        assert [record.message for record in caplog.records] == ["answers are not kept while redis is away"]
        clock.now += REST
        await world.ask()
    assert len(caplog.records) == 2


async def test_a_redis_that_hangs_holds_nobody_up(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "r.sock"))
        silent.listen(1)
        address = f"unix://{tmp_path / 'r.sock'}"
        cache = RedisCache(Redis.from_url(address, socket_timeout=0.05, socket_connect_timeout=0.05))
        async with asyncio.timeout(5):
            assert not (await World(cache).ask()).cached


def test_the_settings_say_where_answers_are_kept_and_whose_they_are(tmp_path: Path) -> None:
    sources = (
        SourceSetting(name="shop", address="shop.db", share=7, identity=SourceIdentity(kind="role")),
        SourceSetting(name="web", address="web.db"),
    )
    settings = Settings(data=tmp_path, sources=sources)
    world = World()
    engine = cached(settings, world.inner, world.sources, world.policy)
    assert isinstance(engine, CachedEngine)
    assert isinstance(open_cache(settings), MemoryCache)
    none = Settings(data=tmp_path, cache=CacheSettings(bytes=0))
    assert cached(none, world.inner, world.sources, world.policy) is world.inner
