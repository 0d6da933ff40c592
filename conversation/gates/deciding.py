"""Gates in a turn: a copy for everybody who may decide, one decision, every copy brought to the same state."""

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from conversation import notices
from conversation.activity import CardAction
from conversation.card import Button, Card, Text
from conversation.channel import Delivery
from conversation.directory import Directory
from conversation.errors import NotAllowed, PersonError, QuilluxError
from conversation.gates import VERDICTS, Claim, Counted, Decision, Gate, Gates, Lost, Won
from conversation.principal import ConversationRef, Principal
from conversation.run import Run, Runs

log = logging.getLogger(__name__)

REASON_LIMIT = 1_000

_SPOKEN = re.compile(
    r"\s*(?P<verdict>approve|reject)(?P<past>d|ed)?(?:\s+(?:it|this|that|please))*"
    r"\s*(?:[:,.!–—-]+\s*(?P<reason>.*)|(?P<because>because\b.*)|(?P<more>\b.+))?$",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Spoken:
    """A verdict in words. `clear` is false where more was said than that, so a button must decide."""

    verdict: str
    reason: str
    clear: bool


def spoken_verdict(text: str) -> Spoken | None:
    """What “approve” or “reject: too expensive” says; None for other words, “approved orders by month” among them."""
    found = _SPOKEN.match(text)
    if found is None or (found["past"] and found["more"]):
        return None
    return Spoken(found["verdict"].lower(), found["reason"] or found["because"] or "", not found["more"])


class Deciding:
    """Opens and decides gates; the rules of who may stand in `Gate.why_not`."""

    def __init__(
        self, gates: Gates, runs: Runs, delivery: Delivery, directory: Directory, now: Callable[[], str]
    ) -> None:
        self._gates = gates
        self._runs = runs
        self._delivery = delivery
        self._directory = directory
        self._now = now

    async def open(self, gate: Gate, card: Card, run: Run, key: str) -> None:
        """Record the gate and show its card: to the asker in place, to whoever may decide where they can be reached."""
        gate = await self._gates.open(gate)
        if gate.decision is not None:
            card = notices.decided(gate)
        await self._delivery.show(run.tenant, run.where, card, key=key)
        await self._delivery.join(run.tenant, key, gate.id)
        for who, where in await self._directory.reach(gate.tenant, gate.roles):
            if where.key != run.where.key and not gate.why_not(who, "approve"):
                await self._copy(gate, card, where)

    async def _copy(self, gate: Gate, card: Card, where: ConversationRef) -> None:
        """One more copy; somebody who can't be reached keeps nobody else from being asked."""
        try:
            await self._delivery.show(gate.tenant, where, card, key=f"{gate.id}@{where.key}", topic=gate.id)
        except QuilluxError as unreachable:
            log.warning("copy not shown", extra={"gate": gate.id, "why": str(unreachable)})

    async def show(self, press: CardAction, who: Principal) -> None:
        """One more copy of a gate's card, where somebody asks for it; it changes with all the others."""
        gate = await self._gates.get(who.tenant, str(press.payload.get("gate", "")))
        run = await self._runs.get(who.tenant, gate.run) if gate else None
        if gate is None or run is None or (gate.why_not(who, "approve") and gate.asked_by.id != who.id):
            raise NotAllowed("This request is not known.", next_step="It may belong to another organisation.")
        card = notices.decided(gate) if gate.decision else run.card or Card((Text(gate.title, "heading"),))
        alone = "" if press.where.personal else press.sender.user
        key = f"{gate.id}@{press.id}"
        await self._delivery.show(gate.tenant, press.where, card, key=key, topic=gate.id, only_for=alone)

    async def open_in(self, tenant: str, where: ConversationRef) -> Sequence[Gate]:
        """Open gates whose card was shown in this place."""
        gates = await self._gates.waiting(tenant)
        return [gate for gate in gates if await self._delivery.shown_in(tenant, gate.id, where)]

    def which(self, gates: Sequence[Gate], said: Spoken) -> Card:
        """Asks which of the open gates is meant."""
        buttons = tuple(
            Button(
                gate.title,
                "gate.decide",
                {"gate": gate.id, "verdict": said.verdict, "reason": said.reason[:REASON_LIMIT]},
            )
            for gate in gates[:5]
        )
        return Card((Text(f"Which request do you want to {said.verdict}?"),), alternatives=buttons)

    async def may_see(self, run: Run, who: Principal) -> bool:
        """Whether this person may decide something that the run waits for, and so may see what it is."""
        return any(not gate.why_not(who, "approve") for gate in await self._gates.waiting(run.tenant, run.id))

    async def awaited(self, run: Run) -> bool:
        """Whether the run waits for a decision."""
        return bool(await self._gates.waiting(run.tenant, run.id))

    async def decide(self, press: CardAction, who: Principal) -> Won | None:
        """Claim the gate for this press. None when somebody else decided first, which the person is told."""
        claim = await self.claim(press, who)
        if isinstance(claim, Counted):
            card = notices.notice("Your vote counts; others still have to approve.")
            await self._tell(press, claim.gate, card)
        if isinstance(claim, Lost):
            await self._tell_late(press, claim)
        return claim if isinstance(claim, Won) else None

    async def claim(self, press: CardAction, who: Principal) -> Claim:
        """Claim the gate for this press and bring every copy to one state; the person is told nothing.

        Raises NotAllowed and PersonError for a press that may not decide it.
        """
        gate = await self._gates.get(who.tenant, str(press.payload.get("gate", "")))
        if gate is None:
            raise NotAllowed("This request is not known.", next_step="It may belong to another organisation.")
        decision = self._decision(press, who)
        if why_not := gate.why_not(who, decision.verdict):
            raise NotAllowed(why_not, unchanged="" if gate.decision else "The request is still open.")
        claim = await self._gates.claim(gate, decision)
        if isinstance(claim, Lost) and claim.gate.decision is None:
            raise NotAllowed(claim.words, unchanged="Nothing was decided.", next_step="Look at the request again.")
        if claim.gate.decision is not None:
            await self._delivery.converge(gate.tenant, gate.id, notices.decided(claim.gate))
        return claim

    def _decision(self, press: CardAction, who: Principal) -> Decision:
        verdict = next((verdict for verdict in VERDICTS if verdict == press.payload.get("verdict")), None)
        if verdict is None:
            raise PersonError("This button carries no decision.", unchanged="The request is still open.")
        reason = str(press.inputs.get("reason") or press.payload.get("reason") or "").strip()
        if len(reason) > REASON_LIMIT:
            raise PersonError(
                f"The reason has {len(reason):,} characters; up to {REASON_LIMIT:,} are kept.",
                unchanged="The request is still open.",
                next_step="Shorten it and decide again.",
            )
        # A card that names no revision is as old as the request.
        seen = press.payload.get("revision")
        revision = seen if isinstance(seen, int) and not isinstance(seen, bool) else 1
        return Decision(verdict, who, reason, {}, press.id, self._now(), press.where.channel, revision=revision)

    async def _tell_late(self, press: CardAction, claim: Lost) -> None:
        decision = claim.gate.decision
        who = decision.by.name if decision else "somebody"
        card = notices.notice(f"{who} decided this already, so your press changed nothing.")
        await self._tell(press, claim.gate, card)

    async def _tell(self, press: CardAction, gate: Gate, card: Card) -> None:
        key = f"{press.id}:told"
        await self._delivery.show(gate.tenant, press.where, card, key=key, only_for=press.sender.user)
