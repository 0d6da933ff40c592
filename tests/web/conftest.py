"""A database made by the migrations, and a world over it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from infra.store.engine import migrate, open_engine
from infra.store.web import SqlWebStore
from tests.web.world import World


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlWebStore]:
    """The real store on a real SQLite file."""
    url = f"sqlite+aiosqlite:///{tmp_path / 'web.sqlite'}"
    await asyncio.to_thread(migrate, url)
    engine = open_engine(url)
    yield SqlWebStore(engine)
    await engine.dispose()


@pytest.fixture
async def web(store: SqlWebStore) -> AsyncIterator[World]:
    """A world over the store."""
    world = World(store)
    yield world
    await world.feed.close()
