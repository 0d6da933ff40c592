"""People: who they are now, whatever they were when they were met."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from conversation.principal import ConversationRef, Principal
from infra.identity.directory import SqlDirectory
from infra.settings import Person
from infra.store.engine import migrate, open_engine

HERE = ConversationRef("web", "acme", "c", personal=True)
BEN = Principal("ben", "acme", "Ben", ("approver",))


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    url = f"sqlite+aiosqlite:///{tmp_path / 'quillux.sqlite'}"
    migrate(url)
    opened = open_engine(url)
    yield opened
    await opened.dispose()


async def test_somebody_who_lost_a_role_is_not_asked_in_it(engine: AsyncEngine) -> None:
    await SqlDirectory(engine, "acme", (Person(id="ben", roles=("approver",)),)).met(BEN, HERE)
    after = SqlDirectory(engine, "acme", (Person(id="ben", roles=("member",)),))
    assert list(await after.reach("acme", ("approver",))) == []


async def test_somebody_who_was_taken_out_of_the_settings_is_a_guest_or_nobody(engine: AsyncEngine) -> None:
    await SqlDirectory(engine, "acme", (Person(id="ben", roles=("approver",)),)).met(BEN, HERE)
    guest = await SqlDirectory(engine, "acme").person("acme", "ben")
    assert guest is not None
    assert guest.roles == ("member",)
    assert await SqlDirectory(engine, "acme", open_access=False).person("acme", "ben") is None
