"""The life of a gate: who counts, how many it takes, what an edit does, what ends it."""

import math
from dataclasses import replace
from typing import Any

import pytest

from conversation.codec import JsonObject, decode, encode
from conversation.errors import PersonError
from conversation.gates import (
    VERDICTS,
    Conflict,
    Counted,
    Deciders,
    Decision,
    Gate,
    GateMoved,
    Lost,
    Ready,
    Stage,
    Verdict,
    Won,
    life,
)
from conversation.gates.tally import needed
from conversation.principal import Principal

ANN = Principal("ann", "acme", "Ann", ("member",))
BEN = Principal("ben", "acme", "Ben", ("approver",))
CAT = Principal("cat", "acme", "Cat", ("approver", "owner"))
DAN = Principal("dan", "acme", "Dan", ("owner",))
EVE = Principal("eve", "other", "Eve", ("approver", "owner"))
FAY = Principal("fay", "acme", "Fay", (), ("finance",))
GATE = Gate(
    id="g",
    tenant="acme",
    run="r",
    flow="nlq",
    interrupt="i",
    title="Change revenue?",
    reason="",
    parameters={"value": 1},
    asked_by=ANN,
    roles=("approver",),
    policy="p1",
    allowed=VERDICTS,
    target="term:revenue",
    target_version="3",
)
APPROVERS, OWNERS = Deciders(roles=("approver",)), Deciders(roles=("owner",))
PAIR = replace(GATE, stages=(Stage(APPROVERS, 2),))


def vote(
    who: Principal,
    verdict: Verdict = "approve",
    inputs: "JsonObject | None" = None,
    *,
    revision: int = 1,
    giver: str = "",
    activity: str = "",
) -> Decision:
    press = activity or f"{who.id}-{verdict}-{revision}-{giver}"
    return Decision(verdict, who, "", inputs or {}, press, "now", "web", revision=revision, acting_for=giver)


def after(gate: Gate, *votes: Decision) -> Gate:
    """The gate after votes, each of which counts."""
    for one in votes:
        claim = life.count(gate, gate, one)
        assert not isinstance(claim, Lost), claim.words
        gate = claim.gate
    return gate


def refused(gate: Gate, one: Decision, giver: Principal | None = None) -> Lost:
    claim = life.count(gate, gate, one, giver)
    assert isinstance(claim, Lost)
    assert claim.gate == gate
    return claim


def test_one_approval_decides_where_one_is_enough() -> None:
    claim = life.count(GATE, GATE, vote(BEN))
    assert isinstance(claim, Won)
    assert (claim.gate.state, claim.gate.decision) == ("decided", vote(BEN))


def test_two_of_many_takes_two_people() -> None:
    first = life.count(PAIR, PAIR, vote(BEN))
    assert isinstance(first, Counted)
    second = life.count(first.gate, first.gate, vote(CAT))
    assert isinstance(second, Won)
    assert second.gate.decision == vote(CAT)


def test_nobody_votes_twice_and_the_same_press_is_the_same_vote() -> None:
    gate = after(PAIR, vote(BEN))
    assert life.count(gate, gate, vote(BEN)) == Counted(gate)
    assert refused(gate, vote(BEN, activity="another press")).why == "voted"


def test_all_means_everybody_who_was_asked_but_whoever_asks() -> None:
    gate = replace(GATE, stages=(Stage(APPROVERS, "all", electorate=("ann", "ben", "cat")),))
    assert needed(gate) == 2
    gate = after(gate, vote(BEN))
    assert gate.state == "open"
    assert after(gate, vote(CAT)).state == "decided"


def test_a_majority_is_of_those_who_were_asked_and_others_have_no_vote() -> None:
    late = replace(BEN, id="late")
    gate = replace(GATE, stages=(Stage(APPROVERS, "majority", electorate=("ben", "cat", "x", "y")),))
    assert needed(gate) == 3
    assert refused(gate, vote(late)).why == "refused"


def test_stages_come_one_after_the_other() -> None:
    gate = replace(GATE, stages=(Stage(APPROVERS), Stage(OWNERS)))
    assert refused(gate, vote(DAN)).why == "refused"
    gate = after(gate, vote(BEN))
    assert (gate.stage, gate.state) == (1, "open")
    assert refused(gate, vote(replace(BEN, id="bob"))).words == "Only owner can decide this."
    assert after(gate, vote(DAN)).state == "decided"


