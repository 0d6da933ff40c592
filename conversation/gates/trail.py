"""What the audit log says of each change of a gate."""

from conversation.audit import Note
from conversation.codec import JsonObject
from conversation.gates.model import Decision, Gate, GateState
from conversation.gates.port import Conflict

_MOVED: dict[GateState, str] = {
    "open": "gate.reopened",
    "paused": "gate.expired",
    "superseded": "gate.superseded",
    "cancelled": "gate.cancelled",
}


def opened(gate: Gate, channel: str) -> Note:
    """A gate was opened, with the digest of what it asks for."""
    detail: JsonObject = {
        "flow": gate.flow,
        "run": gate.run,
        "title": gate.title,
        "digest": gate.digest,
        "policy": gate.policy,
        "target": gate.target,
        "target_version": gate.target_version,
        "risk": gate.risk,
        "deciders": [stage.deciders.words for stage in gate.steps],
        "quorum": [stage.quorum for stage in gate.steps],
        "self_approval": gate.self_approval,
    }
    return Note(gate.created_at, gate.asked_by.id, "gate.opened", gate.id, detail, channel)


def voted(before: Gate, after: Gate) -> tuple[Note, ...]:
    """A vote was counted; and the gate was decided, where it was the last that was needed."""
    vote = after.votes[-1]
    detail: JsonObject = {
        "verdict": vote.verdict,
        "reason": vote.reason,
        "stage": vote.stage,
        "revision": vote.revision,
        "digest": after.digest,
        "activity": vote.activity,
    }
    if after.revision != before.revision:
        detail["digest_before"] = before.digest
    said = _of(vote, "gate.voted", after, detail)
    if after.decision is None:
        return (said,)
    votes = sum(one.revision == after.revision for one in after.votes)
    end: JsonObject = {"verdict": after.decision.verdict, "digest": after.digest, "votes": votes}
    return said, _of(vote, "gate.decided", after, end)


def moved(gate: Gate, *, by: str, at: str, reason: str, channel: str) -> Note:
    """A gate came into another state."""
    return Note(at, by, _MOVED[gate.state], gate.id, {"reason": reason}, channel)


def amended(before: Gate, after: Gate, *, by: str, at: str, note: str, channel: str) -> Note:
    """The terms of a gate were changed."""
    names = ("remind_at", "escalate_at", "due_at")
    detail: JsonObject = {"note": note}
    detail |= {name: getattr(after, name) for name in names if getattr(before, name) != getattr(after, name)}
    if before.stages != after.stages:
        detail["deciders"] = [stage.deciders.words for stage in after.steps]
        detail["quorum"] = [stage.quorum for stage in after.steps]
    if before.asides != after.asides:
        detail["asides"] = len(after.asides)
    return Note(at, by, "gate.amended", after.id, detail, channel)


def begun(gate: Gate, at: str) -> Note:
    """The effect of a gate was begun."""
    return Note(at, _decider(gate), "gate.begun", gate.id, {"activity": gate.begun, "digest": gate.digest})


def clashed(conflict: Conflict, at: str) -> Note:
    """The effect of a gate was refused, because something had changed."""
    gate = conflict.gate
    detail: JsonObject = {"why": conflict.why, "expected": conflict.expected, "found": conflict.found}
    return Note(at, _decider(gate), "gate.conflict", gate.id, detail)


def _of(vote: Decision, what: str, gate: Gate, detail: JsonObject) -> Note:
    return Note(vote.at, vote.by.id, what, gate.id, detail, vote.channel, vote.acting_for)


def _decider(gate: Gate) -> str:
    return gate.decision.by.id if gate.decision else ""
