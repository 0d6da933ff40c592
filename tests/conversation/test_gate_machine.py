"""The whole life of a gate against a simple model: people vote, edit, stand in, wait, reopen, and the effect begins.

The model keeps the ballots and reads off them, from scratch after each step, what the gate has to say.
"""

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from conversation.audit import Verified
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
    Won,
)
from conversation.principal import Principal
from tests.contracts.stores import KINDS, Stores

PEOPLE = {
    "ann": Principal("ann", "acme", "Ann", ("one", "two")),
    "ben": Principal("ben", "acme", "Ben", ("one",)),
    "cat": Principal("cat", "acme", "Cat", ("one", "two")),
    "dan": Principal("dan", "acme", "Dan", ("two",)),
    "eve": Principal("eve", "acme", "Eve", ()),
    "zed": Principal("zed", "other", "Zed", ("one", "two")),
}
ASKER = "ann"
NOON = "2026-03-01T12:00:00+00:00"
person = st.sampled_from([*[id for id, who in PEOPLE.items() if who.roles and who.tenant == "acme"] * 3, "eve", "zed"])
stages = st.lists(
    st.builds(
        lambda role, quorum, veto, known: Stage(
            Deciders(roles=(role,)),
            quorum,
            veto,
            electorate=tuple(id for id, who in PEOPLE.items() if role in who.roles and who.tenant == "acme")
            if known or quorum in ("all", "majority")
            else (),
        ),
        st.sampled_from(["one", "two"]),
        st.sampled_from(["any", 1, 2, "all", "majority"]),
        st.booleans(),
        st.booleans(),
    ),
    min_size=1,
    max_size=2,
)


@dataclass(frozen=True)
class Ballot:
    """A vote that counted: of a person, in somebody's seat, in a stage."""

    human: str
    seat: str
    stage: int
    approves: bool


