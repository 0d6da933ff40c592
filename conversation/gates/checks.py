"""What stands between a press and a vote: is it a verdict, on this form of the action, with what its risk asks for?"""

from collections.abc import Mapping
from typing import TypeAlias

from conversation.activity import CardAction, readable
from conversation.codec import Json, JsonObject
from conversation.errors import NotAllowed, OperatorError, PersonError
from conversation.gates.cards import REASON_LIMIT
from conversation.gates.ceremony import Ceremony
from conversation.gates.form import PREFIX, read
from conversation.gates.model import VERDICTS, Gate, Verdict
from conversation.principal import Principal

OPEN = "The request is still open."
Faults: TypeAlias = tuple[tuple[str, str], ...]


class ReasonNeeded(PersonError):
    """The verdict takes a reason, and none was given."""

    def __init__(self, gate: Gate, verdict: Verdict) -> None:
        super().__init__("This needs a reason.", unchanged=OPEN, next_step="Say why, then decide again.")
        self.gate = gate
        self.verdict = verdict


class Elsewhere(NotAllowed):
    """The verdict counts only in the browser, after a fresh sign-in."""

    def __init__(self, gate: Gate) -> None:
        super().__init__(
            "This is of high risk, so it is decided in the browser, after a fresh sign-in.",
            unchanged=OPEN,
            next_step="Open its page there.",
        )
        self.gate = gate


class Unfitting(PersonError):
    """An edit does not fit the action's schema; `typed` is all that was typed, so that nothing is lost."""

    def __init__(self, gate: Gate, faults: Faults, typed: JsonObject) -> None:
        told = "; ".join(f"{field}: {words}" if field else words for field, words in faults)
        super().__init__(f"{told}.", unchanged=OPEN, next_step="Correct it and send it again.")
        self.gate = gate
        self.faults = faults
        self.typed = typed


def verdict_of(press: CardAction) -> Verdict:
    """The verdict that a button carries. Raises PersonError for none of ours."""
    given = press.payload.get("verdict")
    verdict = next((verdict for verdict in VERDICTS if verdict == given), None)
    if verdict is None:
        raise PersonError("This button carries no decision.", unchanged=OPEN)
    return verdict


def words_of(value: object, noun: str = "reason") -> str:
    """What was typed, as a person sees it. Raises PersonError for more than is kept."""
    words = readable(value) if isinstance(value, str) else ""
    if len(words) > REASON_LIMIT:
        raise PersonError(
            f"The {noun} has {len(words):,} characters; up to {REASON_LIMIT:,} are kept.",
            unchanged=OPEN,
            next_step="Shorten it and send it again.",
        )
    return words


def given_before(gate: Gate, press: CardAction) -> bool:
    """Whether this very press was counted already, so that it is checked no more."""
    votes = (*gate.votes, *((gate.decision,) if gate.decision else ()))
    return any(vote.activity == press.id for vote in votes)


def seen(gate: Gate, press: CardAction, who: Principal) -> int:
    """The revision that the pressed card showed.

    A button without a revision is one of the action as it was asked. Raises NotAllowed where the action is another by
    now, or the card was made for somebody else.
    """
    meant = press.payload.get("for", who.id)
    if meant != who.id:
        raise NotAllowed("This confirmation was made for somebody else.", unchanged=OPEN)
    revision, digest = press.payload.get("revision", 1), press.payload.get("digest", gate.digest)
    if type(revision) is not int or revision != gate.revision or digest != gate.digest:
        raise changed()
    return revision


def changed() -> NotAllowed:
    """The action is not any more what the person saw."""
    return NotAllowed(
        "What would run has changed since this card was shown.",
        unchanged="Nothing was decided and nothing was run.",
        next_step="Look at the card as it is now, then decide.",
    )


async def risk(gate: Gate, verdict: Verdict, reason: str, press: CardAction, who: Principal, by: Ceremony) -> None:
    """What the gate's risk asks for. Raises ReasonNeeded and Elsewhere; whoever asked may take it back without."""
    if own(gate, verdict, who):
        return
    if gate.risk == "high" and (by.proofs is None or not await by.proofs.covers(who, gate, press.id)):
        raise Elsewhere(gate)
    reasoned(gate, verdict, reason, who)


def own(gate: Gate, verdict: Verdict, who: Principal) -> bool:
    """Whether somebody takes back what they asked for, which needs no ceremony."""
    return verdict == "reject" and who.id == gate.asked_by.id


def reasoned(gate: Gate, verdict: Verdict, reason: str, who: Principal) -> None:
    """Whether the reason that is needed was given. Raises ReasonNeeded."""
    if not reason and not own(gate, verdict, who) and (verdict == "reject" or gate.risk != "low"):
        raise ReasonNeeded(gate, verdict)


def edited(gate: Gate, typed: Mapping[str, Json], by: Ceremony) -> JsonObject:
    """The new parameters in their JSON types. Raises Unfitting, and OperatorError where nothing can check them.

    They come from a form, a field each, or as a whole under `parameters`.
    """
    if by.schemas is None or not gate.schema:
        raise OperatorError("Changes can't be checked here, so none are taken.", unchanged=OPEN)
    given = {name: value for name, value in typed.items() if name.startswith(PREFIX) or name == "reason"}
    whole = typed.get("parameters")
    values, faults = (whole, []) if isinstance(whole, dict) else read(gate.schema, gate.parameters, given)
    faults = faults or list(by.schemas.faults(gate.schema, values))
    if faults:
        raise Unfitting(gate, tuple(faults), given)
    return values
