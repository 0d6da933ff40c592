"""Requests to the Slack address: what is believed, what is accepted, and how it is answered."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import pytest
from starlette.applications import Starlette

from bots.slack.app import SlackApp
from bots.slack.settings import SlackSettings
from conversation.activity import Activity, CardAction, Message
from conversation.card import Button, Card, Text
from conversation.errors import OperatorError, SourceUnavailable
from conversation.principal import ConversationRef, Sender
from tests.bots.slack.payloads import payload
from tests.fixtures.fake_slack import (
    APP_TOKEN,
    BOT_TOKEN,
    SECRET,
    FakeSlack,
    event_body,
    fake_slack,
    form_body,
    signed,
)

JSON = {"Content-Type": "application/json"}


@dataclass
class Core:
    """What stands behind the address: takes activities, knows threads, draws the Home tab."""

    taken: list[Activity] = field(default_factory=list)
    threads: set[str] = field(default_factory=set)
    asked: list[ConversationRef] = field(default_factory=list)
    broken: bool = False

    async def accept(self, activity: Activity) -> bool:
        if self.broken:
            raise SourceUnavailable("The database is away.")
        new = activity.id not in [one.id for one in self.taken]
        self.taken += [activity] if new else []
        return new

    async def known(self, where: ConversationRef) -> bool:
        self.asked.append(where)
        return where.key in self.threads

    async def home(self, opener: Sender, workspace: str) -> Card:
        return Card((Text(f"{opener.user} in {workspace}"),), (Button("Again", "ask", {"text": "orders"}),))


@asynccontextmanager
async def serving(core: Core, api: str = "http://127.0.0.1:1/api/") -> AsyncIterator[httpx.AsyncClient]:
    app = SlackApp(SlackSettings(BOT_TOKEN, SECRET, api_url=api), core.accept, core.home, core)
    transport = httpx.ASGITransport(Starlette(routes=app.routes), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://quillux") as client:
        yield client
    await app.stop()


async def post(client: httpx.AsyncClient, body: bytes, headers: dict[str, str]) -> httpx.Response:
    return await client.post("/slack/events", content=body, headers=headers)


async def test_a_signed_event_is_accepted_and_acknowledged() -> None:
    core = Core()
    async with serving(core) as client:
        answer = await post(client, *event_body(payload("app_mention")))
    assert answer.status_code == 200
    assert [type(activity) for activity in core.taken] == [Message]


async def test_a_mention_that_comes_as_two_events_three_times_each_is_one_turn() -> None:
    core = Core()
    async with serving(core) as client:
        for name in ["app_mention", "message_mention"] * 3:
            assert (await post(client, *event_body(payload(name)))).status_code == 200
    assert len(core.taken) == 1


async def test_a_press_and_a_command_are_accepted() -> None:
    core = Core()
    async with serving(core) as client:
        for name in ("press", "command"):
            assert (await post(client, *form_body(payload(name)))).status_code == 200
    assert [type(activity) for activity in core.taken] == [CardAction, Message]


async def test_a_command_is_answered_to_its_giver_at_once() -> None:
    async with serving(Core()) as client:
        answer = await post(client, *form_body({**payload("command"), "text": "<!channel> orders"}))
    assert answer.json()["response_type"] == "ephemeral"
    assert "“@channel orders”" in answer.json()["text"]


async def test_a_thread_is_looked_up_once_and_only_where_it_is_open() -> None:
    core = Core()
    async with serving(core) as client:
        await post(client, *event_body(payload("message_thread")))
        assert not core.taken
        core.threads.add("slack/T1/C1/1700000000.000100")
        await post(client, *event_body(payload("message_thread")))
        await post(client, *event_body(payload("app_mention")))
    assert len(core.taken) == 2
    assert len(core.asked) == 2


async def test_the_address_answers_slacks_challenge() -> None:
    async with serving(Core()) as client:
        answer = await post(client, *event_body(payload("url_verification")))
    assert answer.json() == {"challenge": "3eZbrw1a"}


@pytest.mark.parametrize("name", ["press_link", "press_select", "view_submission", "message_own", "message_edited"])
async def test_what_is_not_for_us_is_acknowledged(name: str) -> None:
    core = Core()
    async with serving(core) as client:
        answer = await post(client, *form_body(payload(name)))
    assert answer.status_code == 200
    assert not core.taken


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Slack-Request-Timestamp": "1", "X-Slack-Signature": ""},
        signed(b"another body"),
        signed(b"{}", secret="wrong"),
        signed(b"{}", at=time.time() - 400),
        signed(b"{}", at=time.time() + 400),
        {**signed(b"{}"), "X-Slack-Request-Timestamp": "soon"},
        {**signed(b"{}"), "X-Slack-Request-Timestamp": "9" * 400},
        {**signed(b"{}"), "X-Slack-Request-Timestamp": "²"},
        {**signed(b"{}"), "X-Slack-Signature": "v0=ä"},
        {**signed(b"{}"), "X-Slack-Signature": "v0="},
    ],
)
async def test_what_slack_did_not_sign_just_now_is_refused(headers: dict[str, str]) -> None:
    core = Core()
    raw = {name.encode(): value.encode("latin-1", "replace") for name, value in {**JSON, **headers}.items()}
    async with serving(core) as client:
        answer = await client.post("/slack/events", content=b"{}", headers=raw)
    assert answer.status_code == 401
    assert not core.taken


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"null",
        b"7",
        b'{"event": \xff}',
        b"[" * 100_000,
        b'{"authorizations": [7]}',
        b"payload=%7B",
        b"payload=[]",
    ],
)
async def test_a_signed_body_that_cannot_be_read_is_the_callers_fault(body: bytes) -> None:
    async with serving(Core()) as client:
        kinds = JSON if not body.startswith(b"payload") else {"Content-Type": "application/x-www-form-urlencoded"}
        answer = await post(client, body, {**kinds, **signed(body)})
    assert answer.status_code in (400, 401)


async def test_a_body_of_more_than_a_megabyte_is_not_read() -> None:
    body = b'{"a": "' + b"x" * 1_100_000 + b'"}'

    async def in_pieces() -> AsyncIterator[bytes]:
        yield body

    async with serving(Core()) as client:
        declared = await post(client, body, {**JSON, **signed(body)})
        streamed = await client.post("/slack/events", content=in_pieces(), headers={**JSON, **signed(body)})
    assert (declared.status_code, streamed.status_code) == (413, 413)


async def test_a_turn_that_could_not_be_kept_is_not_acknowledged_so_that_slack_sends_it_again() -> None:
    core = Core(broken=True)
    async with serving(core) as client:
        assert (await post(client, *event_body(payload("app_mention")))).status_code == 500
        core.broken = False
        assert (await post(client, *event_body(payload("app_mention")))).status_code == 200
    assert len(core.taken) == 1


async def test_five_hundred_questions_at_once_are_all_taken() -> None:
    core = Core()
    questions = [payload("app_mention") for _ in range(500)]
    for number, question in enumerate(questions):
        question["event"]["ts"] = f"1700000000.{number:06d}"
    async with serving(core) as client:
        answers = await asyncio.gather(*(post(client, *event_body(question)) for question in questions))
    assert {answer.status_code for answer in answers} == {200}
    assert len(core.taken) == 500


async def test_a_message_of_100_000_characters_is_taken_as_it_is() -> None:
    core, question = Core(), payload("message_im")
    question["event"]["text"] = "x" * 100_000
    async with serving(core) as client:
        assert (await post(client, *event_body(question))).status_code == 200
    assert len(getattr(core.taken[0], "text", "")) == 100_000


@pytest.mark.parametrize("settings", [SlackSettings(BOT_TOKEN), SlackSettings(BOT_TOKEN, SECRET, socket_mode=True)])
def test_a_missing_secret_is_told_at_the_start(settings: SlackSettings) -> None:
    core = Core()
    with pytest.raises(OperatorError, match="Set slack"):
        SlackApp(settings, core.accept, core.home, core)


async def test_opening_the_home_tab_draws_it() -> None:
    async with fake_slack() as slack:
        async with serving(Core(), slack.api) as client:
            assert (await post(client, *event_body(payload("app_home_opened")))).status_code == 200
        assert json.dumps(slack.homes["U1"]).count("U1 in T1") == 1


async def test_a_home_tab_that_slack_refuses_is_drawn_plainer() -> None:
    async with fake_slack() as slack:
        slack.fail("views.publish", "invalid_arguments")
        async with serving(Core(), slack.api) as client:
            await post(client, *event_body(payload("app_home_opened")))
        assert "Again" in json.dumps(slack.homes["U1"])


async def test_socket_mode_takes_the_same_payloads_and_acknowledges_each() -> None:
    core = Core()
    async with fake_slack() as slack, connected(core, slack):
        socket = await asyncio.wait_for(slack.connected.get(), 10)
        for number, (kind, name) in enumerate(
            [("events_api", "app_mention"), ("interactive", "press"), ("slash_commands", "command")]
        ):
            envelope = {"type": kind, "envelope_id": f"e{number}", "payload": payload(name)}
            await socket.send_json({**envelope, "accepts_response_payload": False})
            acknowledged = await asyncio.wait_for(slack.acknowledged.get(), 10)
            assert acknowledged["envelope_id"] == f"e{number}"
    assert [activity.id.split(":")[0] for activity in core.taken] == ["slack"] * 3


@asynccontextmanager
async def connected(core: Core, slack: FakeSlack) -> AsyncIterator[SlackApp]:
    settings = SlackSettings(BOT_TOKEN, app_token=APP_TOKEN, socket_mode=True, api_url=slack.api)
    app = SlackApp(settings, core.accept, core.home, core)
    assert app.routes == []
    await app.start()
    try:
        yield app
    finally:
        await app.stop()
