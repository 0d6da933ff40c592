"""The messaging endpoint: what the Bot Framework did not sign goes no further, the rest is taken and acknowledged."""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from bots.teams import limits
from bots.teams.app import TeamsSettings, teams_routes
from bots.teams.tokens import Tokens
from conversation.activity import Activity, CardAction, Message
from conversation.errors import OperatorError
from tests.bots.teams.payloads import APP_ID, payload
from tests.fakes.references import MemoryReferences
from tests.fixtures.fake_teams import OTHER_KEY, FakeTeams


@dataclass(slots=True)
class Bot:
    """The app under test, and what it took."""

    teams: FakeTeams
    client: httpx.AsyncClient
    taken: list[Activity] = field(default_factory=list)
    references: MemoryReferences = field(default_factory=MemoryReferences)
    broken: bool = False

    async def accept(self, activity: Activity) -> bool:
        if self.broken:
            raise OperatorError("The database is full.", next_step="Ask an administrator.")
        known = any(activity.id == taken.id for taken in self.taken)
        if not known:
            self.taken.append(activity)
        return not known

    async def post(self, name: str, *, token: str | None = None, **changes: Any) -> httpx.Response:
        body = payload(name, serviceUrl=self.teams.url, **changes)
        headers = {"Authorization": self.teams.token() if token is None else token}
        return await self.client.post("/api/messages", json=body, headers=headers)


@pytest.fixture
async def bot() -> AsyncIterator[Bot]:
    async with FakeTeams(APP_ID) as teams, httpx.AsyncClient() as client:
        made = Bot(teams, client)
        settings = TeamsSettings(APP_ID, service_urls=(teams.url,), metadata=teams.metadata)
        app = Starlette(routes=list(teams_routes(settings, made.accept, made.references)))
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://bot") as inner:
            made.client = inner
            yield made


async def test_a_signed_message_is_taken_and_acknowledged(bot: Bot) -> None:
    answer = await bot.post("message_personal")
    assert answer.status_code == 200
    assert answer.content == b""
    assert [type(taken) for taken in bot.taken] == [Message]


async def test_how_the_conversation_is_reached_is_kept_once(bot: Bot) -> None:
    await bot.post("message_personal")
    await bot.post("message_personal", id="2")
    assert bot.references.writes == 1
    await bot.post("conversation_update", conversation={"id": "a:2", "conversationType": "personal"})
    assert len(bot.references.kept) == 2


async def test_a_press_is_answered_within_the_request(bot: Bot) -> None:
    first, again = await bot.post("invoke_execute"), await bot.post("invoke_execute")
    assert first.json() == {
        "statusCode": 200,
        "type": "application/vnd.microsoft.activity.message",
        "value": "Working on it …",
    }
    assert again.json()["value"] == "Already on it."
    assert [type(taken) for taken in bot.taken] == [CardAction]


async def test_an_unknown_invoke_is_said_to_be_unknown(bot: Bot) -> None:
    assert (await bot.post("invoke_unknown")).status_code == 501


async def test_what_cannot_be_taken_is_asked_for_again(bot: Bot) -> None:
    bot.broken = True
    assert (await bot.post("message_personal")).status_code == 503
    pressed = await bot.post("invoke_execute")
    assert pressed.status_code == 200
    assert pressed.json()["type"] == "application/vnd.microsoft.error"
    assert "The database is full." in pressed.json()["value"]["message"]


def forgeries(teams: FakeTeams) -> dict[str, str]:
    now = int(time.time())
    good = teams.token()
    return {
        "missing": "",
        "not bearer": "Basic abc",
        "no token": "Bearer ",
        "unreadable": "Bearer a.b.c",
        "cut": good[:-10],
        "expired": teams.token(exp=now - 3600),
        "not yet": teams.token(nbf=now + 3600),
        "without expiry": teams.token(exp=None),
        "another audience": teams.token(aud="11111111-0000-4000-8000-000000000000"),
        "without audience": teams.token(aud=None),
        "another issuer": teams.token(iss="https://sts.windows.net/evil/"),
        "without issuer": teams.token(iss=None),
        "another key": teams.token(key=OTHER_KEY),
        "unknown key": teams.token(kid="key-9"),
        "another service": teams.token(serviceurl="https://smba.trafficmanager.net/amer/"),
        "without service": teams.token(serviceurl=None),
        "no algorithm": "Bearer eyJhbGciOiJub25lIiwia2lkIjoia2V5LTEifQ.e30.",
    }