def test_one_person_is_not_two_pairs_of_eyes() -> None:
    gate = after(replace(GATE, stages=(Stage(APPROVERS), Stage(OWNERS))), vote(CAT))
    assert refused(gate, vote(CAT, activity="again")).why == "voted"


def test_all_of_a_later_stage_are_those_who_did_not_vote_in_an_earlier_one() -> None:
    everybody = Stage(OWNERS, "all", electorate=("cat", "dan"))
    gate = after(replace(GATE, stages=(Stage(APPROVERS), everybody)), vote(CAT))
    assert needed(gate) == 1
    assert after(gate, vote(DAN)).state == "decided"


def test_with_veto_one_rejection_ends_it() -> None:
    gate = after(PAIR, vote(BEN), vote(CAT, "reject"))
    assert gate.decision == vote(CAT, "reject")


def test_without_veto_a_rejection_counts_once_approval_can_not_be_reached() -> None:
    stage = Stage(Deciders(users=("ben", "cat", "dan")), 2, veto=False)
    gate = after(replace(GATE, stages=(stage,)), vote(BEN, "reject"))
    assert gate.state == "open"
    assert after(gate, vote(CAT), vote(DAN)).decision == vote(DAN)
    assert after(gate, vote(CAT, "reject")).decision == vote(CAT, "reject")


def test_without_veto_a_role_of_unknown_size_waits_for_others() -> None:
    gate = replace(GATE, stages=(Stage(APPROVERS, 1, veto=False),))
    gate = after(gate, vote(BEN, "reject"))
    assert gate.state == "open"
    assert after(gate, vote(CAT)).state == "decided"


def test_whoever_asked_may_take_it_back_at_any_time_but_not_approve() -> None:
    gate = replace(PAIR, stages=(Stage(APPROVERS, 2, veto=False),))
    gate = after(gate, vote(BEN))
    assert after(gate, vote(ANN, "reject")).decision == vote(ANN, "reject")
    assert "yourself" in refused(gate, vote(replace(ANN, roles=("approver",)))).words


def test_self_approval_counts_where_the_gate_says_so() -> None:
    own = replace(GATE, self_approval=True, asked_by=BEN)
    assert after(own, vote(BEN)).state == "decided"


def test_sending_it_back_ends_it() -> None:
    gate = after(PAIR, vote(BEN), vote(CAT, "respond"))
    assert gate.decision is not None
    assert gate.decision.verdict == "respond"


def test_an_edit_is_a_new_revision_that_earlier_votes_do_not_count_for() -> None:
    gate = after(PAIR, vote(BEN), vote(CAT, "edit", {"value": 2}))
    assert (gate.parameters, gate.revision, gate.state) == ({"value": 2}, 2, "open")
    assert [(one.number, one.parameters, one.by) for one in gate.revisions] == [
        (1, {"value": 1}, "ann"),
        (2, {"value": 2}, "cat"),
    ]
    assert refused(gate, vote(BEN, revision=1, activity="old card")).why == "revised"
    assert after(gate, vote(BEN, revision=2)).state == "decided"
    assert gate.digest != PAIR.digest
    assert gate.at_revision(1) == {"value": 1}


def test_an_edit_by_whom_one_approval_is_enough_decides() -> None:
    claim = life.count(GATE, GATE, vote(BEN, "edit", {"value": 2}))
    assert isinstance(claim, Won)
    assert claim.gate.decision is not None
    assert (claim.gate.decision.verdict, claim.gate.decision.revision) == ("edit", 2)
    assert claim.gate.parameters == {"value": 2}


def test_an_edit_by_whoever_asked_is_no_approval() -> None:
    gate = after(GATE, vote(ANN, "edit", {"value": 2}))
    assert (gate.state, gate.revision) == ("open", 2)
    assert after(gate, vote(BEN, revision=2)).state == "decided"


def test_an_edit_in_a_later_stage_begins_again_and_is_the_editors_vote_in_theirs() -> None:
    gate = after(replace(GATE, stages=(Stage(APPROVERS), Stage(OWNERS))), vote(BEN), vote(DAN, "edit", {"value": 2}))
    assert (gate.stage, gate.revision, gate.state) == (0, 2, "open")
    assert after(gate, vote(BEN, revision=2)).state == "decided"


def test_an_edit_that_changes_nothing_is_an_approval() -> None:
    gate = after(GATE, vote(BEN, "edit", {"value": 1.0}))
    assert (gate.state, gate.revision) == ("decided", 1)
    assert refused(GATE, vote(ANN, "edit", {"value": 1})).why == "refused"


