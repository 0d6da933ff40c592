"""Gates in the schema of LangGraph's Agent Inbox, in and out."""

from urllib.parse import quote

import pytest

from conversation.codec import JsonObject
from conversation.gates import Gate
from conversation.gates.typed import retyped
from tests.web.api.world import EVE, World, gate

ARGS: JsonObject = {"limit": 10, "ratio": 0.5, "dry": True, "to": "ann", "ids": [1, 2], "more": {"n": 1}, "note": None}
AS_TEXT = {"limit": "10", "ratio": "0.5", "dry": "true", "to": "ann", "ids": "[1,2]", "more": '{"n":1}', "note": "null"}
PATH = f"/v1/agent-inbox/{quote(gate().id, safe='')}"


def editable(**changes: object) -> Gate:
    limit: JsonObject = {"properties": {"limit": {"type": "integer", "maximum": 100}}}
    allowed = ("approve", "edit", "reject", "respond")
    return gate(**{"parameters": ARGS, "allowed": allowed, "schema": limit, **changes})


async def test_what_waits_is_shown_as_human_interrupts(world: World) -> None:
    await world.gates.open(editable())
    await world.gates.open(gate(id="for admins", roles=("admin",)))
    (shown,) = (await world.client("ben").get("/v1/agent-inbox")).json()["interrupts"]
    assert (shown["id"], shown["thread_id"], shown["gate"]) == ("i1", "r1", gate().id)
    assert shown["value"] == [
        {
            "action_request": {"action": "Run a large query?", "args": ARGS},
            "config": {"allow_ignore": True, "allow_respond": True, "allow_edit": True, "allow_accept": True},
            "description": "It reads 60,000,000 rows.\n\nAda asks for it.",
        }
    ]
    assert (await world.client("ben").get(PATH)).json() == shown


async def test_only_what_a_person_may_answer_is_allowed(world: World) -> None:
    await world.gates.open(editable())
    config = (await world.client("ada").get(PATH)).json()["value"][0]["config"]
    assert (config["allow_ignore"], config["allow_accept"]) == (True, False)


@pytest.mark.parametrize(
    ("answer", "verdict", "reason"),
    [
        ({"type": "accept", "args": None}, "approve", ""),
        ({"type": "accept", "args": {"action": "Run a large query?", "args": ARGS}}, "approve", ""),
        ({"type": "accept", "args": {"action": "Run a large query?", "args": AS_TEXT}}, "approve", ""),
        ([{"type": "accept", "args": None}], "approve", ""),
        ({"type": "ignore", "args": None}, "reject", "Ignored in the inbox."),
        ({"type": "response", "args": "which rows?"}, "respond", "which rows?"),
        ({"type": "approve"}, "approve", ""),
        ({"type": "reject", "message": "too many"}, "reject", "too many"),
        ({"type": "respond", "message": "which rows?"}, "respond", "which rows?"),
        ({"decisions": [{"type": "reject", "message": "no"}]}, "reject", "no"),
    ],
)
async def test_an_answer_is_a_verdict(world: World, answer: object, verdict: str, reason: str) -> None:
    await world.gates.open(editable())
    taken = await world.client("ben").post(PATH, json=answer)
    assert taken.status_code == 202, taken.text
    press = world.press(taken.json()["activity"])
    assert (press.payload["verdict"], press.inputs["reason"]) == (verdict, reason)


@pytest.mark.parametrize(
    "answer",
    [
        {"type": "edit", "args": {"action": "Run a large query?", "args": {**ARGS, "limit": 5}}},
        {"type": "edit", "edited_action": {"name": "nlq", "args": {**ARGS, "limit": 5}}},
        {"decisions": [{"type": "edit", "edited_action": {"name": "nlq", "args": {**ARGS, "limit": 5}}}]},
    ],
)
async def test_edited_arguments_keep_their_json_types(world: World, answer: object) -> None:
    await world.gates.open(editable())
    taken = await world.client("ben").post(PATH, json=answer)
    press = world.press(taken.json()["activity"])
    assert press.payload["verdict"] == "edit"
    edited = press.inputs["parameters"]
    assert edited == {**ARGS, "limit": 5}
    assert isinstance(edited, dict)
    assert type(edited["limit"]) is int
    assert edited["dry"] is True


