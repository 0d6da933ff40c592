"""The life of a gate, as pure functions: votes, edits, pauses, the beginning of the effect. The stores only keep it."""

from dataclasses import replace
from datetime import UTC, datetime

from conversation.errors import PersonError
from conversation.gates.canonical import NotCanonical, digest
from conversation.gates.model import Decision, Gate, GateState, Revision
from conversation.gates.port import Claim, Clash, Conflict, Counted, GateMoved, Lost, Ready, Terms, Won
from conversation.gates.tally import needed, reachable, voter_of, votes_on
from conversation.principal import Principal

STEPS: dict[GateState, tuple[GateState, ...]] = {
    "open": ("paused", "superseded", "cancelled"),
    "paused": ("open", "superseded", "cancelled"),
    "decided": ("superseded",),  # only before its effect has begun
    "superseded": (),
    "cancelled": (),
}
_CLOSED = {
    "paused": "This request has expired and waits to be reopened.",
    "superseded": "This request was replaced by another one.",
    "cancelled": "This request was taken back.",
}


def count(standing: Gate, seen: Gate, vote: Decision, giver: Principal | None = None) -> Claim:
    """What becomes of a vote. The gate changes only where it is `Won` or `Counted` for the first time.

    Raises PersonError for an edit whose values JSON can't keep exactly.
    """
    if (again := _again(standing, vote)) is not None:
        return again
    if (refused := _refused(standing, seen, vote, giver)) is not None:
        return refused
    if vote.verdict == "edit" and _changes(standing, vote):
        return _edit(standing, vote, giver)
    if vote.verdict == "reject" and vote.by.id == standing.asked_by.id:
        return _decide(standing, vote)
    if why_not := standing.why_no_approval(vote.by, giver):
        return Lost(standing, "refused", why_not)
    return _cast(standing, vote)


def _refused(standing: Gate, seen: Gate, vote: Decision, giver: Principal | None) -> Lost | None:
    """Why a vote can't count, whatever it says."""
    if standing.state != "open":
        return Lost(standing, "closed", _closed(standing))
    if vote.revision != standing.revision or seen.digest != standing.digest:
        return Lost(standing, "revised", "What would run has changed since this card was shown.")
    if vote.acting_for != (giver.id if giver else ""):
        return Lost(standing, "refused", "A vote for somebody else needs their right.")
    why_not = standing.why_not(vote.by, vote.verdict, giver)
    return Lost(standing, "refused", why_not) if why_not else None


def _changes(gate: Gate, edit: Decision) -> bool:
    """Whether an edit changes anything; one that does not is an approval."""
    try:
        return digest(edit.inputs) != digest(gate.parameters)
    except NotCanonical as error:
        raise PersonError(str(error), unchanged="The request is still open.") from error


def _again(standing: Gate, vote: Decision) -> Claim | None:
    """The claim of the same press before, if there was one."""
    if not vote.activity:
        return None
    if standing.decision is not None and standing.decision.activity == vote.activity:
        return Won(standing)
    return Counted(standing) if any(before.activity == vote.activity for before in standing.votes) else None


def _closed(gate: Gate) -> str:
    if gate.decision is not None:
        return f"{gate.decision.by.name} decided this already."
    return _CLOSED.get(gate.state, "This request is not open.")


def _cast(gate: Gate, vote: Decision) -> Claim:
    if (voter := voter_of(gate, vote)) is not None:
        who = "You" if voter.by.id == vote.by.id else voter.by.name
        place = " in your place" if voter.acting_for == vote.by.id else ""
        return Lost(gate, "voted", f"{who} voted already{place}; one vote a person counts.")
    vote = replace(vote, stage=gate.stage)
    if vote.verdict == "respond" or (vote.verdict == "reject" and gate.current.veto):
        return _decide(gate, vote)
    gate = replace(gate, votes=(*gate.votes, vote))
    if vote.verdict == "reject":
        return Counted(gate) if reachable(gate) else Won(replace(gate, state="decided", decision=vote))
    return _advance(gate, vote)


def _decide(gate: Gate, vote: Decision) -> Won:
    vote = replace(vote, stage=gate.stage)
    return Won(replace(gate, state="decided", decision=vote, votes=(*gate.votes, vote)))


def _advance(gate: Gate, vote: Decision) -> Won | Counted:
    """Go through every stage that has enough approvals; past the last one the gate is decided."""
    while gate.stage < len(gate.steps) and len(votes_on(gate, approvals=True)) >= needed(gate):
        gate = replace(gate, stage=gate.stage + 1)
    if gate.stage < len(gate.steps):
        return Counted(gate)
    return Won(replace(gate, stage=len(gate.steps) - 1, state="decided", decision=vote))