@pytest.mark.parametrize("value", [math.nan, math.inf, 2**60, "\ud800"])
def test_an_edit_that_json_can_not_keep_is_refused_with_words(value: Any) -> None:
    with pytest.raises(PersonError, match="still open"):
        life.count(GATE, GATE, vote(BEN, "edit", {"value": value}))


def test_true_is_not_one() -> None:
    gate = after(PAIR, vote(BEN, "edit", {"value": True}))
    assert gate.revision == 2


def test_a_vote_for_somebody_counts_for_them_alone() -> None:
    ida = Principal("ida", "acme", "Ida", ("member",))
    claim = life.count(PAIR, PAIR, vote(ida, giver="ben"), BEN)
    assert isinstance(claim, Counted)
    assert refused(claim.gate, vote(BEN)).words == "Ida voted already in your place; one vote a person counts."


def test_nobody_votes_through_two_hats() -> None:
    claim = life.count(PAIR, PAIR, vote(BEN))
    assert refused(claim.gate, vote(BEN, giver="cat"), CAT).why == "voted"
    other = life.count(PAIR, PAIR, vote(BEN, giver="cat"), CAT)
    assert refused(other.gate, vote(BEN)).why == "voted"
    assert refused(other.gate, vote(BEN, giver="zoe"), replace(CAT, id="zoe")).why == "voted"


def test_neither_whoever_asked_nor_their_delegate_approves() -> None:
    asked = replace(PAIR, asked_by=BEN)
    assert "yourself" in refused(asked, vote(CAT, giver="ben"), BEN).words
    assert "yourself" in refused(asked, vote(BEN, giver="cat"), CAT).words


def test_a_vote_for_somebody_needs_their_right() -> None:
    assert refused(PAIR, vote(DAN, giver="ben")).why == "refused"
    assert refused(PAIR, vote(DAN), BEN).why == "refused"
    assert refused(PAIR, vote(DAN, giver="ann"), replace(ANN, tenant="other")).why == "refused"


def test_another_organisation_decides_nothing() -> None:
    assert refused(GATE, vote(EVE)).words == "This request belongs to another organisation."


@pytest.mark.parametrize("verdict", ["edit", "respond"])
def test_a_verdict_that_is_not_allowed_counts_nothing(verdict: Verdict) -> None:
    gate = replace(GATE, allowed=("approve", "reject"))
    assert refused(gate, vote(BEN, verdict, {"value": 2})).why == "refused"


@pytest.mark.parametrize("state", ["paused", "superseded", "cancelled"])
def test_only_an_open_gate_takes_votes(state: Any) -> None:
    lost = refused(replace(GATE, state=state), vote(BEN))
    assert (lost.why, lost.words[:13]) == ("closed", "This request ")


def test_an_expired_gate_can_be_reopened_and_then_decided() -> None:
    paused = life.move(GATE, GATE, "paused")
    again = life.move(paused, paused, "open")
    assert after(again, vote(BEN)).state == "decided"


def test_votes_stand_through_a_pause() -> None:
    gate = after(PAIR, vote(BEN))
    paused = life.move(gate, gate, "paused")
    assert after(life.move(paused, paused, "open"), vote(CAT)).state == "decided"


@pytest.mark.parametrize(
    ("state", "to"),
    [
        ("open", "decided"),
        ("decided", "open"),
        ("decided", "paused"),
        ("decided", "cancelled"),
        ("superseded", "open"),
        ("cancelled", "open"),
        ("cancelled", "superseded"),
    ],
)
def test_a_step_that_is_not_in_its_life_is_refused(state: Any, to: Any) -> None:
    gate = replace(GATE, state=state)
    with pytest.raises(GateMoved):
        life.move(gate, gate, to)


def test_moving_to_where_it_stands_changes_nothing() -> None:
    paused = replace(GATE, state="paused")
    assert life.move(paused, GATE, "paused") is paused


def test_what_was_extended_meanwhile_does_not_expire() -> None:
    extended = replace(GATE, due_at="2026-02-01T00:00:00+00:00")
    with pytest.raises(GateMoved):
        life.move(extended, GATE, "paused")
    with pytest.raises(GateMoved):
        life.amend(extended, GATE, {"remind_at": ""})


