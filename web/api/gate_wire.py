"""The shapes of gates on the wire: what waits, why for you, who voted, and what you send to decide."""

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, Field

from conversation.gates import Decision, Gate, GateState, Risk, Verdict
from conversation.gates.batch import MOST, seal_of
from conversation.gates.delegation import stands_in
from conversation.gates.inbox import InboxItem
from conversation.principal import Principal
from web.api.wire import Id, InputShape, Object, Words, address

_DIGEST = "The digest that you saw; another one by now refuses the decision."
_REVISION = "The revision that you saw; 0 takes the gate as it stands when the request comes."


class DecisionIn(InputShape):
    """A verdict on a gate. To change the action send `edit` with all its values in `inputs.parameters`."""

    verdict: Verdict
    reason: Words = Field(default="", max_length=2_000)
    inputs: Object = Field(default={})
    digest: Words = Field(default="", max_length=100, description=_DIGEST)
    revision: int = Field(default=0, ge=0, description=_REVISION)
    id: Id = ""


class ChosenIn(InputShape):
    """A gate as you saw it."""

    gate: Id
    digest: Words = Field(max_length=100)
    revision: int = Field(ge=1)

    @property
    def seal(self) -> str:
        """The seal that this gate had."""
        return seal_of(self.gate, self.digest, self.revision)


class BatchIn(InputShape):
    """One verdict on several gates of low risk; each is checked and decided by itself."""

    verdict: Literal["approve", "reject"]
    gates: list[ChosenIn] = Field(min_length=1, max_length=MOST)
    reason: Words = Field(default="", max_length=2_000)
    id: Id = ""


class DecisionOut(BaseModel):
    """What was decided, by whom, why and when."""

    verdict: Verdict
    by: str
    reason: str
    at: str


class VoteOut(DecisionOut):
    """A vote: `stage` and `revision` say on what; `acting_for` in whose place."""

    stage: int
    revision: int
    acting_for: str = ""
    channel: str = ""


class StageOut(BaseModel):
    """The stage that waits, of how many: who decides it, and how many approvals it takes."""

    number: int
    of: int
    name: str = ""
    deciders: str
    needed: int
    approvals: int


class GateOut(BaseModel):
    """A decision that a run waits for. `verdicts` are those that you may give; without a `why` you can't act now."""

    id: str
    run: str
    flow: str
    title: str
    reason: str
    parameters: dict[str, Any]
    digest: str
    revision: int
    asked_by: str
    created_at: str
    state: GateState
    risk: Risk
    why: str = Field(default="", description="Why it waits for you: named, by a role or group, for somebody else.")
    since: str = Field(default="", description="When it came to you.")
    due: str = Field(default="", description="When it is due; empty where it never is.")
    batchable: bool = Field(default=False, description="Whether it may be decided together with others.")
    stage: StageOut
    votes: list[VoteOut] = []
    verdicts: list[Verdict]
    target: str = ""
    page: str = Field(description="Address of its page in the browser; gates of high risk are decided only there.")
    decision: DecisionOut | None = None


class GatesOut(BaseModel):
    """Gates, oldest first; `next` is the address of the page after this one, empty on the last."""

    gates: list[GateOut]
    next: str = ""


def page_of(gate: Gate) -> str:
    """The address of a gate's page."""
    return address("approvals", gate.id).removeprefix("/v1")


def gate_out(gate: Gate, who: Principal, item: InboxItem | None, givers: Sequence[Principal] = ()) -> GateOut:
    """A gate for the wire; `item` is what the inbox says of it, None where this person can't act on it now."""
    made = gate.decision
    return GateOut(
        id=gate.id,
        run=gate.run,
        flow=gate.flow,
        title=gate.title,
        reason=gate.reason,
        parameters=gate.parameters,
        digest=gate.digest,
        revision=gate.revision,
        asked_by=gate.asked_by.name,
        created_at=gate.created_at,
        state=gate.state,
        risk=gate.risk,
        why=item.why if item else "",
        since=item.since if item else "",
        due=gate.due_at,
        batchable=item.batchable if item else False,
        stage=_stage(gate),
        votes=[_vote(vote) for vote in gate.votes],
        verdicts=verdicts(gate, who, givers),
        target=gate.target,
        page=page_of(gate),
        decision=_decision(made) if made is not None else None,
    )


def verdicts(gate: Gate, who: Principal, givers: Sequence[Principal] = ()) -> list[Verdict]:
    """What this person may say of it now, by their own right or that of somebody who delegated it.

    Only what has a schema can be edited.
    """
    if gate.decision is not None or gate.state != "open":
        return []
    possible = (verdict for verdict in gate.allowed if verdict != "edit" or gate.schema)
    return [verdict for verdict in possible if not gate.why_not(who, verdict) or stands_in(gate, who, verdict, givers)]


def _stage(gate: Gate) -> StageOut:
    here = [vote for vote in gate.votes if (vote.stage, vote.revision) == (gate.stage, gate.revision)]
    return StageOut(
        number=min(gate.stage, len(gate.steps) - 1) + 1,
        of=len(gate.steps),
        name=gate.current.name,
        deciders=gate.current.deciders.words,
        needed=gate.current.needed,
        approvals=sum(vote.verdict in ("approve", "edit") for vote in here),
    )


def _vote(vote: Decision) -> VoteOut:
    told = _decision(vote).model_dump()
    return VoteOut(
        **told, stage=vote.stage + 1, revision=vote.revision, acting_for=vote.acting_for, channel=vote.channel
    )


def _decision(made: Decision) -> DecisionOut:
    return DecisionOut(verdict=made.verdict, by=made.by.name, reason=made.reason, at=made.at)
