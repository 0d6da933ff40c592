"""How much one person may ask."""

import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from conversation.allowance import Allowance
from conversation.principal import Principal
from infra.allowance import MemoryAllowance, RedisAllowance

ADA, BEN = Principal("ada", "acme", "Ada"), Principal("ben", "acme", "Ben")


class Clock:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.now = 600.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["memory", "redis"])
async def allowance(request: pytest.FixtureRequest, clock: Clock) -> AsyncIterator[Allowance]:
    if request.param == "memory":
        yield MemoryAllowance(3, clock)
        return
    redis = Redis.from_url(request.getfixturevalue("redis_address"))
    await redis.flushall()
    yield RedisAllowance(redis, 3, clock)
    await redis.aclose()


async def test_the_fourth_question_of_a_minute_is_one_too_many(allowance: Allowance) -> None:
    assert [await allowance.take(ADA) for _ in range(4)] == [True, True, True, False]


async def test_others_are_counted_for_themselves(allowance: Allowance) -> None:
    for _ in range(5):
        await allowance.take(ADA)
    assert await allowance.take(BEN)


async def test_the_next_minute_begins_anew(allowance: Allowance, clock: Clock) -> None:
    for _ in range(5):
        await allowance.take(ADA)
    clock.now += 60
    assert await allowance.take(ADA)


async def test_without_redis_nobody_is_held_up(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as nobody:
        nobody.bind(str(tmp_path / "r.sock"))
        away = RedisAllowance(Redis.from_url(f"unix://{tmp_path / 'r.sock'}"), 0)
        assert await away.take(ADA)
