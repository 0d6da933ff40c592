"""What every store of gates promises over their whole life, in memory and in a database."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conversation.audit import Verified
from conversation.card import Text
from conversation.gates import (
    VERDICTS,
    Aside,
    Conflict,
    Counted,
    Deciders,
    Decision,
    Gate,
    GateMoved,
    Lost,
    Ready,
    Stage,
    Won,
)
from conversation.principal import Principal
from tests.contracts.stores import KINDS, Stores, postgres
from tests.contracts.test_stores import POSTGRES
from tests.postgres import postgres_server

ANN = Principal("ann", "acme", "Ann", ("member",))
BEN = Principal("ben", "acme", "Ben", ("approver",), ("finance",))
CAT = Principal("cat", "acme", "Cat", ("approver",))
DAN = Principal("dan", "acme", "Dan", ("owner",))
EVE = Principal("eve", "other", "Eve", ("approver", "owner"))
NOON = "2026-03-01T12:00:00.000000+00:00"
GATE = Gate(
    id="gate:1",
    tenant="acme",
    run="run:1",
    flow="nlq",
    interrupt="i1",
    title="Change revenue ☕?",
    reason="It matters.",
    parameters={"value": 1, "list": [1, 2.5, None, True]},
    asked_by=ANN,
    roles=("approver",),
    policy="p1",
    allowed=VERDICTS,
    created_at="2026-03-01T10:00:00.000000+00:00",
    target="term:revenue",
    target_version="3",
    evidence=(Text("as it was"),),
)
PAIR = replace(GATE, stages=(Stage(Deciders(roles=("approver",)), 2),))


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


def vote(who: Principal, verdict: Any = "approve", **more: Any) -> Decision:
    return Decision(verdict, who, activity=more.pop("activity", f"press of {who.id}"), at=NOON, channel="web", **more)


async def log(stores: Stores, gate: str = GATE.id) -> list[str]:
    """What the audit log says of a gate; the whole log is verified."""
    assert isinstance(await stores.audit.verify("acme"), Verified)
    return [entry.what.removeprefix("gate.") for entry in await stores.audit.entries("acme", subject=gate)]


async def test_a_gate_is_kept_to_the_letter(stores: Stores) -> None:
    gate = replace(
        PAIR,
        stages=(*PAIR.stages, Stage(Deciders(users=("dan",), groups=("g",)), "all", veto=False, electorate=("dan",))),
        escalate_to=Deciders(roles=("admin",)),
        schema={"type": "object", "@": "Gate"},
        asides=(Aside("a1", BEN, "Why?", NOON),),
        due_at=NOON,
    )
    assert await stores.gates.open(gate) == gate
    assert await stores.gates.get("acme", gate.id) == gate


async def test_votes_add_up_to_one_decision_and_each_is_in_the_log(stores: Stores) -> None:
    gate = await stores.gates.open(PAIR, channel="slack")
    first = await stores.gates.claim(gate, vote(BEN, reason="fine"))
    assert isinstance(first, Counted)
    second = await stores.gates.claim(gate, vote(CAT))
    assert isinstance(second, Won)
    assert [one.by.id for one in second.gate.votes] == ["ben", "cat"]
    assert await stores.gates.get("acme", gate.id) == second.gate
    entries = await stores.audit.entries("acme")
    assert [(entry.what, entry.actor, entry.channel) for entry in entries] == [
        ("gate.opened", "ann", "slack"),
        ("gate.voted", "ben", "web"),
        ("gate.voted", "cat", "web"),
        ("gate.decided", "cat", "web"),
    ]
    assert entries[1].detail["reason"] == "fine"
    assert {entry.detail["digest"] for entry in entries} == {GATE.digest}


async def test_what_does_not_count_leaves_no_trace(stores: Stores) -> None:
    gate = await stores.gates.open(PAIR)
    await stores.gates.claim(gate, vote(BEN))
    for claim in (
        await stores.gates.claim(gate, vote(BEN)),
        await stores.gates.claim(gate, vote(BEN, activity="again")),
        await stores.gates.claim(gate, vote(DAN)),
        await stores.gates.claim(gate, vote(ANN)),
        await stores.gates.claim(gate, vote(EVE)),
        await stores.gates.claim(gate, vote(CAT, revision=2)),
        await stores.gates.claim(replace(gate, parameters={"value": 9}), vote(CAT)),
    ):
        assert isinstance(claim, Counted | Lost)
    kept = await stores.gates.get("acme", gate.id)
    assert kept is not None
    assert len(kept.votes) == 1
    assert await log(stores) == ["opened", "voted"]


async def test_a_gate_can_not_be_claimed_under_another_tenant(stores: Stores) -> None:
    gate = await stores.gates.open(GATE)
    with pytest.raises(LookupError):
        await stores.gates.claim(replace(gate, tenant="other"), vote(EVE))
    assert await log(stores) == ["opened"]


async def test_of_two_hundred_votes_at_once_each_person_counts_once_and_one_decides(stores: Stores) -> None:
    gate = await stores.gates.open(replace(GATE, stages=(Stage(Deciders(roles=("approver",)), 10),)))
    people = [replace(BEN, id=f"p{n % 50}") for n in range(200)]
    presses = (vote(who, activity=f"press {n}") for n, who in enumerate(people))
    claims = await asyncio.gather(*(stores.gates.claim(gate, press) for press in presses))
    (won,) = [claim for claim in claims if isinstance(claim, Won)]
    assert sum(isinstance(claim, Counted) for claim in claims) == 9
    assert len({one.by.id for one in won.gate.votes}) == 10
    assert await log(stores) == ["opened", *["voted"] * 10, "decided"]


async def test_an_edit_opens_a_revision_and_old_cards_decide_nothing(stores: Stores) -> None:
    gate = await stores.gates.open(PAIR)
    await stores.gates.claim(gate, vote(BEN))
    edited = await stores.gates.claim(gate, vote(CAT, "edit", inputs={"value": 2}))
    assert isinstance(edited, Counted)
    late = await stores.gates.claim(gate, vote(BEN, activity="old card"))
    assert isinstance(late, Lost)
    assert (late.why, late.gate.at_revision(1)["value"], late.gate.parameters) == ("revised", 1, {"value": 2})
    won = await stores.gates.claim(edited.gate, vote(BEN, activity="new card", revision=2))
    assert isinstance(won, Won)


async def test_a_delegated_vote_is_logged_with_both_names(stores: Stores) -> None:
    gate = await stores.gates.open(GATE)
    won = await stores.gates.claim(gate, vote(DAN, acting_for="ben"), giver=BEN)
    assert isinstance(won, Won)
    entry = (await stores.audit.entries("acme"))[-1]
    assert (entry.what, entry.actor, entry.acting_for) == ("gate.decided", "dan", "ben")


async def test_an_expired_gate_is_paused_reopened_and_decided(stores: Stores) -> None:
    gate = await stores.gates.open(replace(GATE, due_at=NOON))
    paused = await stores.gates.move(gate, "paused", by="clock", at=NOON, reason="nobody decided")
    assert paused.state == "paused"
    assert isinstance(await stores.gates.claim(paused, vote(BEN)), Lost)
    later = await stores.gates.amend(paused, by="ann", at=NOON, note="reopened", due_at="2026-03-02T12:00:00+00:00")
    again = await stores.gates.move(later, "open", by="ann", at=NOON)
    assert isinstance(await stores.gates.claim(again, vote(BEN)), Won)
    assert await log(stores) == ["opened", "expired", "amended", "reopened", "voted", "decided"]


async def test_of_many_moves_at_once_one_is_made(stores: Stores) -> None:
    gate = await stores.gates.open(GATE)
    moves = (stores.gates.move(gate, "paused", by=f"clock {n}", at=NOON) for n in range(10))
    assert {moved.state for moved in await asyncio.gather(*moves)} == {"paused"}
    assert await log(stores) == ["opened", "expired"]


async def test_a_vote_and_an_expiry_at_once_never_both_happen(stores: Stores) -> None:
    for n in range(5):
        gate = await stores.gates.open(replace(GATE, id=f"gate:{n}"))
        claim, moved = await asyncio.gather(
            stores.gates.claim(gate, vote(BEN)),
            stores.gates.move(gate, "paused", by="clock", at=NOON),
            return_exceptions=True,
        )
        assert isinstance(claim, Won) == isinstance(moved, GateMoved)


async def test_a_step_that_life_forbids_changes_nothing(stores: Stores) -> None:
    gate = await stores.gates.open(GATE)
    await stores.gates.move(gate, "cancelled", by="ann", at=NOON)
    with pytest.raises(GateMoved):
        await stores.gates.move(gate, "open", by="ann", at=NOON)
    with pytest.raises(GateMoved):
        await stores.gates.amend(gate, by="ann", at=NOON, note="", due_at=NOON)
    assert await log(stores) == ["opened", "cancelled"]


async def test_of_two_amendments_of_the_same_gate_the_second_is_told(stores: Stores) -> None:
    gate = await stores.gates.open(GATE)
    await stores.gates.amend(gate, by="clock", at=NOON, note="reminded", remind_at="2026-03-02T12:00:00+00:00")
    with pytest.raises(GateMoved):
        await stores.gates.amend(gate, by="clock", at=NOON, note="reminded", remind_at="2026-03-03T12:00:00+00:00")


async def test_waiting_gates_are_open_or_paused(stores: Stores) -> None:
    for n, state in enumerate(("open", "paused", "superseded", "cancelled")):
        gate = await stores.gates.open(replace(GATE, id=f"gate:{n}"))
        await stores.gates.move(gate, state, by="ann", at=NOON)  # type: ignore[arg-type]
    assert [gate.id for gate in await stores.gates.waiting("acme")] == ["gate:0", "gate:1"]


async def inbox(stores: Stores, who: Principal, **more: Any) -> list[str]:
    return [gate.id for gate in await stores.gates.inbox(who, at=NOON, **more)]


async def test_an_inbox_holds_what_somebody_can_act_on_by_role_group_or_name_once(stores: Stores) -> None:
    ways = (
        Deciders(roles=("approver",)),
        Deciders(users=("ben",), roles=("approver",), groups=("finance",)),
        Deciders(groups=("finance",)),
        Deciders(users=("cat",)),
    )
    for n, deciders in enumerate(ways):
        created = f"2026-03-01T10:0{n}:00.000000+00:00"
        await stores.gates.open(replace(GATE, id=f"gate:{n}", stages=(Stage(deciders),), created_at=created))
    assert await inbox(stores, BEN) == ["gate:0", "gate:1", "gate:2"]
    assert await inbox(stores, CAT) == ["gate:0", "gate:1", "gate:3"]
    assert await inbox(stores, DAN) == await inbox(stores, EVE) == await inbox(stores, ANN) == []


async def test_an_inbox_leaves_out_ones_own_and_what_one_voted_on_until_it_changes(stores: Stores) -> None:
    gate = await stores.gates.open(PAIR)
    await stores.gates.open(replace(PAIR, id="own", asked_by=CAT))
    await stores.gates.open(replace(PAIR, id="own too", asked_by=CAT, self_approval=True))
    await stores.gates.claim(gate, vote(CAT))
    assert await inbox(stores, CAT) == ["own too"]
    await stores.gates.claim(gate, vote(ANN, "edit", inputs={"value": 2}))
    assert await inbox(stores, CAT) == ["gate:1", "own too"]


async def test_an_inbox_follows_the_stages_and_forgets_what_is_over(stores: Stores) -> None:
    stages = (Stage(Deciders(roles=("approver",))), Stage(Deciders(roles=("owner",))))
    gate = await stores.gates.open(replace(GATE, stages=stages))
    assert (await inbox(stores, BEN), await inbox(stores, DAN)) == (["gate:1"], [])
    await stores.gates.claim(gate, vote(BEN))
    assert (await inbox(stores, CAT), await inbox(stores, DAN)) == ([], ["gate:1"])
    await stores.gates.claim(gate, vote(DAN))
    assert await inbox(stores, DAN) == []
    other = await stores.gates.open(replace(GATE, id="gate:2"))
    paused = await stores.gates.move(other, "paused", by="clock", at=NOON)
    assert await inbox(stores, BEN) == []
    await stores.gates.move(paused, "open", by="ann", at=NOON)
    assert await inbox(stores, BEN) == ["gate:2"]


async def test_an_inbox_holds_what_was_delegated(stores: Stores) -> None:
    gate = await stores.gates.open(PAIR)
    await stores.gates.open(replace(PAIR, id="asked by the giver", asked_by=BEN))
    await stores.gates.open(replace(PAIR, id="asked by the delegate", asked_by=DAN))
    assert await inbox(stores, DAN, acting_for=[BEN]) == ["gate:1"]
    await stores.gates.claim(gate, vote(DAN, acting_for="ben"), giver=BEN)
    assert await inbox(stores, DAN, acting_for=[BEN, CAT]) == ["asked by the giver"]
    assert "gate:1" not in await inbox(stores, BEN)


async def test_an_inbox_is_only_of_those_who_were_asked_where_a_quorum_is_of_them(stores: Stores) -> None:
    stage = Stage(Deciders(roles=("approver",)), "all", electorate=("ben",))
    await stores.gates.open(replace(GATE, stages=(stage,)))
    assert (await inbox(stores, BEN), await inbox(stores, CAT)) == (["gate:1"], [])


async def test_an_inbox_has_pages(stores: Stores) -> None:
    for n in range(7):
        # Two of one moment: the page's end must not swallow the second.
        await stores.gates.open(replace(GATE, id=f"gate:{n}", created_at=f"2026-03-01T10:0{n // 2}:00.000000+00:00"))
    found: list[str] = []
    while page := await inbox(stores, BEN, limit=3, after=found[-1] if found else ""):
        found += page
    assert found == [f"gate:{n}" for n in range(7)]
    assert len(await inbox(stores, BEN, after="unknown")) == 7


async def test_somebody_in_a_thousand_groups_has_an_inbox_too(stores: Stores) -> None:
    await stores.gates.open(replace(GATE, stages=(Stage(Deciders(groups=("g999",))),)))
    many = replace(DAN, groups=tuple(f"g{n}" for n in range(1_000)))
    assert await inbox(stores, many) == ["gate:1"]


async def test_due_gates_come_the_longest_due_first(stores: Stores) -> None:
    times = {
        "later": "2026-03-01T12:00:00.000001+00:00",
        "first": "2026-03-01T11:00:00Z",
        "now": "2026-03-01T13:00:00+01:00",
    }
    for id, time in times.items():
        await stores.gates.open(replace(GATE, id=id, remind_at=time))
    await stores.gates.open(replace(GATE, id="never"))
    over = await stores.gates.open(replace(GATE, id="over", due_at="2026-01-01T00:00:00+00:00"))
    await stores.gates.claim(over, vote(BEN))
    assert [gate.id for gate in await stores.gates.due(NOON)] == ["first", "now"]
    assert [gate.id for gate in await stores.gates.due(NOON, 1)] == ["first"]


async def test_the_newest_revision_that_somebody_saw_is_kept(stores: Stores) -> None:
    gate = await stores.gates.open(GATE)
    assert await stores.gates.last_look(gate, BEN) == 0
    for revision in (1, 3, 2):
        await stores.gates.looked(gate, BEN, revision)
    assert (await stores.gates.last_look(gate, BEN), await stores.gates.last_look(gate, CAT)) == (3, 0)


async def approved(stores: Stores) -> Gate:
    gate = await stores.gates.open(GATE)
    return (await stores.gates.claim(gate, vote(BEN))).gate


async def test_of_twenty_beginnings_at_once_one_is_the_first_and_the_same_press_goes_on(stores: Stores) -> None:
    gate = await approved(stores)
    found = await asyncio.gather(
        *(stores.gates.ready(gate, policy="p1", target_version="3", activity=f"by {n}") for n in range(20))
    )
    (first,) = [one for one in found if isinstance(one, Ready)]
    assert {one.why for one in found if isinstance(one, Conflict)} == {"begun"}
    again = await stores.gates.ready(gate, policy="p1", target_version="4", activity=first.gate.begun)
    assert again == Ready(first.gate, again=True)
    assert (await log(stores)).count("begun") == 1


async def test_a_conflict_is_logged_and_begins_nothing(stores: Stores) -> None:
    gate = await approved(stores)
    conflict = await stores.gates.ready(gate, policy="p1", target_version="4")
    assert isinstance(conflict, Conflict)
    assert (conflict.why, conflict.expected, conflict.found) == ("target", "3", "4")
    kept = await stores.gates.get("acme", gate.id)
    assert kept is not None
    assert kept.begun == ""
    assert (await log(stores))[-1] == "conflict"


async def test_what_is_not_approved_is_not_ready(stores: Stores) -> None:
    gate = await stores.gates.open(GATE)
    assert isinstance(await stores.gates.ready(gate, policy="p1", target_version="3"), Conflict)
    rejected = await stores.gates.claim(gate, vote(BEN, "reject"))
    assert isinstance(await stores.gates.ready(rejected.gate, policy="p1", target_version="3"), Conflict)
