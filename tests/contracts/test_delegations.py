"""What every store of delegations promises, and what a delegation never makes possible."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from conversation.gates import Deciders, Decision, Gate, Lost, Stage, Verdict, life
from conversation.gates.delegation import Delegation, stands_in
from conversation.principal import ConversationRef, Principal
from tests.contracts.stores import KINDS, Stores, postgres
from tests.contracts.test_stores import POSTGRES
from tests.postgres import postgres_server

ADA = Principal("ada", "acme", "Ada", ("analyst",), ("sales",))
BEN = Principal("ben", "acme", "Ben", ("approver",))
CAT = Principal("cat", "acme", "Cat", ("member",))
SINCE, UNTIL = "2026-01-05T00:00:00.000000+00:00", "2026-01-10T00:00:00.000000+00:00"
GIVEN = Delegation("acme", "ben", "ada", SINCE, UNTIL, "away ☕", "d1")
BEFORE, DURING, AFTER = "2026-01-04T23:59:59+00:00", "2026-01-07T12:00:00+00:00", "2026-01-10T00:00:00+00:00"
GATE = Gate("g", "acme", "r", "nlq", "i", "Run it?", "", {}, CAT, ("approver",), "p")


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
        for who in (ADA, BEN, CAT):
            await opened.directory.met(who, ConversationRef("web", "acme", who.id, personal=True))
        yield opened


async def test_a_delegation_holds_from_its_start_until_its_end(stores: Stores) -> None:
    await stores.delegations.give(GIVEN)
    for at, givers in ((BEFORE, []), (GIVEN.since, ["ben"]), (DURING, ["ben"]), (AFTER, [])):
        assert [who.id for who in await stores.delegations.acting_for(ADA, at)] == givers
    (ben,) = await stores.delegations.acting_for(ADA, DURING)
    assert ben.roles == ("approver",)


async def test_the_same_moment_may_be_said_in_another_zone(stores: Stores) -> None:
    await stores.delegations.give(replace(GIVEN, until="2026-01-10T02:00:00+02:00"))
    assert [one.until for one in await stores.delegations.of("acme", "ada", "2026-01-09T23:59:59+00:00")] == [UNTIL]
    assert list(await stores.delegations.of("acme", "ada", "2026-01-09T20:00:00-04:00")) == []


async def test_giving_the_same_again_gives_the_first_record(stores: Stores) -> None:
    assert await stores.delegations.give(GIVEN) == GIVEN
    assert await stores.delegations.give(replace(GIVEN, to="cat", until="2027-01-01")) == GIVEN
    assert list(await stores.delegations.acting_for(CAT, DURING)) == []


async def test_an_ended_delegation_gives_no_right_and_the_first_end_counts(stores: Stores) -> None:
    await stores.delegations.give(GIVEN)
    await stores.delegations.end("acme", "d1", by="ben", at=DURING)
    again = await stores.delegations.end("acme", "d1", by="ben", at=AFTER)
    assert again == replace(GIVEN, ended_at=DURING)
    assert list(await stores.delegations.acting_for(ADA, DURING)) == []


async def test_a_delegation_of_another_tenant_is_not_there(stores: Stores) -> None:
    await stores.delegations.give(GIVEN)
    assert list(await stores.delegations.acting_for(replace(ADA, tenant="other"), DURING)) == []
    assert list(await stores.delegations.of("other")) == []
    assert await stores.delegations.end("other", "d1", by="ben", at=DURING) is None
    assert [one.ended_at for one in await stores.delegations.of("acme")] == [""]


async def test_what_was_given_and_ended_stands_in_the_audit_log_once(stores: Stores) -> None:
    for _ in range(2):
        await stores.delegations.give(GIVEN, channel="slack")
        await stores.delegations.end("acme", "d1", by="ada", at=DURING, channel="cli")
    given, ended = await stores.audit.entries("acme", subject="d1")
    assert (given.what, given.actor, given.at, given.channel) == ("delegation.given", "ben", SINCE, "slack")
    assert given.detail == {"to": "ada", "since": SINCE, "until": UNTIL, "reason": "away ☕"}
    assert (ended.what, ended.actor, ended.at, ended.channel) == ("delegation.ended", "ada", DURING, "cli")


async def test_nothing_is_handed_on(stores: Stores) -> None:
    await stores.delegations.give(GIVEN)
    await stores.delegations.give(replace(GIVEN, id="d2", giver="ada", to="cat"))
    assert [who.id for who in await stores.delegations.acting_for(CAT, DURING)] == ["ada"]


async def test_delegations_are_listed_by_person_and_time(stores: Stores) -> None:
    await stores.delegations.give(GIVEN)
    await stores.delegations.give(replace(GIVEN, id="d2", giver="cat", since="2026-01-06T00:00:00+00:00"))
    await stores.delegations.give(replace(GIVEN, id="d3", to="cat", until="2026-01-06T00:00:00+00:00"))
    of = stores.delegations.of
    assert [one.id for one in await of("acme")] == ["d1", "d3", "d2"]
    assert [one.id for one in await of("acme", "ben")] == ["d1", "d3"]
    assert [one.id for one in await of("acme", "cat", DURING)] == ["d2"]


@pytest.mark.parametrize("hostile", ["", "' OR 1=1 --", "x" * 5_000, "a\x00b"])
async def test_hostile_ids_find_nothing(stores: Stores, hostile: str) -> None:
    await stores.delegations.give(GIVEN)
    assert await stores.delegations.end("acme", hostile, by="ben", at=DURING) is None
    assert list(await stores.delegations.acting_for(replace(ADA, id=hostile or "nobody"), DURING)) == []


def test_a_delegate_stands_in_for_whoever_may_decide() -> None:
    assert stands_in(GATE, ADA, "approve", [BEN]) == BEN
    assert stands_in(GATE, ADA, "approve", [CAT]) is None
    assert stands_in(GATE, ADA, "approve", []) is None
    assert stands_in(GATE, replace(ADA, tenant="other"), "approve", [BEN]) is None


@pytest.mark.parametrize("verdict", ["approve", "edit", "respond", "reject"])
def test_nobody_decides_their_own_request_in_anothers_place(verdict: Verdict) -> None:
    own = replace(GATE, asked_by=ADA, allowed=("approve", "edit", "reject", "respond"))
    assert stands_in(own, ADA, verdict, [BEN]) is None
    assert stands_in(replace(own, self_approval=True), ADA, verdict, [BEN]) is None


def test_nobody_decides_in_the_askers_place() -> None:
    asked_by_ben = replace(GATE, asked_by=BEN)
    assert stands_in(asked_by_ben, ADA, "approve", [BEN]) is None
    assert stands_in(asked_by_ben, ADA, "reject", [BEN]) is None
    assert stands_in(replace(asked_by_ben, self_approval=True), ADA, "approve", [BEN]) is None


def test_neither_a_person_nor_whose_place_they_take_counts_twice() -> None:
    dan = Principal("dan", "acme", "Dan", ("approver",))
    two = replace(GATE, stages=(Stage(Deciders(roles=("approver",)), 2),))
    for vote in (Decision("approve", ADA), Decision("approve", BEN), Decision("approve", CAT, acting_for="ben")):
        voted = replace(two, votes=(vote,))
        claim = life.count(voted, voted, Decision("approve", ADA, acting_for="ben"), BEN)
        assert isinstance(claim, Lost)
        assert claim.why == "voted"
    assert stands_in(replace(two, votes=(Decision("approve", BEN),)), ADA, "approve", [BEN, dan]) == dan
