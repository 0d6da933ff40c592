"""Stop, pressed in Slack, ends the query in the database."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from time import monotonic

import psycopg
import pytest

from infra.settings import SourceSetting
from tests.postgres import postgres_server, why_not
from tests.scenarios.product import Product, product

pytestmark = pytest.mark.xdist_group("postgres")

QUICK = "CREATE VIEW naps AS SELECT g AS nap_id, 'long' AS kind FROM generate_series(1, 10) AS g"
SLOW = QUICK.replace("CREATE", "CREATE OR REPLACE") + " WHERE pg_sleep(60) IS NOT NULL"
RUNNING = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'quillux' AND state = 'active'"


@pytest.fixture
def database() -> Iterator[str]:
    if reason := why_not():
        pytest.skip(reason)
    with postgres_server() as address:
        with psycopg.connect(address, autocommit=True) as admin:
            admin.execute(QUICK)
        yield address


@pytest.fixture
async def quillux(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: str) -> AsyncIterator[Product]:
    async with product(tmp_path, monkeypatch, sources=(SourceSetting(name="db", address=database),)) as running:
        yield running


async def test_stop_in_slack_ends_the_query_in_the_database_at_once(quillux: Product, database: str) -> None:
    admin = await psycopg.AsyncConnection.connect(database, autocommit=True)
    async with admin:
        await admin.execute(SLOW)
        asking = asyncio.create_task(quillux.slack_says("how many naps?"))
        assert await seen(admin, 1)
        while not any("Stop" in shown for shown in quillux.slack_shows("D1")):
            await asyncio.sleep(0.02)
        stop = asyncio.create_task(quillux.slack_presses("Stop", "U1", "D1"))
        began = monotonic()
        assert await seen(admin, 0)
        assert monotonic() - began < 10
        await stop
        await asking
    assert "You stopped this question" in quillux.slack_shows("D1")[-1]


async def seen(admin: psycopg.AsyncConnection[tuple[object, ...]], running: int) -> bool:
    """Whether the server shows so many running queries of ours within ten seconds."""
    end = monotonic() + 10
    while monotonic() < end:
        row = await (await admin.execute(RUNNING)).fetchone()
        if row is not None and row[0] == running:
            return True
        await asyncio.sleep(0.02)
    return False
