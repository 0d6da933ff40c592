"""What the inbox promises between an acknowledgement and the queue."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy.exc import SQLAlchemyError

from conversation.activity import Activity, Message
from conversation.principal import ConversationRef, Sender
from infra import inbox as module
from infra.durable import TurnQueue, TurnWorker, migrate_queue
from infra.inbox import BATCH, Accepted, Inbox
from infra.settings import Settings

HERE = ConversationRef("api", "acme", "ada", "c1", personal=True)


class Queue:
    """A queue that remembers, and that can be away."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.away = False

    def take(self, batch: Sequence[Accepted]) -> None:
        """Take a batch whole, or nothing of it."""
        if self.away:
            raise SQLAlchemyError("the queue is away")
        self.ids += [one.id for one in batch if one.id not in self.ids]


@asynccontextmanager
async def opened(folder: Path, queue: Queue) -> AsyncIterator[Inbox]:
    inbox = Inbox(folder / "inbox.sqlite", queue.take)
    await inbox.start()
    try:
        yield inbox
    finally:
        await inbox.stop()


async def until(true: Callable[[], bool]) -> None:
    """Wait for something that comes about by itself."""
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0.005)


def activity(id: str) -> Accepted:
    return Accepted(id, "p", f'"{id}"')


async def test_a_second_delivery_is_known_also_after_the_queue_has_it_and_after_a_restart(tmp_path: Path) -> None:
    queue = Queue()
    async with opened(tmp_path, queue) as inbox:
        assert await inbox.accept(activity("a"))
        assert not await inbox.accept(activity("a"))
        await until(lambda: queue.ids == ["a"])
        assert not await inbox.accept(activity("a"))
    async with opened(tmp_path, queue) as inbox:
        assert not await inbox.accept(activity("a"))
    assert queue.ids == ["a"]


async def test_of_ten_deliveries_at_once_one_is_the_first(tmp_path: Path) -> None:
    async with opened(tmp_path, Queue()) as inbox:
        assert sum(await asyncio.gather(*(inbox.accept(activity("a")) for _ in range(10)))) == 1


async def test_activities_come_to_the_queue_in_the_order_of_acceptance(tmp_path: Path) -> None:
    queue, ids = Queue(), [f"{-n}" for n in range(BATCH * 3)]
    async with opened(tmp_path, queue) as inbox:
        await asyncio.gather(*(inbox.accept(activity(id)) for id in ids))
        await until(lambda: len(queue.ids) == len(ids))
    assert queue.ids == ids


async def test_what_a_crash_left_behind_is_handed_over_at_the_next_start(tmp_path: Path) -> None:
    queue = Queue()
    queue.away = True
    async with opened(tmp_path, queue) as inbox:
        assert await inbox.accept(activity("a"))
        assert await inbox.holds("a")
    queue.away = False
    async with opened(tmp_path, queue) as inbox:
        await until(lambda: queue.ids == ["a"])
        async with asyncio.timeout(20):
            while await inbox.holds("a"):
                await asyncio.sleep(0.005)


async def test_while_the_queue_is_away_activities_are_accepted_and_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RETRY_SECONDS", 0.01)
    queue = Queue()
    queue.away = True
    async with opened(tmp_path, queue) as inbox:
        assert [await inbox.accept(activity(id)) for id in "abc"] == [True] * 3
        queue.away = False
        await until(lambda: queue.ids == ["a", "b", "c"])


async def test_an_id_that_is_no_text_fails_alone(tmp_path: Path) -> None:
    queue = Queue()
    async with opened(tmp_path, queue) as inbox:
        broken, whole = await asyncio.gather(
            inbox.accept(activity("\ud800")), inbox.accept(activity("a")), return_exceptions=True
        )
        assert isinstance(broken, UnicodeEncodeError)
        assert whole is True
        await until(lambda: queue.ids == ["a"])


async def test_ids_are_forgotten_only_once_they_are_old_and_handed_over(tmp_path: Path) -> None:
    queue = Queue()
    async with opened(tmp_path, queue) as inbox:
        await inbox.accept(activity("a"))
        await until(lambda: queue.ids == ["a"])
        queue.away = True
        await inbox.accept(activity("waits"))
        await inbox.forget(days=1)
        assert not await inbox.accept(activity("a"))
        await inbox.forget(days=-1)
        assert await inbox.accept(activity("a"))
        assert not await inbox.accept(activity("waits"))


async def test_turns_of_one_conversation_keep_their_order_within_a_second(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    migrate_queue(settings)
    queue = TurnQueue(settings)
    ids = [f"api:{900 - n}" for n in range(30)]
    handled: list[str] = []

    async def handle(activity: Activity) -> None:
        handled.append(activity.id)

    worker = TurnWorker(settings, handle)
    await queue.start()
    for id in ids:
        assert await queue.accept(Message(id, HERE, Sender("api", "acme", "ada"), "How many?"))
    await worker.start()
    try:
        await until(lambda: len(handled) == len(ids))
    finally:
        await worker.stop()
        await queue.stop()
    assert handled == ids
