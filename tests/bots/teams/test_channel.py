"""Cards reach Teams: posted, updated in place, to one person alone, and with patience."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from bots.teams.channel import TeamsChannel
from bots.teams.connector import Connector
from bots.teams.hosts import allowed
from bots.teams.references import TeamsReference
from conversation.card import Button, Card, Text
from conversation.channel import MessageRef
from conversation.errors import ChannelRefused
from conversation.principal import ConversationRef
from tests.bots.teams.payloads import ANN, APP_ID, TENANT
from tests.fakes.references import MemoryReferences
from tests.fixtures.fake_teams import FakeCredential, FakeTeams

PERSONAL = ConversationRef("teams", TENANT, "a:1personal", "", True)
THREAD = ConversationRef("teams", TENANT, "19:abc@thread.tacv2", "1700000000001")
CARD = Card((Text("4,211 orders"),), (Button("Only Germany", "ask", {"text": "only Germany"}),))


@dataclass(slots=True)
class Scene:
    """A channel on a local connector; `waited` are the seconds it slept."""

    teams: FakeTeams
    channel: TeamsChannel
    references: MemoryReferences
    waited: list[float] = field(default_factory=list)


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with FakeTeams(APP_ID) as teams:
        references = MemoryReferences()
        waited: list[float] = []

        async def sleep(seconds: float) -> None:
            waited.append(seconds)

        channel = TeamsChannel(Connector(FakeCredential(), (teams.url,), sleep=sleep), references)
        bot = f"28:{APP_ID}"
        await references.keep(TeamsReference(PERSONAL, teams.url, bot, "personal", ANN))
        await references.keep(TeamsReference(replace(THREAD, thread=""), teams.url, bot, "channel"))
        yield Scene(teams, channel, references, waited)
        await channel.aclose()


def content(body: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = body["attachments"][0]["content"]
    return found


async def test_a_card_is_posted_where_the_conversation_is_reached(scene: Scene) -> None:
    message = await scene.channel.send(PERSONAL, CARD, key="k")
    call = scene.teams.calls[0]
    assert (call.method, call.path) == ("POST", "/v3/conversations/a:1personal/activities")
    assert call.authorization == "Bearer outbound for https://api.botframework.com/.default"
    assert call.body["attachments"][0]["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert content(call.body)["actions"][0]["data"] == {"verb": "ask", "payload": {"text": "only Germany"}}
    assert call.body["summary"] == "4,211 orders"
    assert message == MessageRef(PERSONAL, "act-1")


async def test_an_answer_in_a_channel_stays_in_its_thread(scene: Scene) -> None:
    message = await scene.channel.send(THREAD, CARD, key="k")
    assert scene.teams.calls[0].path == "/v3/conversations/19:abc@thread.tacv2;messageid=1700000000001/activities"
    await scene.channel.update(message, Card((Text("4,212 orders"),)))
    call = scene.teams.calls[1]
    assert (call.method, call.path) == (
        "PUT",
        "/v3/conversations/19:abc@thread.tacv2;messageid=1700000000001/activities/act-1",
    )
    assert "4,212 orders" in str(content(call.body)["body"])


async def test_a_card_for_a_channel_without_a_thread_starts_one(scene: Scene) -> None:
    message = await scene.channel.send(replace(THREAD, thread=""), CARD, key="k")
    call = scene.teams.calls[0]
    assert call.path == "/v3/conversations"
    assert call.body["channelData"]["channel"]["id"] == "19:abc@thread.tacv2"
    assert call.body["activity"]["attachments"]
    assert message == MessageRef(replace(THREAD, thread="act-1"), "act-1")


async def test_what_is_for_one_person_goes_to_their_known_conversation(scene: Scene) -> None:
    message = await scene.channel.send(THREAD, CARD, key="k", only_for=ANN)
    assert [call.path for call in scene.teams.calls] == ["/v3/conversations/a:1personal/activities"]
    assert message.where == PERSONAL


async def test_what_is_for_one_person_opens_a_conversation_where_there_is_none(scene: Scene) -> None:
    await scene.channel.send(THREAD, CARD, key="k", only_for="bob")
    await scene.channel.send(THREAD, CARD, key="l", only_for="bob")
    opened, *posts = scene.teams.calls
    assert opened.path == "/v3/conversations"
    assert opened.body["members"] == [{"id": "bob"}]
    assert opened.body["channelData"] == {"tenant": {"id": TENANT}}
    assert [call.path for call in posts] == ["/v3/conversations/a:new-1/activities"] * 2


async def test_a_card_for_another_person_is_not_shown_in_a_personal_conversation(scene: Scene) -> None:
    await scene.channel.send(PERSONAL, CARD, key="k", only_for="bob")
    assert scene.teams.calls[0].path == "/v3/conversations"


async def test_it_waits_as_long_as_teams_asks(scene: Scene) -> None:
    scene.teams.answers = [(429, {"Retry-After": "7"}), (503, {}), (429, {"Retry-After": "9999"})]
    await scene.channel.send(PERSONAL, CARD, key="k")
    assert scene.waited == [7.0, 1.0, 30.0]
    assert len(scene.teams.calls) == 4


async def test_it_gives_up_and_says_so(scene: Scene) -> None:
    scene.teams.answers = [(429, {})] * 9
    with pytest.raises(ChannelRefused, match="try again in a minute"):
        await scene.channel.send(PERSONAL, CARD, key="k")
    assert len(scene.teams.calls) == 4


@pytest.mark.parametrize(("status", "hint"), [(403, "install the app"), (404, "gone"), (401, "teams.app_id")])
async def test_a_refusal_is_told_with_the_next_step_and_not_repeated(scene: Scene, status: int, hint: str) -> None:
    scene.teams.answers = [(status, {})]
    with pytest.raises(ChannelRefused, match=hint):
        await scene.channel.update(MessageRef(PERSONAL, "gone"), CARD)
    assert len(scene.teams.calls) == 1


@pytest.mark.parametrize("status", [400, 413])
async def test_a_card_that_teams_refuses_goes_as_words(scene: Scene, status: int) -> None:
    scene.teams.answers = [(status, {})]
    await scene.channel.send(PERSONAL, CARD, key="k")
    assert scene.teams.calls[1].body["text"] == "4,211 orders"
    assert "attachments" not in scene.teams.calls[1].body


async def test_redirects_are_not_followed(scene: Scene) -> None:
    scene.teams.answers = [(302, {"Location": "http://169.254.169.254/"})]
    with pytest.raises(ChannelRefused):
        await scene.channel.send(PERSONAL, CARD, key="k")
    assert len(scene.teams.calls) == 1


async def test_an_unknown_conversation_is_told(scene: Scene) -> None:
    with pytest.raises(ChannelRefused, match="Write to the bot there once"):
        await scene.channel.send(ConversationRef("teams", TENANT, "a:unknown"), CARD, key="k")


async def test_nothing_is_sent_to_an_address_that_is_not_trusted(scene: Scene) -> None:
    await scene.references.keep(TeamsReference(PERSONAL, "http://169.254.169.254/", "28:b", "personal", ANN))
    with pytest.raises(ChannelRefused, match="not one of Microsoft's"):
        await scene.channel.send(PERSONAL, CARD, key="k")
    assert scene.teams.calls == []


async def test_typing_is_shown_and_never_an_error(scene: Scene) -> None:
    await scene.channel.typing(PERSONAL)
    assert scene.teams.calls[0].body["type"] == "typing"
    scene.teams.answers = [(503, {})]
    await scene.channel.typing(PERSONAL)
    await scene.channel.typing(ConversationRef("teams", TENANT, "a:unknown"))
    assert scene.waited == []


async def test_a_lost_connection_says_that_the_message_may_have_arrived() -> None:
    references = MemoryReferences()
    await references.keep(TeamsReference(PERSONAL, "http://127.0.0.1:1", "28:b", "personal", ANN))
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    channel = TeamsChannel(Connector(FakeCredential(), ("http://127.0.0.1:1",), sleep=sleep), references)
    with pytest.raises(ChannelRefused):
        await channel.send(PERSONAL, CARD, key="k")
    assert len(waited) == 3
    await channel.aclose()


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://smba.trafficmanager.net/emea/", True),
        ("https://smba.infra.gcc.teams.microsoft.com/teams", True),
        ("https://europe.api.botframework.com", True),
        ("http://smba.trafficmanager.net/emea/", False),
        ("https://evil.trafficmanager.net/", False),
        ("https://smba.trafficmanager.net.evil.example/", False),
        ("https://smba.trafficmanager.net@evil.example/", False),
        ("https://evil.example\\@smba.trafficmanager.net/", False),
        ("https://smba.trafficmanager.net:8443/", False),
        ("https://evilbotframework.com/", False),
        ("https://[::1", False),
        ("file:///etc/passwd", False),
        ("", False),
        ("http://127.0.0.1:3978/api", True),
        ("http://127.0.0.1:39781/api", False),
    ],
)
def test_service_addresses(url: str, good: bool) -> None:
    assert allowed(url, ("http://127.0.0.1:3978",)) is good
