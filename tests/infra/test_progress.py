"""What the queue says of an activity, while no run tells of it yet."""

import asyncio
from pathlib import Path

from conversation.activity import Activity, Message
from conversation.principal import ConversationRef, Sender
from infra.durable import TurnQueue, TurnWorker, migrate_queue
from infra.settings import Settings

HERE = ConversationRef("api", "acme", "ada", "c1", personal=True)


async def test_an_activity_is_unknown_then_pending_then_done(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    migrate_queue(settings)
    queue = TurnQueue(settings)
    await queue.start()
    message = Message("api:acme:ada:1/ü?", HERE, Sender("api", "acme", "ada"), "How many?")
    assert await queue.progress(message.id) == "unknown"
    assert await queue.accept(message)
    assert await queue.progress(message.id) == "pending"
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def handle(_activity: Activity) -> None:
        begun.set()
        await go_on.wait()

    worker = TurnWorker(settings, handle)
    await worker.start()
    try:
        await asyncio.wait_for(begun.wait(), 20)
        assert await queue.progress(message.id) == "pending"
        go_on.set()
        async with asyncio.timeout(20):
            while await queue.progress(message.id) != "done":
                await asyncio.sleep(0.01)
    finally:
        await worker.stop()
        await queue.stop()
