"""Deciding over HTTP."""

from urllib.parse import quote

import pytest

from conversation.gates import Deciders, Decision, Stage
from conversation.gates.batch import seal
from conversation.principal import ConversationRef
from tests.web.api.world import ADA, BEN, EVE, World, gate

PATH = f"/v1/gates/{quote(gate().id, safe='')}"


async def test_waiting_gates_are_shown_to_those_who_may_decide(world: World) -> None:
    await world.gates.open(gate())
    await world.gates.open(gate(id="theirs", tenant="other"))
    await world.gates.open(gate(id="for admins", roles=("admin",)))
    shown = (await world.client("ben").get("/v1/gates")).json()["gates"]
    assert [item["id"] for item in shown] == [gate().id]
    assert (shown[0]["verdicts"], shown[0]["digest"]) == (["approve", "reject"], gate().digest)


async def test_an_asker_may_only_reject_their_own(world: World) -> None:
    await world.begin("r1", state="input-required")
    await world.gates.open(gate())
    assert (await world.client("ada").get("/v1/gates")).json()["gates"] == []
    (shown,) = (await world.client("ada").get("/v1/gates?mine=asked")).json()["gates"]
    assert shown["verdicts"] == ["reject"]
    answer = await world.client("ada").post(PATH, json={"verdict": "approve"})
    assert answer.status_code == 403
    assert "somebody else has to approve it" in answer.json()["what"]
    assert not world.taken


async def test_a_verdict_is_accepted_as_a_press_in_the_deciders_own_place(world: World) -> None:
    await world.gates.open(gate())
    answer = await world.client("ben").post(PATH, json={"verdict": "approve", "reason": "fine", "inputs": {"n": 5}})
    assert answer.status_code == 202
    press = world.press(answer.json()["activity"])
    seen = {"digest": gate().digest, "revision": 1}
    assert (press.verb, press.payload) == ("gate.decide", {"gate": gate().id, "verdict": "approve", **seen})
    assert press.inputs == {"n": 5, "reason": "fine"}
    assert press.where == ConversationRef("api", "acme", "ben", f"gate:{gate().id}", personal=True)
    assert answer.json()["status"] == PATH


async def test_the_decision_is_shown_to_asker_and_deciders(world: World) -> None:
    await world.gates.open(gate())
    await world.gates.claim(gate(), Decision("approve", BEN, "fine", activity="p1", at="2026-01-02"))
    for person in ("ada", "ben"):
        shown = (await world.client(person).get(PATH)).json()
        assert shown["decision"] == {"verdict": "approve", "by": "Ben", "reason": "fine", "at": "2026-01-02"}
        assert shown["verdicts"] == []


async def test_a_decided_gate_says_who_was_first(world: World) -> None:
    await world.gates.open(gate(self_approval=True))
    await world.gates.claim(gate(), Decision("reject", BEN, activity="slack:press"))
    answer = await world.client("ada").post(PATH, json={"verdict": "approve"})
    assert answer.status_code == 409
    assert answer.json()["what"] == "Ben decided this already: reject."


async def test_the_same_verdict_sent_again_is_the_same_press(world: World) -> None:
    await world.gates.open(gate())
    client = world.client("ben")
    first = await client.post(PATH, json={"verdict": "approve", "id": "d1"})
    await world.gates.claim(gate(), Decision("approve", BEN, activity=first.json()["activity"]))
    again = await client.post(PATH, json={"verdict": "approve", "id": "d1"})
    assert (again.status_code, again.json()["duplicate"]) == (202, True)


async def test_gates_of_others_are_not_found(world: World) -> None:
    await world.gates.open(gate(tenant=EVE.tenant, asked_by=EVE))
    await world.gates.open(gate(id="for admins", roles=("admin",)))
    for path in (PATH, "/v1/gates/for%20admins", "/v1/gates/unknown"):
        assert (await world.client("ben").get(path)).status_code == 404
        assert (await world.client("ben").post(path, json={"verdict": "approve"})).status_code == 404


async def test_an_unknown_verdict_is_refused(world: World) -> None:
    await world.gates.open(gate())
    for verdict in ("maybe", "", None, 1, ["approve"]):
        assert (await world.client("ben").post(PATH, json={"verdict": verdict})).status_code == 422
    assert not world.taken


