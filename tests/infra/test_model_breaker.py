"""A model that fails again and again is left alone for a while. The clock here is a number."""

import asyncio

import pytest

from infra.models.breaker import MOST_FAILURES, REST, Breaker
from knowledge.translation.assisted import ModelFailed, Prompt, Reply

PROMPT = Prompt("", ("?",))
YES = Reply("yes")


class Service:
    """A model's service with a switch, and a clock that it moves by `takes` with each call."""

    def __init__(self) -> None:
        self.up = False
        self.calls = 0
        self.now = 0.0
        self.takes = 0.0
        self.hangs = False
        self.after = 0.0

    async def __call__(self, prompt: Prompt) -> Reply:
        self.calls += 1
        self.now += self.takes
        if self.hangs:
            await asyncio.Event().wait()
        if not self.up:
            raise ModelFailed("its service failed", self.after)
        return YES


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def breaker(service: Service) -> Breaker:
    return Breaker(service, 20.0, lambda: service.now)


async def failing(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        with pytest.raises(ModelFailed):
            await breaker(PROMPT)


async def cancelled(breaker: Breaker) -> None:
    call = asyncio.ensure_future(breaker(PROMPT))
    await asyncio.sleep(0)
    call.cancel()
    await asyncio.wait({call})


async def test_after_failures_in_a_row_it_rests_then_is_tried_again(service: Service, breaker: Breaker) -> None:
    await failing(breaker, MOST_FAILURES + 5)
    assert service.calls == MOST_FAILURES
    service.now += REST
    await failing(breaker, 3)
    assert service.calls == MOST_FAILURES + 1
    service.now += REST
    service.up = True
    assert await breaker(PROMPT) == YES
    assert await breaker(PROMPT) == YES


async def test_one_success_forgets_the_failures(service: Service, breaker: Breaker) -> None:
    for up in (False, False, True, False, False, True):
        service.up = up
        await (breaker(PROMPT) if up else failing(breaker, 1))
    assert service.calls == 6


@pytest.mark.parametrize(("takes", "calls"), [(20.0, MOST_FAILURES), (1.0, MOST_FAILURES + 2)])
async def test_silence_is_a_failure_and_a_persons_stop_is_none(
    service: Service, breaker: Breaker, takes: float, calls: int
) -> None:
    service.hangs, service.takes = True, takes
    for _ in range(MOST_FAILURES + 2):
        await cancelled(breaker)
    assert service.calls == calls


async def test_it_is_left_alone_for_as_long_as_it_asks(service: Service, breaker: Breaker) -> None:
    service.after = 120.0
    await failing(breaker, 3)
    assert service.calls == 1
    service.now += 120.0
    service.up = True
    assert await breaker(PROMPT) == YES