def test_terms_change_and_votes_stand() -> None:
    gate = after(PAIR, vote(BEN))
    wider = life.amend(gate, PAIR, {"stages": (Stage(Deciders(roles=("approver", "owner")), 2),)})
    assert after(wider, vote(DAN)).state == "decided"


def test_the_electorate_of_the_current_stage_can_be_replaced() -> None:
    gate = replace(GATE, stages=(Stage(APPROVERS, "all", electorate=("ben", "gone")),))
    assert after(gate, vote(BEN)).state == "open"
    alone = life.amend(gate, gate, {"electorate": ("ben",)})
    assert after(alone, vote(BEN)).state == "decided"


def ready(gate: Gate, **changes: str) -> Ready | Conflict:
    now = {"policy": "p1", "target_version": "3", **changes}
    return life.begin(
        gate, gate, policy=now["policy"], target_version=now["target_version"], activity=now.get("by", "")
    )


def test_an_approved_effect_begins_once_and_goes_on_under_the_same_activity() -> None:
    gate = after(GATE, vote(BEN))
    begun = ready(gate)
    assert isinstance(begun, Ready)
    assert begun.gate.begun == "ben-approve-1-"
    assert ready(begun.gate, target_version="4") == Ready(begun.gate, again=True)
    other = ready(begun.gate, by="another press")
    assert isinstance(other, Conflict)
    assert other.why == "begun"


@pytest.mark.parametrize(
    ("change", "why", "found"),
    [({"policy": "p2"}, "policy", "p2"), ({"target_version": "4"}, "target", "4")],
)
def test_an_effect_does_not_begin_on_changed_ground(change: dict[str, str], why: str, found: str) -> None:
    conflict = ready(after(GATE, vote(BEN)), **change)
    assert isinstance(conflict, Conflict)
    assert (conflict.why, conflict.found) == (why, found)


def test_another_action_than_the_approved_one_does_not_begin() -> None:
    gate = after(GATE, vote(BEN))
    conflict = life.begin(gate, replace(gate, parameters={"value": 9}), policy="p1", target_version="3")
    assert isinstance(conflict, Conflict)
    assert conflict.why == "action"


@pytest.mark.parametrize("gate", [GATE, after(GATE, vote(BEN, "reject")), after(GATE, vote(BEN, "respond"))])
def test_what_was_not_approved_does_not_begin(gate: Gate) -> None:
    conflict = ready(gate)
    assert isinstance(conflict, Conflict)
    assert conflict.why == "state"


def test_what_has_begun_is_not_superseded_any_more() -> None:
    gate = after(GATE, vote(BEN))
    assert life.move(gate, gate, "superseded").state == "superseded"
    begun = ready(gate)
    with pytest.raises(GateMoved):
        life.move(begun.gate, begun.gate, "superseded")


def test_a_digest_binds_the_action_the_rules_and_the_target() -> None:
    changes: list[dict[str, Any]] = [
        {"parameters": {"value": 2}},
        {"policy": "p2"},
        {"target_version": "4"},
        {"target": "term:cost"},
        {"flow": "agents"},
    ]
    assert len({GATE.digest, *(replace(GATE, **change).digest for change in changes)}) == 6
    assert replace(GATE, title="other", reason="other").digest == GATE.digest


def test_an_inbox_holds_only_what_somebody_can_act_on() -> None:
    gate = after(PAIR, vote(BEN))
    people = {who.id for who in (ANN, BEN, CAT, DAN, EVE, FAY) if life.waits_for(gate, who)}
    assert people == {"cat"}
    assert life.waits_for(gate, DAN, CAT)
    assert not life.waits_for(gate, DAN, BEN)
    assert not life.waits_for(gate, BEN, CAT)


def test_a_gate_of_the_time_before_stages_decodes_and_is_decided() -> None:
    known = ("id", "tenant", "run", "flow", "interrupt", "title", "reason", "parameters", "asked_by", "roles", "policy")
    record = encode(GATE)
    assert isinstance(record, dict)
    old = decode({name: record[name] for name in ("@", *known)})
    assert isinstance(old, Gate)
    assert after(old, vote(BEN)).state == "decided"


def test_the_next_time_of_a_gate_is_the_first_of_its_times() -> None:
    gate = replace(GATE, remind_at="2026-01-01T10:00:00Z", due_at="2026-01-01T10:30:00+01:00")
    assert life.next_time(gate) == "2026-01-01T09:30:00.000000+00:00"
    assert life.next_time(replace(gate, state="paused")) == ""
