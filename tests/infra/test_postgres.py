"""The product on PostgreSQL: its tables, its queue and its checkpoints in one database."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from conversation.activity import Activity, CardAction, Message
from conversation.principal import ConversationRef, Sender
from conversation.run import Run
from infra.bootstrap import turn_handler
from infra.durable import TurnQueue, TurnWorker
from infra.settings import Answers, Person, Settings, SourceSetting
from infra.stores import open_stores, prepare
from tests.e2e.product import ROWS, shop
from tests.postgres import postgres_server, why_not

pytestmark = [pytest.mark.skipif(bool(why_not()), reason=why_not()), pytest.mark.xdist_group("postgres")]
HERE = ConversationRef("api", "default", "ada", "c1", personal=True)
THERE = ConversationRef("api", "default", "ben", "c2", personal=True)
ADA, BEN = Sender("api", "default", "ada"), Sender("api", "default", "ben")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres_server() as address:
        yield address


@pytest.fixture
def settings(server: str, tmp_path: Path) -> Settings:
    shop(tmp_path)
    made = Settings(
        data=tmp_path / "data",
        database=server,
        people=(Person(id="ada"), Person(id="ben", roles=("approver",))),
        sources=(SourceSetting(name="shop", address=f"sqlite:///{tmp_path}/shop.sqlite"),),
    )
    prepare(made)
    return made


@asynccontextmanager
async def at_work(settings: Settings) -> AsyncIterator[None]:
    async with turn_handler(settings) as handler:
        worker = TurnWorker(settings, handler.handle)
        await worker.start()
        try:
            yield
        finally:
            await worker.stop()


async def accept(settings: Settings, *activities: Activity) -> list[bool]:
    queue = TurnQueue(settings)
    await queue.start()
    try:
        return [await queue.accept(activity) for activity in activities]
    finally:
        await queue.stop()


async def settled(settings: Settings, id: str, *states: str) -> Run:
    """The run, once it is in one of these states."""
    stores = open_stores(settings)
    try:
        async with asyncio.timeout(30):
            while True:
                run = await stores.runs.get("default", id)
                if run is not None and run.state in states:
                    return run
                await asyncio.sleep(0.02)
    finally:
        await stores.engine.dispose()


@pytest.mark.parametrize("text", ["How many orders are there?", "How many orders\x00 are there?"])
async def test_a_question_is_taken_once_and_answered(settings: Settings, text: str) -> None:
    question = Message(f"api:default:ada:pg{len(text)}", HERE, ADA, text)
    assert await accept(settings, question, question) == [True, False]
    async with at_work(settings):
        run = await settled(settings, question.id, "completed", "failed")
    assert run.state == "completed"
    assert run.card is not None
    assert str(ROWS) in run.card.fallback_text


async def test_a_gate_outlives_the_worker_that_opened_it(settings: Settings) -> None:
    settings = settings.model_copy(update={"answers": Answers(approval_rows_read=299)})
    question = Message("api:default:ada:pg2", HERE, ADA, "How many orders are there?")
    await accept(settings, question)
    async with at_work(settings):
        await settled(settings, question.id, "input-required")
    press = CardAction(
        "press:pg2",
        THERE,
        BEN,
        "gate.decide",
        {"gate": f"{question.id}:gate", "verdict": "approve"},
        {"reason": "fine"},
    )
    await accept(settings, press)
    async with at_work(settings):
        run = await settled(settings, question.id, "completed", "failed")
    assert run.state == "completed"
    assert run.card is not None
    assert str(ROWS) in run.card.fallback_text
