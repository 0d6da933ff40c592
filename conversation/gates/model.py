"""The durable record of a decision to be made: one interrupt, one card, one winner."""

from dataclasses import dataclass, field
from typing import Literal

from conversation.card import Element
from conversation.codec import JsonObject, portable
from conversation.gates.canonical import digest
from conversation.gates.rules import Deciders, Stage
from conversation.principal import Principal

Verdict = Literal["approve", "edit", "reject", "respond"]
VERDICTS: tuple[Verdict, ...] = ("approve", "edit", "reject", "respond")
GateState = Literal["open", "decided", "paused", "superseded", "cancelled"]
"""`paused` is expired: nothing was decided, and it can be reopened. Only `open` takes votes."""
Risk = Literal["low", "medium", "high"]
"""The ceremony: a button, a button with a typed reason, the web canvas after a fresh sign-in."""


@portable
@dataclass(frozen=True, slots=True)
class Decision:
    """What one person said, and why: a vote, and where it decides the gate, its decision.

    `activity` is the id of the press: a retried turn is the same decision. `inputs` of an edit are the new parameters,
    with their JSON types. `stage` and `revision` say of what; `acting_for` names who delegated, empty where nobody did.
    """

    verdict: Verdict
    by: Principal
    reason: str = ""
    inputs: JsonObject = field(default_factory=dict)
    activity: str = ""
    at: str = ""
    channel: str = ""
    stage: int = 0
    revision: int = 1
    acting_for: str = ""


@portable
@dataclass(frozen=True, slots=True)
class Revision:
    """The action as it stood from `at` on, after somebody's edit."""

    number: int
    parameters: JsonObject
    by: str
    at: str


@portable
@dataclass(frozen=True, slots=True)
class Aside:
    """A question that a decider asks back of whoever asked, and their answer once there is one."""

    id: str
    by: Principal
    question: str
    at: str
    answer: str = ""
    answered_at: str = ""


@portable
@dataclass(frozen=True, slots=True)
class Gate:
    """A decision that a run waits for.

    `parameters` is the exact action in JSON; an approval of one `digest` can not run another. `interrupt` is
    LangGraph's id, by which alone the run is resumed. `stages` say who may decide; without any it is one person with
    one of `roles`. `schema` is the JSON schema (draft 2020-12) of `parameters` for those that may be edited. `target`
    names what the action changes and `target_version` how that stood when it was asked. Times are ISO 8601 in UTC; an
    empty one never comes. `evidence` is what the flow shows to the deciders, and `asides` are the questions that they
    asked back; neither belongs to the action. `votes` are all that were given, those on earlier revisions too.
    `begun` is the activity under which the effect of an approval was begun.
    """

    id: str
    tenant: str
    run: str
    flow: str
    interrupt: str
    title: str
    reason: str
    parameters: JsonObject
    asked_by: Principal
    roles: tuple[str, ...]
    policy: str
    allowed: tuple[Verdict, ...] = ("approve", "reject")
    self_approval: bool = False
    created_at: str = ""
    decision: Decision | None = None
    stages: tuple[Stage, ...] = ()
    risk: Risk = "low"
    schema: JsonObject = field(default_factory=dict)
    target: str = ""
    target_version: str = ""
    remind_at: str = ""
    escalate_at: str = ""
    escalate_to: Deciders = field(default_factory=Deciders)
    due_at: str = ""
    state: GateState = "open"
    stage: int = 0
    votes: tuple[Decision, ...] = ()
    revision: int = 1
    revisions: tuple[Revision, ...] = ()
    evidence: tuple[Element, ...] = ()
    asides: tuple[Aside, ...] = ()
    begun: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 in canonical JSON (RFC 8785) of what an approval is an approval of.

        That is the flow, the parameters, the version of the rules, and what it changes in which version.
        """
        return digest(
            {
                "flow": self.flow,
                "parameters": self.parameters,
                "policy": self.policy,
                "target": self.target,
                "target_version": self.target_version,
            }
        )

    @property
    def steps(self) -> tuple[Stage, ...]:
        """The stages; never empty."""
        return self.stages or (Stage(Deciders(roles=self.roles)),)

    @property
    def current(self) -> Stage:
        """The stage that waits; the last one when all are through."""
        return self.steps[min(self.stage, len(self.steps) - 1)]

    def at_revision(self, number: int) -> JsonObject:
        """The parameters as they stood in a revision; the standing ones for a number that is not known."""
        return next((one.parameters for one in self.revisions if one.number == number), self.parameters)

    def why_not(self, who: Principal, verdict: Verdict, giver: Principal | None = None) -> str:
        """Why this person may not give this verdict, by their own right or by that of `giver`; empty when they may.

        Whoever asked may take it back or change it; only with `self_approval` may they approve it.
        """
        if {who.tenant, (giver or who).tenant} != {self.tenant}:
            return "This request belongs to another organisation."
        if verdict not in self.allowed:
            return f"This request can't be answered with “{verdict}”."
        if who.id == self.asked_by.id and verdict in ("reject", "edit"):
            return ""
        return self.why_no_approval(who, giver)

    def why_no_approval(self, who: Principal, giver: Principal | None = None) -> str:
        """Why this person's approval would not count in the current stage; empty when it would."""
        seat = giver or who
        if self.asked_by.id in (who.id, seat.id) and not self.self_approval:
            return "You asked for this yourself, so somebody else has to approve it."
        if not self.current.include(seat):
            return f"Only {self.current.deciders.words} can decide this."
        return ""