class GateMachine(RuleBasedStateMachine):
    """One gate, everybody who could press something, and the model of what has to come of it."""

    kind: ClassVar[str] = "memory"

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.opened = KINDS[self.kind](Path(self.folder.name))
        self.stores: Stores = self.do(self.opened.__aenter__())
        self.presses = 0
        self.press = ""

    def teardown(self) -> None:
        self.do(self.opened.__aexit__(None, None, None))
        self.runner.close()
        self.folder.cleanup()

    def do(self, work: Any) -> Any:
        return self.runner.run(work)

    @initialize(steps=stages, own=st.booleans())
    def open(self, steps: Sequence[Stage], own: bool) -> None:
        gate = Gate(
            id="g",
            tenant="acme",
            run="r",
            flow="f",
            interrupt="i",
            title="?",
            reason="",
            parameters={"n": 0},
            asked_by=PEOPLE[ASKER],
            roles=(),
            policy="p",
            allowed=VERDICTS,
            self_approval=own,
            stages=tuple(steps),
            target_version="1",
        )
        self.gate: Gate = self.do(self.stores.gates.open(gate))
        self.state, self.verdict, self.revision, self.number = "open", "", 1, 0
        self.ballots: list[Ballot] = []
        self.begun = ""
        self.changes = 1

    # What the model knows of who may and who has.

    def may(self, human: str, seat: str, stage: int) -> bool:
        here = {PEOPLE[human].tenant, PEOPLE[seat].tenant} == {"acme"}
        own = ASKER in (human, seat) and not self.gate.self_approval
        return here and not own and set(self.gate.stages[stage].deciders.roles) <= set(PEOPLE[seat].roles)

    def taken(self, human: str, seat: str) -> bool:
        return any({human, seat} & {one.human, one.seat} for one in self.ballots)

    def crowd(self, stage: int) -> set[str]:
        """Who can approve in a stage, where that is known."""
        elsewhere = {one.seat for one in self.ballots if one.stage != stage}
        asked = set(self.gate.stages[stage].electorate) - elsewhere
        return asked if self.gate.self_approval else asked - {ASKER}

    def need(self, stage: int) -> int:
        quorum = self.gate.stages[stage].quorum
        if isinstance(quorum, int):
            return quorum
        size = len(self.crowd(stage))
        return {"any": 1, "all": max(1, size), "majority": size // 2 + 1}[quorum]

    def here(self) -> int:
        """The stage that waits: the first without enough approvals; past the last when all have them."""
        for stage in range(len(self.gate.stages)):
            if sum(one.approves for one in self.ballots if one.stage == stage) < self.need(stage):
                return stage
        return len(self.gate.stages)

    def hopeless(self) -> bool:
        stage = self.here()
        if not self.gate.stages[stage].electorate:
            return False
        voted = [one for one in self.ballots if one.stage == stage]
        left = self.crowd(stage) - {one.seat for one in voted}
        return sum(one.approves for one in voted) + len(left) < self.need(stage)

    def settle(self, verdict: str) -> None:
        if self.here() == len(self.gate.stages):
            self.state, self.verdict = "decided", verdict

    # What people do.

    def claim(self, verdict: Any, human: str, seat: str, **more: Any) -> Any:
        self.presses += 1
        self.press = f"press {self.presses}"
        giver = PEOPLE[seat] if seat != human else None
        decision = Decision(
            verdict,
            PEOPLE[human],
            activity=self.press,
            at=NOON,
            acting_for=seat if giver else "",
            **{"revision": self.revision, **more},
        )
        return self.do(self.stores.gates.claim(self.gate, decision, giver=giver))

    @rule(human=person)
    def approve(self, human: str) -> None:
        self.vote(human, None, "approve")

    @rule(human=person, giver=person)
    def approve_for(self, human: str, giver: str) -> None:
        self.vote(human, giver, "approve")

    @rule(human=person, seat=st.none() | person, verdict=st.sampled_from(["approve", "reject", "reject", "respond"]))
    def vote(self, human: str, seat: str | None, verdict: str) -> None:
        seat = seat or human
        claim = self.claim(verdict, human, seat)
        if self.state != "open":
            assert isinstance(claim, Lost)
        elif verdict == "reject" and human == ASKER and PEOPLE[seat].tenant == "acme":
            assert isinstance(claim, Won)
            self.state, self.verdict = "decided", "reject"
        elif not self.may(human, seat, self.here()) or self.taken(human, seat):
            assert isinstance(claim, Lost)
        else:
            self.counted(claim, Ballot(human, seat, self.here(), verdict == "approve"), verdict)

    def counted(self, claim: Any, ballot: Ballot, verdict: str) -> None:
        veto = self.gate.stages[ballot.stage].veto
        self.ballots.append(ballot)
        if verdict == "respond" or (verdict == "reject" and (veto or self.hopeless())):
            self.state, self.verdict = "decided", verdict
        else:
            self.settle(verdict)
        assert isinstance(claim, Won if self.state == "decided" else Counted)

    @precondition(lambda self: self.number < 4)
    @rule(human=person, seat=st.none() | person)
    def edit(self, human: str, seat: str | None) -> None:
        seat = seat or human
        claim = self.claim("edit", human, seat, inputs={"n": self.number + 1})
        tenant = {PEOPLE[human].tenant, PEOPLE[seat].tenant} == {"acme"}
        if self.state != "open" or not tenant or (human != ASKER and not self.may(human, seat, self.here())):
            assert isinstance(claim, Lost)
            return
        self.number += 1
        self.revision += 1
        self.ballots = []
        first = [n for n in range(len(self.gate.stages)) if self.may(human, seat, n)][:1]
        self.ballots += [Ballot(human, seat, stage, True) for stage in first]
        self.settle("edit")
        assert isinstance(claim, Won if self.state == "decided" else Counted)

    @rule(human=person)
    def vote_from_an_old_card(self, human: str) -> None:
        assert isinstance(self.claim("approve", human, human, revision=self.revision - 1), Lost)

    @rule(human=person)
    def claim_another_action(self, human: str) -> None:
        seen, self.gate = self.gate, replace(self.gate, parameters={"n": "forged"})
        claim = self.claim("approve", human, human)
        self.gate = seen
        assert isinstance(claim, Lost)

    @precondition(lambda self: self.press)
    @rule()
    def press_again(self) -> None:
        kept = self.do(self.stores.gates.get("acme", "g"))
        before = next((one for one in kept.votes if one.activity == self.press), None)
        if before is not None:
            claim = self.do(self.stores.gates.claim(kept, replace(before, revision=1)))
            assert isinstance(claim, Won | Counted)

    @rule(to=st.sampled_from([*["paused", "open"] * 6, "superseded", "cancelled"]))
    def move(self, to: Any) -> None:
        allowed = {
            "open": {"open", "paused", "superseded", "cancelled"},
            "paused": {"open", "paused", "superseded", "cancelled"},
            "decided": set() if self.begun else {"superseded"},
        }.get(self.state, {self.state})
        try:
            moved = self.do(self.stores.gates.move(self.gate, to, by="clock", at=NOON))
        except GateMoved:
            assert to not in allowed
        else:
            assert to in allowed
            assert moved.state == to
            self.state = to

    @rule(policy=st.sampled_from(["p", "p", "q"]), version=st.sampled_from(["1", "1", "2"]), by=st.sampled_from("xy"))
    def begin(self, policy: str, version: str, by: str) -> None:
        found = self.do(self.stores.gates.ready(self.gate, policy=policy, target_version=version, activity=by))
        approved = self.state == "decided" and self.verdict in ("approve", "edit")
        if self.begun:
            assert isinstance(found, Ready if by == self.begun else Conflict)
        elif approved and (policy, version) == ("p", "1"):
            assert isinstance(found, Ready)
            assert not found.again
            self.begun = by
        else:
            assert isinstance(found, Conflict)

    # What has to be so after every step.

    @invariant()
    def the_gate_is_as_the_ballots_say(self) -> None:
        if not hasattr(self, "gate"):
            return
        self.gate = gate = self.do(self.stores.gates.get("acme", "g"))
        assert (gate.state, gate.revision, gate.parameters) == (self.state, self.revision, {"n": self.number})
        assert gate.begun == self.begun
        decided = gate.decision.verdict if gate.decision else ""
        assert decided == self.verdict
        if self.state in ("open", "paused"):
            assert gate.stage == self.here()

    @invariant()
    def an_inbox_shows_the_gate_to_those_who_can_act_and_nobody_else(self) -> None:
        if not hasattr(self, "gate"):
            return
        for id, who in PEOPLE.items():
            shown = bool(self.do(self.stores.gates.inbox(who, at=NOON)))
            assert shown == (self.state == "open" and self.may(id, id, self.here()) and not self.taken(id, id))

    @invariant()
    def the_log_is_whole_and_says_who_decided_once(self) -> None:
        if not hasattr(self, "gate"):
            return
        assert isinstance(self.do(self.stores.audit.verify("acme")), Verified)
        said = [entry.what for entry in self.do(self.stores.audit.entries("acme"))]
        assert said.count("gate.decided") == (1 if self.verdict else 0)
        assert said.count("gate.begun") == (1 if self.begun else 0)
        assert said.count("gate.voted") == len(self.gate.votes)


class StoredGateMachine(GateMachine):
    """The same on SQLite."""

    kind = "sqlite"


SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
STEPS = settings(stateful_step_count=25, deadline=None, suppress_health_check=SLOW)
TestGateInMemory = GateMachine.TestCase
TestGateInMemory.settings = settings(STEPS, max_examples=80)
TestGateOnSqlite = StoredGateMachine.TestCase
TestGateOnSqlite.settings = settings(STEPS, max_examples=5)