async def test_an_edit_that_the_schema_does_not_allow_is_refused(world: World) -> None:
    await world.gates.open(editable())
    edit = {"type": "edit", "args": {"action": "", "args": {**ARGS, "limit": 101}}}
    answer = await world.client("ben").post(PATH, json=edit)
    assert (answer.status_code, "limit" in answer.json()["what"].lower()) == (422, True)
    assert not world.taken


async def test_what_has_no_schema_can_not_be_edited(world: World) -> None:
    await world.gates.open(editable(schema={}))
    assert not (await world.client("ben").get(PATH)).json()["value"][0]["config"]["allow_edit"]
    edit = {"type": "edit", "args": {"action": "", "args": ARGS}}
    assert (await world.client("ben").post(PATH, json=edit)).status_code == 422
    assert not world.taken


async def test_an_edit_that_came_back_as_text_is_refused_with_what_is_wrong(world: World) -> None:
    await world.gates.open(editable())
    answer = await world.client("ben").post(PATH, json={"type": "edit", "args": {"action": "", "args": AS_TEXT}})
    assert answer.status_code == 422
    assert "`limit` was a number and came back as text" in answer.json()["what"]
    assert "The request is still open." in answer.json()["unchanged"]
    assert not world.taken


@pytest.mark.parametrize(
    "answer",
    [
        {"type": "accept", "args": {"action": "x", "args": {**ARGS, "limit": 11}}},
        {"type": "edit", "args": {"action": "Drop the table", "args": ARGS}},
        {"type": "edit", "args": "text"},
        {"type": "edit"},
        {"type": "response", "args": " "},
        {"type": "respond"},
        {"type": "maybe"},
        {"type": "accept", "extra": 1},
        {"decisions": []},
        {"decisions": [{"type": "approve"}, {"type": "approve"}]},
        [],
        [{"type": "accept"}, {"type": "accept"}],
        {},
        None,
        "accept",
    ],
)
async def test_an_answer_that_could_mean_anything_else_decides_nothing(world: World, answer: object) -> None:
    await world.gates.open(editable())
    assert (await world.client("ben").post(PATH, json=answer)).status_code == 422
    assert not world.taken


async def test_an_answer_to_what_was_edited_meanwhile_is_refused(world: World) -> None:
    await world.gates.open(editable())
    answer = await world.client("ben").post(f"{PATH}?digest=another", json={"type": "accept"})
    assert answer.status_code == 409


async def test_a_gate_of_another_tenant_is_not_found(world: World) -> None:
    await world.gates.open(gate(tenant=EVE.tenant, asked_by=EVE))
    assert (await world.client("ben").get(PATH)).status_code == 404
    assert (await world.client("ben").post(PATH, json={"type": "accept"})).status_code == 404


async def test_high_risk_is_not_decided_here(world: World) -> None:
    await world.gates.open(editable(risk="high"))
    assert (await world.client("ben").post(PATH, json={"type": "accept"})).status_code == 403


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ({"n": 1}, {"n": 1.5}, ()),
        ({"n": 1}, {"n": True}, ("`n` was a number and came back as yes or no",)),
        ({"n": None}, {"n": "x"}, ()),
        ({"a": {"b": 1}}, {"a": {"b": "1"}}, ("`a.b` was a number and came back as text",)),
        ({"a": [1]}, {"a": ["1"]}, ("`a[0]` came back as text, in a list of a number",)),
        ({"a": [1, "x"]}, {"a": ["1"]}, ()),
        ({"a": []}, {"a": [1]}, ()),
        ({"a": {"b": 1}}, {"a": "{}"}, ("`a` was an object and came back as text",)),
    ],
)
def test_a_changed_json_type_is_named(before: JsonObject, after: JsonObject, words: tuple[str, ...]) -> None:
    assert retyped(before, after) == words
