"""Deciding over HTTP."""

from urllib.parse import quote

from conversation.gates import Decision
from conversation.principal import ConversationRef
from tests.web.api.world import BEN, EVE, World, gate

PATH = f"/v1/gates/{quote(gate().id, safe='')}"


async def test_waiting_gates_are_shown_to_those_who_may_decide(world: World) -> None:
    await world.gates.open(gate())
    await world.gates.open(gate(id="theirs", tenant="other"))
    await world.gates.open(gate(id="for admins", roles=("admin",)))
    shown = (await world.client("ben").get("/v1/gates")).json()["gates"]
    assert [item["id"] for item in shown] == [gate().id]
    assert (shown[0]["verdicts"], shown[0]["digest"]) == (["approve", "reject"], gate().digest)


async def test_an_asker_may_only_reject_their_own(world: World) -> None:
    await world.gates.open(gate())
    (shown,) = (await world.client("ada").get("/v1/gates")).json()["gates"]
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
    assert (press.verb, press.payload) == ("gate.decide", {"gate": gate().id, "verdict": "approve"})
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
