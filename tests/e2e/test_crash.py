"""kill -9 at random moments, with the real server and worker: nothing is lost and nothing is done twice."""

import asyncio
import random
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.e2e.product import ROWS, Product, mention, press, shop, until
from tests.fixtures.fake_slack import FakeSlack

pytestmark = [
    pytest.mark.xdist_group("crash"),
    pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc"),
]
QUESTION = "How many orders are there?"
KILLS = 8


class SlowSlack(FakeSlack):
    """A Slack that takes its time before and after each deed, so that a crash meets posts under way."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self._chance = chance
        self.called = asyncio.Event()

    async def _api(self, request: web.Request) -> web.StreamResponse:
        self.called.set()
        await asyncio.sleep(self._chance.uniform(0, 0.15))
        answer = await super()._api(request)
        await asyncio.sleep(self._chance.uniform(0, 0.15))
        return answer

    def thread(self, number: int) -> list[dict[str, Any]]:
        """What the bot posted below a question."""
        return [m for m in self.messages[f"C{number % 4}"] if m.get("thread_ts") == f"1700000000.{number:06d}"]


@asynccontextmanager
async def running(folder: Path, chance: random.Random, **settings: str) -> AsyncIterator[tuple[Product, SlowSlack]]:
    slack = SlowSlack(chance)
    server = TestServer(slack.app())
    await server.start_server()
    slack.address = str(server.make_url("")).rstrip("/")
    shop(folder)
    product = Product(folder, slack, **settings)
    product.start()
    try:
        yield product, slack
    finally:
        product.kill()
        await server.close()


async def delivered(product: Product, number: int) -> None:
    """Deliver a question as Slack does: again, as another event, until it is acknowledged."""
    delivery = 0
    async with asyncio.timeout(60):
        while not await product.deliver(*mention(number, QUESTION, delivery=delivery)):
            delivery += 1
            await asyncio.sleep(0.05)


async def crash(product: Product, slack: SlowSlack, chance: random.Random, round: int) -> None:
    """Kill at a random moment: right after the acknowledgement, or while the worker talks to Slack."""
    if round % 4:
        slack.called.clear()
        async with asyncio.timeout(30):
            await slack.called.wait()
    await asyncio.sleep(chance.uniform(0, 0.4))
    match round % 5:
        case 0:
            product.kill()
            product.start()
        case 1:
            product.kill_server()
            product.start()
        case _:
            product.kill_worker()


async def test_every_question_is_answered_exactly_once_whatever_is_killed_when(tmp_path: Path) -> None:
    chance = random.Random(20)
    async with running(tmp_path, chance) as (product, slack):
        numbers: list[int] = []
        for round in range(KILLS):
            fresh = [round * 10 + n for n in range(3)]
            await asyncio.gather(*(delivered(product, number) for number in fresh))
            numbers += fresh
            await crash(product, slack, chance, round)
        again = await asyncio.gather(*(delivered(product, number) for number in numbers))
        await until(lambda: not product.unfinished(), product, 90)
        threads = {number: [message["text"] for message in slack.thread(number)] for number in numbers}
    assert len(again) == KILLS * 3
    assert {number: texts for number, texts in threads.items() if len(texts) != 1} == {}
    assert all(str(ROWS) in texts[0] for texts in threads.values()), threads


async def test_a_press_on_a_gate_takes_effect_once_whatever_is_killed_when(tmp_path: Path) -> None:
    chance = random.Random(8)
    waits = {"QUILLUX_ANSWERS__APPROVAL_ROWS_READ": "100"}
    async with running(tmp_path, chance, **waits) as (product, slack):
        numbers = range(6)
        await asyncio.gather(*(delivered(product, number) for number in numbers))
        await until(lambda: all(slack.thread(number) for number in numbers) and not product.unfinished(), product)
        for number in numbers:
            approve = press(slack.thread(number)[0], "Approve", "UBEN")
            async with asyncio.timeout(60):
                while not await product.deliver(*approve):
                    await asyncio.sleep(0.05)
            await crash(product, slack, chance, number)
        await until(lambda: not product.unfinished(), product)
        threads = {number: [message["text"] for message in slack.thread(number)] for number in numbers}
    assert {number: texts for number, texts in threads.items() if len(texts) != 2} == {}
    assert all(str(ROWS) in texts[1] for texts in threads.values()), threads