@pytest.mark.parametrize("fault", forgeries(FakeTeams(APP_ID)))
async def test_a_token_that_is_not_right_is_401(bot: Bot, fault: str) -> None:
    answer = await bot.post("message_personal", token=forgeries(bot.teams)[fault])
    assert answer.status_code == 401
    assert bot.taken == []
    assert bot.references.kept == {}


async def test_a_key_that_does_not_vouch_for_teams_is_401(bot: Bot) -> None:
    bot.teams.endorsements = ("directline", "webchat")
    assert (await bot.post("message_personal")).status_code == 401


async def test_another_channel_of_the_bot_service_is_not_served(bot: Bot) -> None:
    assert (await bot.post("message_personal", channelId="directline")).status_code == 403
    assert bot.taken == []


async def test_a_signed_address_that_is_not_microsofts_is_not_served(bot: Bot) -> None:
    evil = "https://smba.trafficmanager.net.evil.example/"
    body = payload("message_personal", serviceUrl=evil)
    headers = {"Authorization": bot.teams.token(serviceurl=evil)}
    answer = await bot.client.post("/api/messages", json=body, headers=headers)
    assert answer.status_code == 403
    assert bot.references.kept == {}


async def test_a_single_tenant_bot_serves_its_tenant_alone(bot: Bot) -> None:
    settings = TeamsSettings(APP_ID, "another", service_urls=(bot.teams.url,), metadata=bot.teams.metadata)
    app = Starlette(routes=list(teams_routes(settings, bot.accept, bot.references)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot") as client:
        bot.client = client
        assert (await bot.post("message_personal")).status_code == 403
    assert bot.taken == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"\xff", b"[" * 100_000, b"null"])
async def test_a_body_that_is_no_activity_is_400(bot: Bot, body: bytes) -> None:
    headers = {"Authorization": bot.teams.token(), "Content-Type": "application/json"}
    assert (await bot.client.post("/api/messages", content=body, headers=headers)).status_code == 400


async def test_a_body_without_limit_is_413(bot: Bot) -> None:
    headers = {"Authorization": bot.teams.token()}
    body = b" " * (limits.BODY_BYTES + 1)
    assert (await bot.client.post("/api/messages", content=body, headers=headers)).status_code == 413


async def test_keys_are_fetched_once_and_unknown_ones_do_not_make_us_fetch_forever(bot: Bot) -> None:
    for _ in range(5):
        await bot.post("message_personal")
        await bot.post("message_personal", token=bot.teams.token(kid="key-9"))
    assert bot.teams.fetched == 1


async def test_a_rolled_key_is_found_after_a_while() -> None:
    now = [0.0]
    async with FakeTeams(APP_ID) as teams:
        tokens = Tokens(APP_ID, teams.metadata, clock=lambda: now[0])
        await tokens.claims(teams.token())
        teams.kid = "key-2"
        now[0] = 301.0
        await tokens.claims(teams.token())
        assert teams.fetched == 2


async def test_without_keys_nothing_is_verified_and_teams_tries_again(bot: Bot) -> None:
    settings = TeamsSettings(APP_ID, metadata="http://127.0.0.1:1/openid")
    app = Starlette(routes=list(teams_routes(settings, bot.accept, bot.references)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot") as client:
        bot.client = client
        assert (await bot.post("message_personal")).status_code == 503


async def test_old_keys_serve_while_new_ones_cannot_be_had() -> None:
    now = [0.0]
    async with FakeTeams(APP_ID) as teams:
        tokens = Tokens(APP_ID, teams.metadata, clock=lambda: now[0])
        await tokens.claims(teams.token())
        token = teams.token()
    now[0] = 90_000.0
    assert (await tokens.claims(token))["aud"] == APP_ID
