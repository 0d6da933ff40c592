"""“What changed in the data?”, over two scans of one source that really happened."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from conversation.activity import Message
from conversation.errors import NotAllowed
from conversation.principal import ConversationRef, Principal, Sender
from conversation.run import Answered, Run
from graphs.admin.flow import ChangesFlow
from infra.catalogs import StoredCatalogs
from infra.settings import Settings, SourceSetting
from infra.stores import open_stores, prepare

EXPERT = Principal("eva", "default", "Eva", ("member", "expert"))
MEMBER = Principal("ann", "default", "Ann", ("member",))
WHERE = ConversationRef("memory", "T1", "C1")


@pytest.fixture
async def changed(tmp_path: Path) -> AsyncIterator[ChangesFlow]:
    """A shop whose customers lost their city between two scans."""
    shop = tmp_path / "shop.db"
    change(shop, "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, city TEXT)")
    settings = Settings(data=tmp_path / "data", sources=(SourceSetting(name="shop", address=str(shop)),))
    prepare(settings)
    stores = open_stores(settings)
    catalogs = StoredCatalogs(stores.engine, settings.tenant, settings.sources)
    await catalogs.scan("shop")
    change(shop, "ALTER TABLE customers DROP COLUMN city")
    change(shop, "CREATE TABLE baskets (id INTEGER PRIMARY KEY)")
    await catalogs.scan("shop")
    yield ChangesFlow(catalogs)
    await catalogs.close()
    await stores.engine.dispose()


async def ask(flow: ChangesFlow, text: str, who: Principal) -> str:
    message = Message("m1", WHERE, Sender("memory", "T1", who.id), text)
    run = Run("m1", who.tenant, WHERE, who, text)
    outcome = await flow.start(run, message, {}, lambda label, done=0, total=0: None)
    assert isinstance(outcome, Answered)
    return outcome.card.fallback_text


@pytest.mark.parametrize("text", ["what changed?", "What has changed in the data", "what changed in source shop"])
async def test_an_expert_sees_what_may_break_questions_first(changed: ChangesFlow, text: str) -> None:
    words = await ask(changed, text, EXPERT)
    assert words.startswith("2 changes in shop, 1 of them may break questions.")
    assert "shop: customers.city: column dropped" in words


async def test_a_member_is_told_whom_to_ask(changed: ChangesFlow) -> None:
    with pytest.raises(NotAllowed, match="experts and admins"):
        await ask(changed, "what changed?", MEMBER)


async def test_an_unknown_source_is_said_with_those_there_are(changed: ChangesFlow) -> None:
    with pytest.raises(NotAllowed, match="There are: shop"):
        await ask(changed, "what changed in source warehouse", EXPERT)


@pytest.mark.parametrize(
    "text",
    ["what changed in March?", "what changed in shop", "what changed in 2024", "how has revenue changed in shop"],
)
def test_questions_of_data_stay_questions_of_data(text: str) -> None:
    message = Message("m1", WHERE, Sender("memory", "T1", "eva"), text)
    assert ChangesFlow.handles(ChangesFlow.__new__(ChangesFlow), message) == 0


def change(path: Path, sql: str) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute(sql)
        database.commit()
