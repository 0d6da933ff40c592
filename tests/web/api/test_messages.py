"""Asking over HTTP."""

from collections.abc import AsyncIterator

import pytest

from conversation.activity import MESSAGE_LIMIT
from conversation.principal import ConversationRef
from tests.web.api.world import World


async def test_a_message_is_accepted_as_the_turn_of_its_sender(world: World) -> None:
    answer = await world.client("ada").post("/v1/messages", json={"text": "How many orders?", "conversation": "c1"})
    assert answer.status_code == 202
    message = world.message(answer.json()["run"])
    assert message.text == "How many orders?"
    assert message.where == ConversationRef("api", "acme", "ada", "c1", personal=True)
    assert message.sender.user == "ada"


async def test_a_message_without_a_conversation_begins_one(world: World) -> None:
    client = world.client("ada")
    first = (await client.post("/v1/messages", json={"text": "a"})).json()
    second = (await client.post("/v1/messages", json={"text": "b"})).json()
    assert first["conversation"]
    assert first["conversation"] != second["conversation"]
    assert world.message(first["run"]).where.thread == first["conversation"]


async def test_the_same_client_id_is_the_same_question(world: World) -> None:
    client = world.client("ada")
    first = await client.post("/v1/messages", json={"text": "a", "id": "q-1"})
    again = await client.post("/v1/messages", json={"text": "a"}, headers={"Idempotency-Key": "q-1"})
    assert first.json()["run"] == again.json()["run"]
    assert first.json()["conversation"] == again.json()["conversation"]
    assert (first.json()["duplicate"], again.json()["duplicate"]) == (False, True)
    assert len(world.taken) == 1


async def test_two_people_with_the_same_client_id_ask_two_questions(world: World) -> None:
    for person in ("ada", "ben"):
        await world.client(person).post("/v1/messages", json={"text": "a", "id": "q-1", "conversation": "c"})
    assert len(world.taken) == 2
    assert len({activity.where.key for activity in world.taken.values()}) == 2


async def test_an_id_used_for_another_text_is_a_conflict(world: World) -> None:
    client = world.client("ada")
    first = await client.post("/v1/messages", json={"text": "a", "id": "q-1"})
    await world.begin(first.json()["run"], text="a")
    again = await client.post("/v1/messages", json={"text": "b", "id": "q-1"})
    assert again.status_code == 409
    assert "The first question stands" in again.json()["unchanged"]


async def test_an_id_and_a_different_key_are_refused(world: World) -> None:
    answer = await world.client("ada").post(
        "/v1/messages", json={"text": "a", "id": "1"}, headers={"Idempotency-Key": "2"}
    )
    assert answer.status_code == 422
    assert not world.taken


async def test_waiting_gives_the_finished_run_at_once(world: World) -> None:
    await world.answer("api:acme:ada:q-1")
    answer = await world.client("ada").post("/v1/messages?wait=5", json={"text": "How many?", "id": "q-1"})
    assert answer.status_code == 200
    assert answer.json()["state"] == "completed"
    assert "1,204 orders" in answer.json()["text"]


async def test_waiting_in_vain_gives_the_address(world: World) -> None:
    answer = await world.client("ada").post("/v1/messages?wait=0.02", json={"text": "How many?", "id": "q-1"})
    assert answer.status_code == 202
    assert answer.json()["status"] == "/v1/runs/api%3Aacme%3Aada%3Aq-1"


async def test_a_run_that_waits_for_a_person_ends_the_waiting(world: World) -> None:
    await world.begin("api:acme:ada:q-1", state="input-required")
    answer = await world.client("ada").post("/v1/messages?wait=5", json={"text": "How many?", "id": "q-1"})
    assert (answer.status_code, answer.json()["state"]) == (200, "input-required")


async def test_a_text_over_the_limit_is_refused_with_its_length(world: World) -> None:
    answer = await world.client("ada").post("/v1/messages", json={"text": "x" * (MESSAGE_LIMIT + 1)})
    assert answer.status_code == 413
    assert "8,001 characters" in answer.json()["what"]
    assert answer.json()["unchanged"] == "The question was not asked."
    assert not world.taken


