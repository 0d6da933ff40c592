"""What hostile or careless clients send to the real server: a clear answer, nothing lost, nobody else slowed."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.bots.slack.payloads import payload as slack_payload
from tests.bots.teams.payloads import payload as teams_payload
from tests.e2e.server import Running, environment, running, started
from tests.fixtures.fake_slack import event_body, form_body, signed
from tests.fixtures.fake_teams import OTHER_KEY

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("bad input")]
JSON = {"Content-Type": "application/json"}


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def quillux(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    async with running(tmp_path_factory.mktemp("quillux")) as made:
        yield made


def said(text: str, ts: str, space: str = "D1") -> dict[str, Any]:
    event = slack_payload("message_im")
    event["event"] |= {"text": text, "ts": ts, "event_ts": ts, "channel": space}
    return event


async def shown(quillux: Running, space: str, count: int = 1) -> list[dict[str, Any]]:
    """The messages of a Slack conversation, once there are so many and none says that work is under way."""
    async with asyncio.timeout(30):
        while True:
            messages = quillux.slack.messages[space]
            if len(messages) >= count and '"Stop"' not in json.dumps([one.get("blocks") for one in messages]):
                return messages
            await asyncio.sleep(0.05)


async def alive(quillux: Running) -> None:
    answer = await quillux.ask("ben", "how many orders?")
    assert answer.status_code == 200, answer.text
    assert "40" in answer.text


async def test_a_question_over_http_is_answered_and_followed_up(quillux: Running) -> None:
    first = await quillux.ask("ann", "how many orders?", conversation="c1")
    second = await quillux.ask("ann", "only Germany", conversation="c1")
    assert "40" in first.text
    assert "30" in second.text


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Slack-Request-Timestamp": "now", "X-Slack-Signature": "v0=0"},
        {"X-Slack-Request-Timestamp": "9" * 400, "X-Slack-Signature": "v0=" + "0" * 64},
        {"X-Slack-Request-Timestamp": str(int(time.time())), "X-Slack-Signature": "v0=" + "0" * 64},
    ],
    ids=["none", "no number", "a huge number", "another signature"],
)
async def test_a_forged_slack_signature_is_401_and_asks_nothing(quillux: Running, headers: dict[str, str]) -> None:
    body, _ = event_body(said("how many orders?", "1700000100.000100", "DFORGED"))
    answer = await quillux.client.post("/slack/events", content=body, headers={**JSON, **headers})
    assert answer.status_code == 401
    assert quillux.slack.messages["DFORGED"] == []


async def test_a_slack_event_that_is_replayed_late_or_with_another_secret_is_401(quillux: Running) -> None:
    body = json.dumps(said("how many orders?", "1700000101.000100", "DFORGED")).encode()
    for headers in (signed(body, at=time.time() - 600), signed(body, secret="another"), signed(body + b" ")):
        answer = await quillux.client.post("/slack/events", content=body, headers={**JSON, **headers})
        assert answer.status_code == 401
    assert quillux.slack.messages["DFORGED"] == []


async def test_a_slack_event_that_is_replayed_in_time_is_answered_once(quillux: Running) -> None:
    body, headers = event_body(said("how many orders?", "1700000102.000100", "DREPLAY"))
    answers = await asyncio.gather(
        *(quillux.client.post("/slack/events", content=body, headers=headers) for _ in range(20))
    )
    assert {answer.status_code for answer in answers} == {200}
    await shown(quillux, "DREPLAY")
    await alive(quillux)
    assert len(quillux.slack.messages["DREPLAY"]) == 1


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"[" * 50_000, b'{"type":1}'])
async def test_malformed_json_is_a_client_error_on_every_address(quillux: Running, body: bytes) -> None:
    slack = await quillux.client.post("/slack/events", content=body, headers={**JSON, **signed(body)})
    teams = await quillux.client.post(
        "/api/messages", content=body, headers={**JSON, "Authorization": quillux.teams.token()}
    )
    api = await quillux.client.post("/v1/messages", content=body, headers={**JSON, **quillux.token("ann")})
    assert slack.status_code < 500
    assert 400 <= teams.status_code < 500
    assert 400 <= api.status_code < 500
    await alive(quillux)


async def test_oversized_bodies_are_413(quillux: Running) -> None:
    body = b'{"text": "' + b"x" * 5_000_000 + b'"}'
    slack = await quillux.client.post("/slack/events", content=body, headers={**JSON, **signed(body)})
    teams = await quillux.client.post(
        "/api/messages", content=body, headers={**JSON, "Authorization": quillux.teams.token()}
    )
    api = await quillux.client.post("/v1/messages", content=body, headers={**JSON, **quillux.token("ann")})
    assert [slack.status_code, teams.status_code, api.status_code] == [413, 413, 413]
    await alive(quillux)


async def test_wrong_teams_tokens_are_401(quillux: Running) -> None:
    body = teams_payload("message_personal", serviceUrl=quillux.teams.url)
    now = int(time.time())
    tokens = (
        "",
        "Bearer x",
        quillux.teams.token(exp=now - 3600),
        quillux.teams.token(key=OTHER_KEY),
        quillux.teams.token(aud="another"),
        quillux.teams.token(serviceurl="https://smba.trafficmanager.net/amer/"),
    )
    for token in tokens:
        answer = await quillux.client.post("/api/messages", json=body, headers={"Authorization": token})
        assert answer.status_code == 401
    assert quillux.teams.calls == []


async def test_a_signed_teams_message_is_answered_in_teams(quillux: Running) -> None:
    body = teams_payload("message_personal", serviceUrl=quillux.teams.url, text="how many orders?", attachments=[])
    answer = await quillux.client.post("/api/messages", json=body, headers={"Authorization": quillux.teams.token()})
    assert answer.status_code == 200
    async with asyncio.timeout(30):
        while "40" not in json.dumps([call.body for call in quillux.teams.calls if call.method == "PUT"]):
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("token", ["", "Bearer x.y.z", "Basic YW5uOmRlbW8="])
async def test_without_a_valid_token_the_api_is_401(quillux: Running, token: str) -> None:
    answer = await quillux.client.post("/v1/messages", json={"text": "orders"}, headers={"Authorization": token})
    assert answer.status_code == 401
    assert "next_step" in answer.json()


@pytest.mark.parametrize(
    "value",
    ["", "{", "[]", '{"verb": 7}', '{"verb": "no.such"}', '{"verb": "gate.decide", "payload": {"gate": {"a": []}}}'],
)
async def test_unknown_and_forged_actions_are_acknowledged_and_change_nothing(quillux: Running, value: str) -> None:
    pressed = slack_payload("press")
    pressed["actions"][0]["value"] = value
    body, headers = form_body(pressed)
    answer = await quillux.client.post("/slack/events", content=body, headers=headers)
    assert answer.status_code == 200
    await alive(quillux)


HOSTILE = [
    "how many orders'; DROP TABLE orders; --",
    "'; DELETE FROM orders WHERE 1=1 --",
    "1; ATTACH DATABASE '/etc/passwd' AS p",
    "orders UNION SELECT sql FROM sqlite_master",
    "how many or\x00de\x1brs\u202e?",
    "how many \ud800 orders?",
    "🦆" * 2_000,
    "(" * 4_000,
    "%s %n {0} {{7*7}} ${jndi:ldap://x} <script>alert(1)</script> <!channel>",
    " \t\n ",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
async def test_hostile_words_are_words(quillux: Running, text: str) -> None:
    body = json.dumps({"text": text})  # a lone half of a character stays an escape
    headers = {**JSON, **quillux.token("ann")}
    answer = await quillux.client.post("/v1/messages?wait=20", content=body, headers=headers)
    assert answer.status_code in (200, 422), answer.text
    if answer.status_code == 200:
        assert answer.json()["state"] in ("completed", "failed")
        assert "inside Quillux" not in answer.text, answer.text
    ts = f"17000002{HOSTILE.index(text):02}.000100"
    event, signature = event_body(said(text, ts, f"D{ts[:10]}"))
    assert (await quillux.client.post("/slack/events", content=event, headers=signature)).status_code == 200
    if text.strip():
        cards = await shown(quillux, f"D{ts[:10]}")
        assert "inside Quillux" not in json.dumps(cards)
    await alive(quillux)


async def test_a_hundred_thousand_characters_are_refused_clearly(quillux: Running) -> None:
    answer = await quillux.ask("ann", "x" * 100_000)
    assert answer.status_code in (413, 422)
    assert "8,000" in answer.text
    body, headers = event_body(said("x" * 100_000, "1700000300.000100", "DLONG"))
    assert (await quillux.client.post("/slack/events", content=body, headers=headers)).status_code == 200
    async with asyncio.timeout(20):
        while "100,000 characters" not in json.dumps([*quillux.slack.whispers, *quillux.slack.messages["DLONG"]]):
            await asyncio.sleep(0.05)


async def test_a_gate_is_asked_and_decided_over_the_api(quillux: Running) -> None:
    asked = (await quillux.ask("ann", "show all orders")).json()
    assert asked["state"] == "input-required"
    waiting = (await quillux.client.get("/v1/gates", headers=quillux.token("ben"))).json()
    gate = next(one for one in waiting["gates"] if one["run"] == asked["id"])
    decided = await quillux.client.post(
        f"/v1/gates/{gate['id']}", json={"verdict": "approve"}, headers=quillux.token("ben")
    )
    assert decided.status_code < 300, decided.text
    async with asyncio.timeout(20):
        while (await quillux.run("ann", asked["id"]))["state"] != "completed":
            await asyncio.sleep(0.05)


async def test_a_flood_of_questions_is_answered_and_nobody_else_waits_for_its_end(quillux: Running) -> None:
    taken = await asyncio.gather(*(quillux.ask("ann", f"how many orders above {n}?", wait=0) for n in range(200)))
    refused = [one for one in taken if one.status_code == 429]
    accepted = [one.json()["run"] for one in taken if one.status_code == 202]
    assert len(refused) + len(accepted) == 200
    for n in range(3):
        answer = await quillux.ask("ben", "how many orders?", conversation=f"meanwhile-{n}")
        assert "40" in answer.text
    behind = [run for run in accepted[-50:] if (await quillux.run("ann", run)).get("state") != "completed"]
    assert behind, "the flood was over before anybody else asked, so this proved nothing"
    ends = [(await quillux.finished("ann", run, seconds=300))["state"] for run in accepted]
    assert set(ends) == {"completed"}


@pytest.mark.parametrize(
    ("file", "variables", "named"),
    [
        ("", {"QUILLUX_SERVER__PORT": "many"}, "server.port"),
        ("", {"QUILLUX_SERVER__PORT": "70000"}, "server.port"),
        ("[answers]\nrows = -1\n", {}, "answers.rows"),
        ("[anwsers]\nrows = 1\n", {}, "anwsers"),
        ("[slack]\nbot_tokn = 'x'\n", {}, "slack.bot_tokn"),
        ("[slack\n", {}, "not valid TOML"),
        ("[[sources]]\nname = '1 2'\naddress = 'sqlite:///x'\n", {}, "sources.0.name"),
        ("[slack]\nbot_token = 'xoxb-test'\n", {}, "slack.signing_secret"),
    ],
)
async def test_wrong_settings_fail_at_start_with_their_name_and_the_fix(
    tmp_path: Path, file: str, variables: dict[str, str], named: str
) -> None:
    (tmp_path / "quillux.toml").write_text(f'data = "{tmp_path / "data"}"\n{file}')
    process = await started("run", environment(tmp_path / "quillux.toml", **variables))
    async with asyncio.timeout(30):
        output, _ = await process.communicate()
    words = " ".join(output.decode().split())
    assert process.returncode == 6, words
    assert named in words
    assert "Traceback" not in words