def _edit(gate: Gate, vote: Decision, giver: Principal | None) -> Won | Counted:
    """A new revision, from the first stage on. It is the editor's approval too, where they may approve."""
    first = Revision(1, gate.parameters, gate.asked_by.id, gate.created_at)
    number = gate.revision + 1
    revised = Revision(number, vote.inputs, vote.by.id, vote.at)
    vote = replace(vote, revision=number, stage=gate.stage)
    gate = replace(
        gate,
        parameters=vote.inputs,
        revision=number,
        revisions=(*(gate.revisions or (first,)), revised),
        stage=0,
    )
    own = gate.asked_by.id in (vote.by.id, vote.acting_for) and not gate.self_approval
    stage = next((n for n, step in enumerate(gate.steps) if step.include(giver or vote.by)), None)
    if own or stage is None:
        return Counted(replace(gate, votes=(*gate.votes, replace(vote, stage=-1))))
    vote = replace(vote, stage=stage)
    return _advance(replace(gate, votes=(*gate.votes, vote)), vote)


def move(standing: Gate, seen: Gate, to: GateState) -> Gate:
    """The gate in another state. Raises GateMoved where its life has no such step, or it is not as it was seen."""
    if standing.state == to:
        return standing
    if to not in STEPS[standing.state] or standing.begun:
        raise GateMoved(standing, f"This request is {standing.state}, so it can't become {to}.")
    if standing.state != seen.state or _terms(standing) != _terms(seen):
        raise GateMoved(standing)
    return replace(standing, state=to)


def amend(standing: Gate, seen: Gate, changes: Terms) -> Gate:
    """The gate with other terms; its votes stand. Raises GateMoved where it is over, or not as it was seen."""
    if standing.state not in ("open", "paused"):
        raise GateMoved(standing, _closed(standing))
    if _terms(standing) != _terms(seen):
        raise GateMoved(standing)
    stages = list(changes.get("stages", standing.stages))
    if "electorate" in changes:
        stages = stages or list(standing.steps)
        at = min(standing.stage, len(stages) - 1)
        stages[at] = replace(stages[at], electorate=changes["electorate"])
    return replace(
        standing,
        stages=tuple(stages),
        remind_at=changes.get("remind_at", standing.remind_at),
        escalate_at=changes.get("escalate_at", standing.escalate_at),
        due_at=changes.get("due_at", standing.due_at),
        evidence=changes.get("evidence", standing.evidence),
        asides=changes.get("asides", standing.asides),
    )


def _terms(gate: Gate) -> tuple[object, ...]:
    return gate.stages, gate.remind_at, gate.escalate_at, gate.due_at, gate.evidence, gate.asides


def begin(standing: Gate, seen: Gate, *, policy: str, target_version: str, activity: str = "") -> Ready | Conflict:
    """Whether the effect of an approved gate may begin now, as this activity; the gate of `Ready` is marked."""
    decision = standing.decision
    activity = activity or (seen.decision.activity if seen.decision else "")
    if standing.state != "decided" or decision is None or decision.verdict not in ("approve", "edit"):
        verdict = decision.verdict if decision and standing.state == "decided" else standing.state
        return Conflict(standing, "state", "approve", verdict)
    if seen.digest != standing.digest:
        return Conflict(standing, "action", seen.digest, standing.digest)
    if standing.begun:
        same = standing.begun == activity
        return Ready(standing, again=True) if same else Conflict(standing, "begun", activity, standing.begun)
    checks: tuple[tuple[Clash, str, str], ...] = (
        ("policy", standing.policy, policy),
        ("target", standing.target_version, target_version),
    )
    for why, expected, found in checks:
        if expected != found:
            return Conflict(standing, why, expected, found)
    if not activity:
        raise ValueError("an effect is begun by an activity, by which it is known after a crash")
    return Ready(replace(standing, begun=activity))


def waits_for(gate: Gate, who: Principal, giver: Principal | None = None) -> bool:
    """Whether this person can act on the gate now: it is open, takes their vote, and has none of them yet."""
    own = gate.asked_by.id in (who.id, (giver or who).id) and not gate.self_approval
    if gate.state != "open" or own or all(gate.why_not(who, verdict, giver) for verdict in gate.allowed):
        return False
    return (
        voter_of(gate, Decision("approve", who, acting_for=giver.id if giver else "", revision=gate.revision)) is None
    )


def next_time(gate: Gate) -> str:
    """When something has to be done about an open gate next: a reminder, an escalation, the expiry; empty for never."""
    times = [instant(time) for time in (gate.remind_at, gate.escalate_at, gate.due_at) if time]
    return min(times, default="") if gate.state == "open" else ""


def instant(time: str) -> str:
    """A time in UTC with microseconds, so that times compare as text. Raises ValueError for what is none."""
    parsed = datetime.fromisoformat(time)
    parsed = parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    return parsed.isoformat(timespec="microseconds")
