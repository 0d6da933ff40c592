"""The glossary over HTTP: who sees what, whose change counts, and what has to wait at a gate."""

from dataclasses import replace
from typing import Any

import pytest

from conversation.activity import CardAction
from knowledge.glossary import Term
from knowledge.glossary.codec import content
from tests.knowledge.glossary.world import CITY, COUNTRY, MONEY, PLACE, REVENUE
from tests.web.api.world import World

DRAFT = Term("basket", "Basket", definition="What is bought at once.")
BODY: dict[str, Any] = {"name": "Basket", "definition": "An order.", "synonyms": ["order"]}


async def filled(world: World) -> None:
    for term in (MONEY, REVENUE, COUNTRY, CITY, PLACE, DRAFT):
        await world.glossary.put("acme", term, by="eva", note="first")


def body_of(term: Term, **changes: Any) -> dict[str, Any]:
    fields = {name: value for name, value in content(term).items() if name != "id"}
    return {**fields, **changes}


async def test_nobody_reads_the_glossary_without_signing_in(world: World) -> None:
    for path in ("", ".yaml", ".ttl", "/money", "/money/history", "/money/lineage"):
        assert (await world.client().get(f"/v1/glossary{path}")).status_code == 401
    assert (await world.client().put("/v1/glossary/x", json=BODY)).status_code == 401


async def test_members_see_what_is_approved_and_experts_see_all(world: World) -> None:
    await filled(world)
    member = (await world.client("ada").get("/v1/glossary")).json()
    assert [term["id"] for term in member["terms"]] == ["city", "country", "geography", "money", "revenue"]
    assert "basket" in [term["id"] for term in (await world.client("eva").get("/v1/glossary")).json()["terms"]]
    assert (await world.client("ada").get("/v1/glossary/basket")).status_code == 404
    assert (await world.client("ada").get("/v1/glossary/revenue")).json()["content"]["status"] == "approved"
    assert (await world.client("ada").get("/v1/glossary/revenue/history")).status_code == 403
    assert (await world.client("ada").get("/v1/glossary/revenue/lineage")).status_code == 403
    assert "basket" not in (await world.client("ada").get("/v1/glossary.yaml")).text


async def test_another_tenant_sees_nothing_of_it(world: World) -> None:
    await filled(world)
    eve = world.client("eve")
    assert (await eve.get("/v1/glossary")).json()["terms"] == []
    for path in ("", "/history", "/blame", "/lineage"):
        assert (await eve.get(f"/v1/glossary/revenue{path}")).status_code == 404
    assert (await eve.put("/v1/glossary/money", json=BODY, headers={"If-Match": '"1"'})).status_code == 412
    assert (await eve.put("/v1/glossary/money", json=BODY, headers={"If-None-Match": "*"})).status_code == 201
    assert len((await world.glossary.of("other")).terms) == 1


async def test_lists_are_paged_searched_and_cheap_to_ask_again(world: World) -> None:
    await filled(world)
    eva = world.client("eva")
    first = await eva.get("/v1/glossary", params={"limit": 2})
    assert ([term["id"] for term in first.json()["terms"]], first.json()["next"]) == (["basket", "city"], "city")
    rest = (await eva.get("/v1/glossary", params={"after": "city"})).json()
    assert (rest["terms"][0]["id"], rest["next"]) == ("country", "")
    found = (await eva.get("/v1/glossary", params={"q": "TURN", "kind": "metric"})).json()["terms"]
    assert [term["id"] for term in found] == ["revenue"]
    same = await eva.get("/v1/glossary", headers={"If-None-Match": first.headers["ETag"]})
    assert (same.status_code, same.content) == (304, b"")
    await world.glossary.put("acme", DRAFT, by="eva")
    assert (await eva.get("/v1/glossary", headers={"If-None-Match": first.headers["ETag"]})).status_code == 200


async def test_an_expert_makes_and_changes_a_draft_from_the_version_that_stands(world: World) -> None:
    eva = world.client("eva")
    made = await eva.put("/v1/glossary/basket", json=BODY, headers={"If-None-Match": "*"})
    assert (made.status_code, made.headers["ETag"], made.json()["changed_by"]) == (201, '"1"', "eva")
    again = await eva.put("/v1/glossary/basket", json=BODY, headers={"If-None-Match": "*"})
    assert again.status_code == 412
    blind = await eva.put("/v1/glossary/basket", json=BODY)
    assert (blind.status_code, "which version" in blind.json()["what"]) == (428, True)
    changed = await eva.put(
        "/v1/glossary/basket", json={**BODY, "status": "proposed", "note": "shorter"}, headers={"If-Match": '"1"'}
    )
    assert (changed.status_code, changed.json()["version"], changed.json()["note"]) == (200, 2, "shorter")
    late = await eva.put("/v1/glossary/basket", json=BODY, headers={"If-Match": '"1"'})
    assert (late.status_code, late.json()["unchanged"]) == (412, "Nothing was changed.")
    assert (await eva.get("/v1/glossary/basket", headers={"If-None-Match": '"2"'})).status_code == 304
    gone = await eva.delete("/v1/glossary/basket", headers={"If-Match": '"2"'})
    assert (gone.status_code, gone.content) == (204, b"")
    assert (await eva.get("/v1/glossary/basket")).status_code == 404


