"""Several decisions with one press: each gate is checked and claimed by itself, as it stood when it was shown."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from conversation.activity import CardAction
from conversation.card import Button, Card, Element, Facts, Text
from conversation.codec import Json, JsonObject
from conversation.errors import NotAllowed, PersonError, QuilluxError
from conversation.gates.deciding import REASON_LIMIT, Deciding
from conversation.gates.inbox import batchable
from conversation.gates.model import Gate, Verdict
from conversation.gates.port import Counted, Gates, Won
from conversation.principal import Principal

MOST = 50
"""Gates of one batch."""
MEMORY = "inbox"
"""Where the memory of a run keeps which gate stands behind each seal that its card showed."""

Outcome = Literal["decided", "counted", "refused"]
_DONE: Mapping[Verdict, str] = {"approve": "Approved", "reject": "Rejected"}


@dataclass(frozen=True, slots=True)
class Chosen:
    """A gate as a person saw it."""

    gate: str
    seal: str


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one item, in words; `won` where this press decided it."""

    title: str
    outcome: Outcome
    words: str
    won: Won | None = None


def seal(gate: Gate) -> str:
    """Names a gate in exactly this form, in 22 characters: another after every edit, and for every other gate."""
    return seal_of(gate.id, gate.digest, gate.revision)


def seal_of(gate: str, digest: str, revision: int) -> str:
    """The seal of a gate's id, digest and revision."""
    whole = hashlib.sha256("\n".join((gate, digest, str(revision))).encode()).digest()
    return urlsafe_b64encode(whole[:16]).decode().rstrip("=")


class Batch:
    """Decides what was chosen. Done again for the same press, it gives the same."""

    def __init__(self, gates: Gates, deciding: Deciding) -> None:
        self._gates = gates
        self._deciding = deciding

    async def decide(self, press: CardAction, who: Principal, shown: JsonObject) -> Sequence[Told]:
        """Claim each chosen gate. `shown` maps seals to gates' ids for a card whose inputs hold seals alone.

        Raises PersonError where nothing may be claimed at all: no verdict, nothing chosen, too much, no reason.
        """
        verdict = _verdict(press)
        reason = str(press.inputs.get("reason") or "").strip()
        chosen = _chosen(press, shown)
        _check(chosen, verdict, reason)
        return [await self._one(press, who, one, verdict, reason) for one in chosen]

    async def _one(self, press: CardAction, who: Principal, one: Chosen, verdict: Verdict, reason: str) -> Told:
        gate = await self._gates.get(who.tenant, one.gate)
        if gate is None:
            return Told("Unknown request", "refused", "Not known: it may belong to another organisation.")
        if refused := _not_together(gate, one, press):
            return Told(gate.title, "refused", refused)
        payload: JsonObject = {
            "gate": gate.id,
            "verdict": verdict,
            "digest": gate.digest,
            "revision": gate.revision,
        }
        single = CardAction(press.id, press.where, press.sender, "gate.decide", payload, {"reason": reason})
        try:
            claim = await self._deciding.claim(single, who)
        except QuilluxError as why:
            return Told(gate.title, "refused", why.what)
        match claim:
            case Won():
                return Told(gate.title, "decided", _DONE[verdict], claim)
            case Counted():
                return Told(gate.title, "counted", "Your vote counts; others still have to decide.")
        return Told(gate.title, "refused", _late(claim.gate))


def card(told: Sequence[Told], run: str) -> Card:
    """What became of each item."""
    done = sum(one.outcome != "refused" for one in told)
    title = f"{done} of {len(told)} decided" if done < len(told) else f"All {done} decided" if done > 1 else "Decided"
    body: list[Element] = [Text(title, "heading"), Facts(tuple((one.title, one.words) for one in told))]
    if done < len(told):
        body.append(Text("What was not decided stands as it was.", "muted"))
    return Card(
        tuple(body), (Button("What still waits", "ask", {"text": "What waits for me?"}),), run=run, private=True
    )


def _verdict(press: CardAction) -> Verdict:
    match press.payload.get("verdict"):
        case "approve":
            return "approve"
        case "reject":
            return "reject"
    raise PersonError("Several requests can be approved or rejected together.", unchanged="Nothing was decided.")


def _chosen(press: CardAction, shown: JsonObject) -> Sequence[Chosen]:
    """What was ticked on a card, or what the payload names; each gate once. Raises PersonError for anything odd."""
    named, ticked = press.payload.get("chosen"), press.inputs.get("chosen")
    found = [_named(one) for one in named] if isinstance(named, list) else _ticked(ticked, shown)
    return list({one.gate: one for one in found}.values())


def _named(one: Json) -> Chosen:
    gate, kept = (one.get("gate"), one.get("seal")) if isinstance(one, dict) else (None, None)
    if not isinstance(gate, str) or not isinstance(kept, str):
        raise PersonError("What was chosen could not be read.", unchanged="Nothing was decided.")
    return Chosen(gate, kept)


def _ticked(ticked: Json, shown: JsonObject) -> list[Chosen]:
    seals = ticked if isinstance(ticked, list) else [ticked] if ticked else []
    gates = {one: shown.get(one) for one in seals if isinstance(one, str)}
    if len(gates) < len(seals) or not all(isinstance(gate, str) for gate in gates.values()):
        raise NotAllowed(
            "What was chosen is not what the card showed.",
            unchanged="Nothing was decided.",
            next_step="Ask “what waits for me?” and choose again.",
        )
    return [Chosen(str(gate), one) for one, gate in gates.items()]


def _check(chosen: Sequence[Chosen], verdict: Verdict, reason: str) -> None:
    unchanged = "Nothing was decided."
    if not chosen:
        raise PersonError("Nothing was chosen.", unchanged=unchanged, next_step="Choose what you mean, then decide.")
    if len(chosen) > MOST:
        what = f"{len(chosen):,} requests were chosen; up to {MOST} can be decided together."
        raise PersonError(what, unchanged=unchanged, next_step="Choose fewer.")
    if verdict == "reject" and not reason:
        raise PersonError("Say why you reject these: whoever asked reads it.", unchanged=unchanged)
    if len(reason) > REASON_LIMIT:
        what = f"The reason has {len(reason):,} characters; up to {REASON_LIMIT:,} are kept."
        raise PersonError(what, unchanged=unchanged, next_step="Shorten it and decide again.")


def _not_together(gate: Gate, one: Chosen, press: CardAction) -> str:
    """Why this gate can't be decided in a batch, or not in the form that was shown; empty when it can."""
    if gate.decision is not None and gate.decision.activity == press.id:
        return ""
    if gate.decision is not None or gate.state != "open":
        return _late(gate)
    if not batchable(gate):
        return f"Of {gate.risk} risk, so it is decided on its own." if gate.risk != "low" else "Decided on its own."
    return "" if one.seal == seal(gate) else "It has changed since it was shown. Look at it again."


def _late(gate: Gate) -> str:
    if gate.decision is not None:
        return f"{gate.decision.by.name} decided this already: {gate.decision.verdict}."
    return "It does not wait any more." if gate.state != "paused" else "It is paused: nobody decided it in time."