async def test_a_waiting_gate_says_why_since_when_and_until_when(world: World) -> None:
    stages = (Stage(Deciders(users=("cat",)), name="Team"), Stage(Deciders(users=("ben",)), 2, name="Finance"))
    first = Decision("approve", ADA, "fine", at="2026-01-01T01:00:00+00:00", channel="slack")
    due = "2026-01-02T17:00:00+00:00"
    await world.gates.open(gate(stages=stages, stage=1, votes=(first,), due_at=due, risk="medium"))
    (shown,) = (await world.client("ben").get("/v1/gates")).json()["gates"]
    assert (shown["why"], shown["since"], shown["due"], shown["risk"]) == ("named", first.at, due, "medium")
    assert shown["stage"] == {
        "number": 2,
        "of": 2,
        "name": "Finance",
        "deciders": "ben",
        "needed": 2,
        "approvals": 0,
    }
    assert [(vote["by"], vote["stage"], vote["channel"]) for vote in shown["votes"]] == [("Ada", 1, "slack")]
    assert shown["page"] == f"/approvals/{quote(gate().id, safe='')}"
    assert not shown["batchable"]


async def test_the_inbox_comes_in_pages(world: World) -> None:
    for number in range(7):
        await world.gates.open(gate(id=f"g{number}"))
    path, seen = "/v1/gates?limit=3", []
    while path:
        page = (await world.client("ben").get(path)).json()
        seen.append([item["id"] for item in page["gates"]])
        path = page["next"]
    assert seen == [["g0", "g1", "g2"], ["g3", "g4", "g5"], ["g6"]]


@pytest.mark.parametrize(
    ("risk", "status", "words"), [("high", 403, "fresh sign-in"), ("medium", 422, "needs a reason")]
)
async def test_what_the_risk_asks_for_is_said_at_once(world: World, risk: str, status: int, words: str) -> None:
    await world.gates.open(gate(risk=risk))
    answer = await world.client("ben").post(PATH, json={"verdict": "approve"})
    assert (answer.status_code, words in answer.json()["detail"]) == (status, True)
    assert not world.taken
    if risk == "high":
        assert f"https://ask.example/approvals/{quote(gate().id, safe='')}" in answer.json()["next_step"]


@pytest.mark.parametrize("seen", [{"digest": "another"}, {"revision": 1}])
async def test_a_verdict_on_what_was_edited_meanwhile_is_refused(world: World, seen: dict[str, object]) -> None:
    await world.gates.open(gate(parameters={"sql": "select 2"}, revision=2))
    answer = await world.client("ben").post(PATH, json={"verdict": "approve", **seen})
    assert (answer.status_code, answer.json()["what"]) == (409, "What would run has changed since you looked.")
    assert not world.taken


async def test_several_are_decided_by_one_request(world: World) -> None:
    gates = [gate(id="g1"), gate(id="g2")]
    chosen = [{"gate": one.id, "digest": one.digest, "revision": 1} for one in gates]
    body = {"verdict": "approve", "gates": chosen, "reason": "month end", "id": "b1"}
    taken = (await world.client("ben").post("/v1/gates/batch", json=body)).json()
    press = world.press(taken["activity"])
    assert (press.verb, press.inputs) == ("gate.batch", {"reason": "month end"})
    named = [{"gate": one.id, "seal": seal(one)} for one in gates]
    assert press.payload == {"verdict": "approve", "chosen": named}
    assert taken["run"] == taken["activity"]


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": "edit"},
        {"gates": []},
        {"gates": [{"gate": "g1", "digest": "d", "revision": 1}] * 51},
        {"gates": [{"gate": "g1", "digest": "d", "revision": "1"}]},
        {"gates": ["g1"]},
        {"verdict": "reject", "reason": " "},
    ],
)
async def test_an_odd_batch_is_refused_and_decides_nothing(world: World, change: dict[str, object]) -> None:
    body = {"verdict": "approve", "gates": [{"gate": "g1", "digest": "d", "revision": 1}], **change}
    assert (await world.client("ben").post("/v1/gates/batch", json=body)).status_code == 422
    assert not world.taken
