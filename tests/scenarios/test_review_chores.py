"""What is done about reviews without being asked: verified queries run again, notices, the weekly digest."""

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from conversation.channel import Delivery
from conversation.gates.clock import QuietHours
from conversation.principal import ConversationRef, Principal
from conversation.review import Complaint, ReviewItem
from graphs.review.checking import Checking
from graphs.review.items import broken
from graphs.review.news import News, Rhythm
from graphs.review.shelf import Shelf
from infra.catalogs import StoredCatalogs
from infra.past import AskedBefore
from infra.store.checks import SqlChecks
from infra.store.tables import now
from infra.store.told import SqlTold
from knowledge.federation import DirectEngine
from knowledge.verified import approved, checked
from tests.fakes.channel import MemoryChannel
from tests.fakes.posts import MemoryPosts
from tests.scenarios.product import Product

SQL = "SELECT SUM(amount) AS total FROM orders WHERE status = 'paid'"
MONDAY = datetime(2026, 11, 23, 10, tzinfo=UTC)
EVA = Principal("eva", "default", "Eva", ("member", "expert"))
BEN = Principal("ben", "default", "Ben", ("member",))
HERE = ConversationRef("memory", "T1", "D-eva", personal=True)


@asynccontextmanager
async def catalogs(quillux: Product) -> AsyncIterator[StoredCatalogs]:
    """The sources of the product, in another process's eyes."""
    opened = StoredCatalogs(quillux.stores.engine, "default", quillux.settings.sources)
    try:
        yield opened
    finally:
        await opened.close()


async def states(quillux: Product) -> list[str]:
    """What a round over the verified queries finds; each is kept."""
    async with catalogs(quillux) as sources:
        with closing(DirectEngine(sources)) as engine:
            checks = SqlChecks(quillux.stores.engine)
            queries = await quillux.stores.verified.of("default")
            found = await Checking(engine, now).all("default", queries, await checks.of("default"))
            done = [one for one in found if one is not None]
            await checks.keep("default", done)
            return [one.state for one in done]


async def verified(quillux: Product) -> None:
    """One verified query."""
    async with catalogs(quillux) as sources:
        catalog = await sources.catalog("default")
    query = checked(SQL, "shop", catalog)
    day = datetime.now(UTC).date()
    await quillux.stores.verified.put(
        approved("paid amount", query, catalog, tenant="default", by="Eva", at=now(), day=day)
    )


def change(quillux: Product, sql: str) -> None:
    """The shop changes."""
    path = Path(quillux.settings.sources[0].address.removeprefix("sqlite:///"))
    with sqlite3.connect(path) as shop:
        shop.execute(sql)
    shop.close()


async def test_a_verified_query_is_sound_on_new_rows_differs_on_changed_ones_and_is_stale_without_its_column(
    quillux: Product,
) -> None:
    await verified(quillux)
    assert await states(quillux) == ["sound"]
    change(quillux, "INSERT INTO orders VALUES (99, 'Spain', 'paid', 5.0, '2026-01-15')")
    assert await states(quillux) == ["sound"]
    change(quillux, "UPDATE orders SET amount = amount + 1 WHERE status = 'paid'")
    assert await states(quillux) == ["differs"]
    change(quillux, "ALTER TABLE orders DROP COLUMN amount")
    async with catalogs(quillux) as sources:
        await sources.scan("shop")
    assert await states(quillux) == ["stale"]


async def test_a_broken_query_is_an_item_once_and_comes_back_only_when_it_breaks_otherwise(quillux: Product) -> None:
    await verified(quillux)
    (query,) = await quillux.stores.verified.of("default")
    first = await quillux.stores.reviews.report(broken(query, "a column is gone", "v1", people=3))
    again = await quillux.stores.reviews.report(broken(query, "a column is gone", "v1", people=3))
    assert (first.id, first.people, again.id) == (again.id, 3, first.id)
    await quillux.slack_says("what needs review?", "U4", "D4")
    await quillux.slack_presses("Review: ", "U4", "D4")
    assert "a column is gone" in quillux.slack_shows("D4")[-1]
    await quillux.slack_presses("Reject", "U4", "D4", inputs="known")
    await quillux.stores.reviews.report(broken(query, "a column is gone", "v1", people=3))
    assert list(await quillux.stores.reviews.all("default")) == []
    await quillux.stores.reviews.report(broken(query, "another", "v2"))
    assert len(await quillux.stores.reviews.all("default")) == 1


class Reach:
    """Eva can be reached."""

    async def reach(self, tenant: str, roles: object, *, groups: object = (), users: object = ()) -> object:
        return [(EVA, HERE)]


def news(quillux: Product, channel: MemoryChannel, quiet: QuietHours | None = None) -> News:
    """Told in memory, over the product's stores."""
    stores = quillux.stores
    parts: dict[str, object] = dict.fromkeys(Shelf.__dataclass_fields__)
    parts |= {"reviews": stores.reviews, "directory": Reach(), "delivery": Delivery({"memory": channel}, MemoryPosts())}
    shelf = Shelf(**parts)  # type: ignore[arg-type]
    rhythm = Rhythm(60, 0, quiet or QuietHours())
    return News(shelf, SqlTold(stores.engine), AskedBefore(stores.engine), rhythm)


async def wrong(quillux: Product, number: int, at: datetime) -> None:
    """Ben finds something wrong."""
    item = ReviewItem(
        "",
        "default",
        "answer",
        str(number) * 24,
        "shop",
        f"q {number}",
        "SELECT 1",
        "r",
        BEN,
        created_at=at.isoformat(),
    )
    await quillux.stores.reviews.report(item, Complaint(BEN, HERE, "ben", "r"))


async def test_an_expert_has_one_notice_an_hour_none_in_quiet_hours_and_one_digest_a_week(quillux: Product) -> None:
    channel = MemoryChannel()
    telling = news(quillux, channel)
    tuesday = MONDAY + timedelta(days=1)
    assert await telling.round("default", tuesday) == 0
    for number in range(3):
        await wrong(quillux, number, tuesday)
    quiet = news(quillux, channel, QuietHours(time(9), time(12)))
    assert await quiet.round("default", tuesday) == 0
    assert await telling.round("default", tuesday) == 1
    assert "3 new items wait" in channel.transcript[-1].card.fallback_text
    await wrong(quillux, 7, tuesday + timedelta(minutes=5))
    assert await telling.round("default", tuesday + timedelta(minutes=30)) == 0
    assert await telling.round("default", tuesday + timedelta(minutes=61)) == 1
    assert "1 new item waits for your review, 4 in all" in channel.transcript[-1].card.fallback_text
    assert await telling.round("default", tuesday + timedelta(hours=5)) == 0
    later = MONDAY + timedelta(days=7)
    assert await telling.round("default", later) == 1
    digest = channel.transcript[-1].card.fallback_text
    for words in ("Reviews of the week", "4, which hurt 4 people", "How often answers were right", "no answers"):
        assert words in digest or words in json.dumps(str(channel.transcript[-1].card))
    assert await telling.round("default", later + timedelta(hours=3)) == 0