@pytest.mark.parametrize("person", ["ada", "ben"])
async def test_only_experts_and_admins_write(world: World, person: str) -> None:
    await filled(world)
    client = world.client(person)
    headers = {"If-Match": '"1"'}
    assert (await client.put("/v1/glossary/new", json=BODY, headers={"If-None-Match": "*"})).status_code == 403
    assert (await client.put("/v1/glossary/money", json=BODY, headers=headers)).status_code == 403
    assert (await client.delete("/v1/glossary/money", headers=headers)).status_code == 403
    assert (await client.post("/v1/glossary/money/approve", json={}, headers=headers)).status_code == 403
    assert (await client.post("/v1/glossary/money/rollback", json={"version": 1})).status_code == 403
    assert world.taken == {}
    assert len((await world.glossary.of("acme")).terms) == 6


async def test_what_is_approved_or_is_to_be_waits_at_a_gate_and_changes_nothing(world: World) -> None:
    await filled(world)
    before = await world.glossary.of("acme")
    eva, headers = world.client("eva"), {"If-Match": '"1"'}
    answers = [
        await eva.put("/v1/glossary/money", json=body_of(MONEY, status="draft", note="n"), headers=headers),
        await eva.put("/v1/glossary/basket", json=body_of(DRAFT, status="approved"), headers=headers),
        await eva.post("/v1/glossary/basket/approve", json={"note": "as agreed"}, headers=headers),
        await eva.delete("/v1/glossary/revenue", headers=headers),
    ]
    assert [answer.status_code for answer in answers] == [202] * 4
    assert await world.glossary.of("acme") is before
    presses = [press for press in world.taken.values() if isinstance(press, CardAction)]
    assert {press.verb for press in presses} == {"glossary.propose"}
    asked = [press.payload for press in presses]
    assert asked[2] == {
        "term": content(replace(DRAFT, status="approved")),
        "base": 1,
        "reason": "as agreed",
        "text": "Change the term “Basket”",
    }
    assert asked[3]["term"]["status"] == "deprecated"  # type: ignore[index,call-overload]
    assert answers[0].json()["run"] in world.taken


async def test_a_repeated_request_opens_one_gate(world: World) -> None:
    await filled(world)
    headers = {"If-Match": '"1"', "Idempotency-Key": "one"}
    for _ in range(2):
        await world.client("eva").post("/v1/glossary/basket/approve", json={}, headers=headers)
    assert len(world.taken) == 1


async def test_what_is_named_by_others_is_not_taken_away(world: World) -> None:
    await filled(world)
    refused = await world.client("eva").delete("/v1/glossary/city", headers={"If-Match": '"1"'})
    assert (refused.status_code, "Geography" in refused.json()["what"]) == (409, True)


async def test_a_term_that_can_not_be_used_is_refused_with_the_reason(world: World) -> None:
    eva, new = world.client("eva"), {"If-None-Match": "*"}
    bad = body_of(replace(REVENUE, status="proposed", relations=()))
    bad["metric"]["expression"] = "(SELECT 1)"
    refused = await eva.put("/v1/glossary/revenue", json=bad, headers=new)
    assert (refused.status_code, "not allowed in a metric" in refused.json()["what"]) == (422, True)
    for id, body in (("UP", BODY), ("x", {**BODY, "colour": "red"}), ("x", {**BODY, "name": "n" * 10_000})):
        assert (await eva.put(f"/v1/glossary/{id}", json=body, headers=new)).status_code == 422
    hidden = await eva.put("/v1/glossary/x", json={**BODY, "definition": "a\u202eb"}, headers=new)
    assert (hidden.status_code, "can't be seen" in hidden.json()["what"]) == (422, True)
    draft = await eva.put("/v1/glossary/revenue", json={**bad, "status": "draft"}, headers=new)
    assert draft.status_code == 201
    shown = (await eva.get("/v1/glossary/revenue")).json()["problems"]
    assert "not allowed in a metric" in shown[0]["what"]


async def test_versions_are_compared_blamed_and_taken_back(world: World) -> None:
    await filled(world)
    await world.glossary.put("acme", replace(DRAFT, name="Cart"), by="ben", note="shorter")
    eva = world.client("eva")
    history = (await eva.get("/v1/glossary/basket/history")).json()
    assert [(version["version"], version["note"]) for version in history] == [(2, "shorter"), (1, "first")]
    diff = (await eva.get("/v1/glossary/basket/diff", params={"from": 1, "to": 2})).json()
    assert [change["text"] for change in diff] == ["The name was “Basket” and is “Cart”."]
    assert (await eva.get("/v1/glossary/basket/diff", params={"from": 1, "to": 9})).status_code == 404
    blame = {each["field"]: each["by"] for each in (await eva.get("/v1/glossary/basket/blame")).json()}
    assert (blame["name"], blame["definition"]) == ("ben", "eva")
    back = await eva.post("/v1/glossary/basket/rollback", json={"version": 1})
    assert (back.status_code, back.json()["content"]["name"], back.json()["version"]) == (200, "Basket", 3)
    assert (await eva.post("/v1/glossary/basket/rollback", json={"version": 9})).status_code == 422


async def test_lineage_and_exports_are_there_for_experts(world: World) -> None:
    await filled(world)
    eva = world.client("eva")
    lineage = (await eva.get("/v1/glossary/revenue/lineage")).json()
    assert "shop.orders.amount" in lineage["columns"]
    assert [each["id"] for each in lineage["used_by"]] == ["r1"]
    assert "glossary: 1" in (await eva.get("/v1/glossary.yaml")).text
    turtle = await eva.get("/v1/glossary.ttl")
    assert ("skos:Concept" in turtle.text, turtle.headers["content-type"]) == (True, "text/turtle; charset=utf-8")
