"""The bot gets its token by azure-identity."""

from collections.abc import AsyncIterator

import pytest

from bots.teams.channel import TeamsSettings, teams_channel
from bots.teams.references import TeamsReference
from conversation.card import Card, Text
from conversation.errors import ChannelRefused
from conversation.principal import ConversationRef
from tests.bots.teams.payloads import ANN, APP_ID, TENANT
from tests.fakes.references import MemoryReferences
from tests.fixtures.fake_teams import FakeTeams

PERSONAL = ConversationRef("teams", TENANT, "a:1personal", "", True)
CARD = Card((Text("4,211 orders"),))


@pytest.fixture
async def teams() -> AsyncIterator[FakeTeams]:
    async with FakeTeams(APP_ID) as made:
        yield made


async def test_a_managed_identity_gives_the_token(teams: FakeTeams, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{teams.url}/identity")
    monkeypatch.setenv("IDENTITY_HEADER", "fake")
    references = MemoryReferences()
    await references.keep(TeamsReference(PERSONAL, teams.url, f"28:{APP_ID}", "personal", ANN))
    settings = TeamsSettings(APP_ID, TENANT, "managed", service_urls=(teams.url,))
    channel = teams_channel(settings, references)
    await channel.send(PERSONAL, CARD, key="k")
    assert teams.calls[0].authorization == "Bearer managed"
    await channel.aclose()


async def test_an_identity_that_is_refused_is_told_with_the_next_step(
    teams: FakeTeams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{teams.url}/missing")
    monkeypatch.setenv("IDENTITY_HEADER", "fake")
    references = MemoryReferences()
    await references.keep(TeamsReference(PERSONAL, teams.url, f"28:{APP_ID}", "personal", ANN))
    channel = teams_channel(TeamsSettings(APP_ID, TENANT, "managed", service_urls=(teams.url,)), references)
    with pytest.raises(ChannelRefused, match=r"teams\.app_id"):
        await channel.send(PERSONAL, CARD, key="k")
    assert teams.calls == []
    await channel.aclose()


def test_the_secret_is_not_shown_with_the_settings() -> None:
    assert "fake-secret" not in repr(TeamsSettings(APP_ID, TENANT, secret="fake-secret"))
