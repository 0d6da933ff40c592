"""What a decision needs first: an edit form, a reason, a confirmation, a question asked back and its answer.

Asking back decides nothing: the gate stays open, its times run on, and the answer is shown to everybody who decides.
"""

import logging
from collections.abc import Callable
from dataclasses import replace

from conversation.activity import CardAction, Message
from conversation.card import Card
from conversation.channel import Delivery
from conversation.codec import Json
from conversation.errors import NotAllowed, PersonError, QuilluxError
from conversation.gates import checks, questions
from conversation.gates.able import Able
from conversation.gates.copies import Copies
from conversation.gates.model import Aside, Gate, Verdict
from conversation.gates.port import GateMoved, Gates
from conversation.gates.spoken import Spoken
from conversation.principal import Principal
from conversation.run import Runs

log = logging.getLogger(__name__)

TRIES = 5
"""Times that a question is written down anew when others write at the same moment."""


class Asking:
    """Shows the cards of `questions` to one person, and carries questions to whoever asked."""

    def __init__(
        self, gates: Gates, runs: Runs, delivery: Delivery, copies: Copies, able: Able, now: Callable[[], str]
    ) -> None:
        self._able = able
        self._gates = gates
        self._runs = runs
        self._delivery = delivery
        self._copies = copies
        self._now = now

    async def handle(self, press: CardAction, who: Principal) -> None:
        """A press of `gate.open`, `gate.edit`, `gate.confirm`, `gate.ask` or `gate.answer`."""
        gate = await self.known(press.payload.get("gate"), who)
        match press.verb:
            case "gate.open":
                await self._open(press, gate, who)
            case "gate.edit":
                await self._may(gate, who, "edit")
                await self.show(press, gate, questions.form(gate), "form")
            case "gate.confirm":
                verdict, reason = checks.verdict_of(press), checks.words_of(press.payload.get("reason"))
                if verdict not in ("approve", "reject"):
                    raise PersonError("This button is not known any more.", unchanged=checks.OPEN)
                await self.confirm(press, gate, Spoken(verdict, reason), who)
            case "gate.ask":
                await self.ask(press, gate, who, checks.words_of(press.inputs.get("question"), "question"))
            case "gate.answer":
                await self._answer(press, gate, who)
            case _:
                raise PersonError("This button is not known any more.", next_step="Look at your approvals.")

    async def _open(self, press: CardAction, gate: Gate, who: Principal) -> None:
        """One more copy of a gate's card, where somebody asks for it; it changes with all the others."""
        if gate.asked_by.id != who.id and await self._able.why_not(gate, who, "approve", self._now()):
            raise NotAllowed("This request is not known.", next_step="It may belong to another organisation.")
        card = self._copies.card(gate, await self._gates.last_look(gate, who))
        alone, key = "" if press.where.personal else press.sender.user, f"{gate.id}@{press.id}"
        await self._delivery.show(gate.tenant, press.where, card, key=key, topic=gate.id, only_for=alone)

    async def known(self, id: Json, who: Principal) -> Gate:
        """The gate of this person's organisation. Raises NotAllowed."""
        gate = await self._gates.get(who.tenant, id) if isinstance(id, str) else None
        if gate is None:
            raise NotAllowed("This request is not known.", next_step="It may belong to another organisation.")
        return gate

    async def confirm(self, said: CardAction | Message, gate: Gate, verdict: Spoken, who: Principal) -> None:
        """One confirmation of words that were read as a verdict, with the exact action."""
        await self._may(gate, who, verdict.verdict)
        own = who.id == gate.asked_by.id and verdict.verdict == "reject"
        if gate.risk == "high" and not own:
            card = questions.elsewhere(gate, self._copies.page(gate) or "your approvals")
        else:
            card = questions.confirm(gate, replace(verdict, reason=checks.words_of(verdict.reason)), who)
        await self.show(said, gate, card, "confirm")

    async def show(self, at: CardAction | Message, gate: Gate, card: Card, what: str) -> None:
        """A card for this person, where they are; where they are alone it ends with the gate, as every copy does."""
        key, alone = f"{gate.id}:{what}:{at.sender.user}@{at.where.key}", at.where.personal
        if what == "confirm":
            key = f"{at.id}:confirm"
        only_for = "" if alone else at.sender.user
        topic = gate.id if alone else ""
        await self._delivery.show(gate.tenant, at.where, card, key=key, topic=topic, only_for=only_for)

    async def ask(self, press: CardAction, gate: Gate, who: Principal, question: str) -> None:
        """Carry a question to whoever asked for the action; without words its card asks for them."""
        await self._may(gate, who, "respond")
        if not question:
            await self.show(press, gate, questions.ask(gate), "ask")
            return
        aside = Aside(press.id, who, question, self._now())
        gate = await self._write(gate, aside, who, press.sender.channel, "asked back")
        await self._carry(gate, aside)
        await self.show(press, gate, self._copies.card(gate, gate.revision), "ask")
        await self._copies.redraw(gate)

    async def _answer(self, press: CardAction, gate: Gate, who: Principal) -> None:
        aside = next((one for one in gate.asides if one.id == press.payload.get("aside")), None)
        if aside is None or who.id != gate.asked_by.id:
            raise NotAllowed(f"Only {gate.asked_by.name} can answer this.", unchanged=checks.OPEN)
        answer = checks.words_of(press.inputs.get("answer"), "answer")
        if not answer:
            raise PersonError("The answer is empty.", unchanged=checks.OPEN, next_step="Write it, then send it.")
        if aside.answer:
            raise PersonError("This was answered already.", unchanged="That answer stands.")
        aside = replace(aside, answer=answer, answered_at=self._now())
        gate = await self._write(gate, aside, who, press.sender.channel, "answered")
        await self._carry(gate, aside)
        await self._copies.redraw(gate)
        await self._copies.again(gate, aside.by, f"{aside.id}:answer")

    async def _carry(self, gate: Gate, aside: Aside) -> None:
        """Show the question where the action was asked for; a place that is gone keeps nobody from deciding."""
        run = await self._runs.get(gate.tenant, gate.run)
        if run is None:
            return
        try:
            card = questions.asked(gate, aside)
            await self._delivery.show(gate.tenant, run.where, card, key=f"{gate.id}:aside:{aside.id}")
        except QuilluxError as unreachable:
            log.warning("question not shown", extra={"gate": gate.id, "why": str(unreachable)})

    async def _write(self, gate: Gate, aside: Aside, who: Principal, channel: str, deed: str) -> Gate:
        """The gate with this question, or its answer, beside what others wrote at the same time."""
        for _ in range(TRIES):
            others = [one for one in gate.asides if one.id != aside.id]
            note = f"{deed}: {aside.answer or aside.question}"
            try:
                return await self._gates.amend(
                    gate, by=who.id, at=self._now(), note=note, channel=channel, asides=(*others, aside)
                )
            except GateMoved as moved:
                gate = moved.gate
                if gate.state not in ("open", "paused"):
                    break
        raise NotAllowed("This request is decided, or changes too fast.", unchanged="Your words were not sent.")

    async def _may(self, gate: Gate, who: Principal, verdict: Verdict) -> None:
        why_not = await self._able.why_not(gate, who, verdict, self._now())
        if not why_not and gate.decision is not None:
            why_not = f"{gate.decision.by.name} decided this already."
        if why_not:
            raise NotAllowed(why_not, unchanged="" if gate.decision else checks.OPEN)
