"""What every store of review items and verified queries promises."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from conversation.gates import Decision
from conversation.principal import ConversationRef, Principal
from conversation.review import Complaint, ReviewItem
from knowledge.verified import Parameter, Place, Reading, VerifiedQuery
from tests.contracts.stores import KINDS, Stores, postgres
from tests.contracts.test_stores import POSTGRES
from tests.postgres import postgres_server

ADA = Principal("ada", "acme", "Ada", roles=("member",))
BEN = Principal("ben", "acme", "Ben", roles=("member",))
EVA = Principal("eva", "acme", "Eva", roles=("member", "expert"))
HERE = ConversationRef("web", "acme", "c/1", personal=True)
ITEM = ReviewItem("", "acme", "answer", "f" * 24, "shop", "revenue ☕ in France", "SELECT 1", "run:1", ADA)
PAIR = VerifiedQuery(
    id="q1",
    tenant="acme",
    name="Revenue",
    question="revenue in France",
    sql="SELECT SUM(amount) FROM orders WHERE country = 'France'",
    source="shop",
    dialect="sqlite",
    day="2026-11-21",
    approved_by="Eva",
    approved_at="2026-11-21T10:00:00+00:00",
    catalog="v1",
    reads=(Reading("shop", "", "orders", (("amount", "number EUR"), ("country", "text"))),),
    parameters=(Parameter("value", "France", (Place(0, "France"),), ("shop", "", "orders", "country")),),
    scope=("sales",),
)


def said(who: Principal, **more: str) -> Complaint:
    return Complaint(who, HERE, who.id, "run:1", **more)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres_server() as address:
        yield address


@pytest.fixture(params=[*sorted(KINDS), POSTGRES])
async def stores(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stores]:
    opener = (
        postgres(request.getfixturevalue("server")) if request.param == "postgres" else KINDS[request.param](tmp_path)
    )
    async with opener as opened:
        yield opened


async def test_the_same_question_is_one_item_however_many_complain(stores: Stores) -> None:
    first = await stores.reviews.report(ITEM, said(ADA, reason="rows", at="1"))
    again = await stores.reviews.report(replace(ITEM, run="run:2"), said(BEN, correction="SELECT 2", at="2"))
    assert (first.id, first.people, again.people) == (again.id, 1, 2)
    assert (again.reason, again.correction, again.run) == ("rows", "SELECT 2", "run:1")
    assert [one.who for one in await stores.reviews.complaints("acme", first.id)] == [ADA, BEN]


async def test_a_persons_latest_complaint_counts_once(stores: Stores) -> None:
    item = await stores.reviews.report(ITEM, said(ADA, at="1"))
    item = await stores.reviews.report(ITEM, said(ADA, reason="table", words="not orders", at="2"))
    assert (item.people, item.reason, item.words) == (1, "table", "not orders")
    assert len(await stores.reviews.complaints("acme", item.id)) == 1


async def test_ten_complaints_at_once_are_one_item_of_ten_people(stores: Stores) -> None:
    people = [replace(ADA, id=f"p{n}") for n in range(10)]
    await asyncio.gather(*(stores.reviews.report(ITEM, said(who)) for who in people))
    (item,) = await stores.reviews.all("acme")
    assert len(await stores.reviews.complaints("acme", item.id)) == 10
    assert (await stores.reviews.report(ITEM, said(people[0]))).people == 10


async def test_what_hurts_most_people_comes_first_and_other_tenants_see_nothing(stores: Stores) -> None:
    for fingerprint, people in (("a" * 24, (ADA,)), ("b" * 24, (ADA, BEN)), ("c" * 24, (ADA,))):
        for who in people:
            await stores.reviews.report(replace(ITEM, fingerprint=fingerprint), said(who))
    assert [item.fingerprint[0] for item in await stores.reviews.all("acme")] == ["b", "a", "c"]
    assert [item.fingerprint[0] for item in await stores.reviews.all("acme", limit=1)] == ["b"]
    assert list(await stores.reviews.all("other")) == []
    (first, *_) = await stores.reviews.all("acme")
    assert await stores.reviews.get("other", first.id) is None
    assert await stores.reviews.decide("other", first.id, Decision("approve", EVA)) is None


async def test_of_ten_decisions_at_once_the_first_stands(stores: Stores) -> None:
    item = await stores.reviews.report(ITEM, said(ADA))
    presses = [Decision("reject", EVA, reason=f"no {n}", activity=f"press:{n}", at="now") for n in range(10)]
    standing = await asyncio.gather(*(stores.reviews.decide("acme", item.id, press) for press in presses))
    assert len({one.decision.activity for one in standing if one and one.decision}) == 1
    assert [one.status for one in await stores.reviews.all("acme", "rejected")] == ["rejected"]
    assert list(await stores.reviews.all("acme")) == []


async def test_a_question_that_was_decided_is_a_new_item_when_somebody_complains_again(stores: Stores) -> None:
    item = await stores.reviews.report(ITEM, said(ADA))
    await stores.reviews.decide("acme", item.id, Decision("approve", EVA))
    again = await stores.reviews.report(ITEM, said(BEN))
    assert again.id != item.id
    assert (again.status, again.people) == ("open", 1)
    kept = await stores.reviews.get("acme", item.id)
    assert kept is not None
    assert kept.status == "approved"


async def test_a_verified_query_comes_back_to_the_letter(stores: Stores) -> None:
    await stores.verified.put(PAIR)
    assert await stores.verified.get("acme", "q1") == PAIR
    assert list(await stores.verified.of("acme")) == [PAIR]
    assert await stores.verified.get("other", "q1") is None
    assert list(await stores.verified.of("other")) == []


async def test_verified_queries_are_the_same_object_until_one_changes(stores: Stores) -> None:
    await stores.verified.put(PAIR)
    first = await stores.verified.of("acme")
    assert await stores.verified.of("acme") is first
    await stores.verified.put(replace(PAIR, name="Other"))
    (changed,) = await stores.verified.of("acme")
    assert changed.name == "Other"
    assert await stores.verified.remove("acme", "q1")
    assert not await stores.verified.remove("acme", "q1")
    assert list(await stores.verified.of("acme")) == []


async def test_no_tenant_removes_a_query_of_another(stores: Stores) -> None:
    await stores.verified.put(PAIR)
    assert not await stores.verified.remove("other", "q1")
    assert list(await stores.verified.of("acme")) == [PAIR]


async def test_what_was_found_by_itself_and_decided_does_not_come_back_for_the_same_version(stores: Stores) -> None:
    found = replace(ITEM, kind="drift", version="v1", people=7)
    item = await stores.reviews.report(found)
    assert (item.people, item.state, await stores.reviews.complaints("acme", item.id)) == (7, "open", [])
    await stores.reviews.decide("acme", item.id, Decision("reject", EVA, "as it should be"))
    again = await stores.reviews.report(found)
    assert (again.id, again.state) == (item.id, "rejected")
    assert list(await stores.reviews.all("acme")) == []
    later = await stores.reviews.report(replace(found, version="v2"))
    assert later.state == "open"
    assert later.id != item.id


async def test_an_open_item_of_another_version_is_joined(stores: Stores) -> None:
    first = await stores.reviews.report(replace(ITEM, kind="drift", version="v1", people=2))
    second = await stores.reviews.report(replace(ITEM, kind="drift", version="v2", people=3))
    assert (second.id, second.people) == (first.id, 3)


async def test_an_item_is_assigned_asked_back_and_waits_for_a_change_until_it_is_decided(stores: Stores) -> None:
    item = await stores.reviews.report(replace(ITEM, routed_to=("sam",), parameters={"term": {"id": "x"}}), said(ADA))
    assert item.parameters == {"term": {"id": "x"}}
    assigned = await stores.reviews.amend("acme", item.id, assignee="eva")
    assert assigned is not None
    assert (assigned.state, assigned.belongs_to(EVA), assigned.belongs_to(ADA)) == ("assigned", True, False)
    asked = await stores.reviews.amend("acme", item.id, asked="Which country?", change="run:9:gate")
    assert asked is not None
    assert (asked.state, asked.assignee) == ("asked", "eva")
    assert [one.id for one in await stores.reviews.waits_for("acme", "run:9:gate")] == [item.id]
    assert list(await stores.reviews.waits_for("other", "run:9:gate")) == []
    assert list(await stores.reviews.waits_for("acme", "")) == []
    await stores.reviews.decide("acme", item.id, Decision("approve", EVA))
    after = await stores.reviews.amend("acme", item.id, assignee="ada")
    assert after is not None
    assert (after.state, after.assignee) == ("approved", "eva")
    assert list(await stores.reviews.waits_for("acme", "run:9:gate")) == []
    assert await stores.reviews.amend("other", item.id, assignee="ada") is None


def test_an_item_belongs_to_its_owners_and_to_experts_where_it_has_none() -> None:
    routed = replace(ITEM, routed_to=("ben", "finance"))
    assert [routed.belongs_to(who) for who in (ADA, BEN, EVA)] == [False, True, False]
    assert routed.belongs_to(replace(ADA, roles=("finance",)))
    assert [ITEM.belongs_to(who) for who in (ADA, BEN, EVA)] == [False, False, True]
    assert not routed.gate(False).why_not(BEN, "approve")
    assert not routed.gate(False).why_not(EVA, "approve")
    assert ITEM.gate(False).why_not(BEN, "approve")