@pytest.mark.parametrize("size", [256 * 1024 + 1, 2_000_000])
async def test_a_body_over_the_limit_is_refused_unread(world: World, size: int) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(0, size, 65_536):
            yield b" " * 65_536

    client = world.client("ada")
    headers = {"Content-Type": "application/json"}
    declared = await client.post("/v1/messages", content=b" " * size, headers=headers)
    streamed = await client.post("/v1/messages", content=pieces(), headers=headers)
    for answer in (declared, streamed):
        assert answer.status_code == 413
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["next_step"] == "Send less than 256 kB."


async def test_malformed_json_is_a_bad_request(world: World) -> None:
    for body in (b"{", b"", b"\xff\xfe", b"[" * 100_000, b'{"text": NaN, "x": 1'):
        answer = await world.client("ada").post(
            "/v1/messages", content=body, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code in (400, 422), body[:20]
        assert answer.json()["what"]
    assert not world.taken


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": 5},
        {"text": "a\x00b"},
        {"text": "a", "surprise": 1},
        {"text": "a", "id": "with space"},
        {"text": "a", "id": "../../x"},
        {"text": "a", "conversation": "c/d"},
        {"text": "a", "id": "x" * 129},
        [],
        "text",
        None,
    ],
)
async def test_what_does_not_fit_is_refused_and_nothing_is_asked(world: World, body: object) -> None:
    answer = await world.client("ada").post("/v1/messages", json=body)
    assert answer.status_code == 422
    assert answer.json()["unchanged"] == "Nothing was changed."
    assert not world.taken


async def test_half_a_surrogate_pair_is_refused(world: World) -> None:
    answer = await world.client("ada").post(
        "/v1/messages", content=b'{"text": "\\ud800", "\\udfff": 1}', headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422


async def test_a_button_is_pressed_beside_its_run(world: World) -> None:
    run = await world.begin("slack:T1:C1:17.1")
    answer = await world.client("ada").post(
        "/v1/actions",
        json={"verb": "run.feedback", "payload": {"run": run.id, "value": "down"}, "inputs": {"reason": "wrong"}},
    )
    assert answer.status_code == 202
    press = world.press(answer.json()["activity"])
    assert press.where == run.where
    assert (press.verb, press.payload["value"], press.inputs) == ("run.feedback", "down", {"reason": "wrong"})
    assert answer.json()["run"] == run.id


async def test_a_button_of_somebody_elses_run_is_not_found(world: World) -> None:
    run = await world.begin("r1", who=world.directory.people["ben"])
    for body in (
        {"verb": "run.stop", "payload": {"run": run.id}},
        {"verb": "run.stop", "run": run.id},
        {"verb": "nlq.choose", "payload": {"run": run.id, "choices": {}}},
    ):
        answer = await world.client("ada").post("/v1/actions", json=body)
        assert answer.status_code == 404
    assert not world.taken


@pytest.mark.parametrize("verb", ["run.retry", "nlq.choose"])
async def test_a_press_that_asks_anew_is_followed_under_its_own_id(world: World, verb: str) -> None:
    run = await world.begin("slack:T1:C1:17.1")
    body = {"verb": verb, "payload": {"run": run.id}, "id": "p-1"}
    answer = await world.client("ada").post("/v1/actions", json=body)
    assert answer.json()["run"] == "api:acme:ada:p-1"
    assert world.press("api:acme:ada:p-1").where == run.where


async def test_an_ask_button_begins_a_run_of_its_own(world: World) -> None:
    body = {"verb": "ask", "payload": {"text": "only Germany"}, "conversation": "c1", "id": "p-1"}
    answer = await world.client("ada").post("/v1/actions", json=body)
    assert answer.json()["run"] == answer.json()["activity"] == "api:acme:ada:p-1"
    assert world.press("api:acme:ada:p-1").where.thread == "c1"


async def test_a_payload_that_can_not_be_kept_is_refused(world: World) -> None:
    deep: object = 1
    for _ in range(40):
        deep = {"a": deep}
    for payload in ({"a": deep}, {"a": "\x00"}, {"a": 2**70}):
        answer = await world.client("ada").post("/v1/actions", json={"verb": "v", "payload": payload})
        assert answer.status_code == 422, payload
    assert not world.taken
