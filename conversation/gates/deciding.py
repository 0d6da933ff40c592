"""Gates in a turn: a copy for everybody who may decide, votes until it is decided, every copy brought to one state."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from conversation.activity import CardAction, Message
from conversation.channel import Delivery
from conversation.directory import Directory
from conversation.errors import NotAllowed
from conversation.gates import cards, checks, questions
from conversation.gates.able import Able
from conversation.gates.asking import Asking
from conversation.gates.cards import REASON_LIMIT as REASON_LIMIT
from conversation.gates.ceremony import Ceremony
from conversation.gates.copies import Copies
from conversation.gates.model import Decision, Gate
from conversation.gates.port import Claim, Counted, Gates, Lost, Won
from conversation.gates.spoken import Spoken
from conversation.principal import ConversationRef, Principal
from conversation.run import Run, Runs


class Deciding:
    """Opens and decides gates; the rules of who may stand in `Gate.why_not`, what a press needs in `checks`."""

    def __init__(
        self,
        gates: Gates,
        runs: Runs,
        delivery: Delivery,
        directory: Directory,
        now: Callable[[], str],
        ceremony: Ceremony | None = None,
        able: Able | None = None,
    ) -> None:
        self._gates = gates
        self._delivery = delivery
        self._now = now
        self._ceremony = ceremony or Ceremony()
        self._able = able or Able(directory)
        self.copies = Copies(gates, delivery, directory, self._able, now, self._ceremony)
        self.asking = Asking(gates, runs, delivery, self.copies, self._able, now)

    async def open(self, gate: Gate, run: Run, key: str) -> None:
        """Record the gate and show it to the asker in place, and to whoever may decide."""
        await self.copies.post(await self._gates.open(gate, channel=run.where.channel), run, key)

    async def open_in(self, tenant: str, where: ConversationRef) -> Sequence[Gate]:
        """Open gates whose card was shown in this place."""
        gates = [gate for gate in await self._gates.waiting(tenant) if gate.state == "open"]
        return [gate for gate in gates if await self._delivery.shown_in(tenant, gate.id, where)]

    async def hear(self, message: Message, who: Principal, said: Spoken) -> bool:
        """Words of a verdict where a gate is open: one confirmation, or which is meant. False leaves them a message.

        They never start a request; only “no, …” by somebody who has no say may be meant as one.
        """
        gates = await self.open_in(who.tenant, message.where)
        mine = [gate for gate in gates if not await self._able.why_not(gate, who, said.verdict, self._now())]
        if not gates or (not mine and said.weak and said.reason):
            return False
        if len(mine or gates) == 1:
            await self.asking.confirm(message, (mine or gates)[0], said, who)
        else:
            checks.words_of(said.reason)
            card, only_for = questions.which(mine or gates, said), message.sender.user
            await self._delivery.show(who.tenant, message.where, card, key=f"{message.id}:told", only_for=only_for)
        return True

    async def waiting_for(self, run: Run, who: Principal) -> Gate | None:
        """The gate that the run waits for, if this person may decide it, and so may see what it is."""
        gates = await self._gates.waiting(run.tenant, run.id)
        mine = [gate for gate in gates if not await self._able.why_not(gate, who, "approve", self._now())]
        return mine[0] if mine else None

    async def awaited(self, run: Run) -> Gate | None:
        """The gate that the run waits for."""
        return next(iter(await self._gates.waiting(run.tenant, run.id)), None)

    async def decide(self, press: CardAction, who: Principal) -> Won | None:
        """Claim the gate for this press; None where it waits on, or was decided before, which the person is told.

        What a verdict lacks is asked for on a card of its own.
        """
        if press.payload.get("verdict") == "respond":
            gate = await self.asking.known(press.payload.get("gate"), who)
            question = checks.words_of(press.inputs.get("reason") or press.inputs.get("question"), "question")
            await self.asking.ask(press, gate, who, question)
            return None
        try:
            claim = await self.claim(press, who)
        except checks.ReasonNeeded as needed:
            await self.asking.show(press, needed.gate, questions.why(needed.gate, needed.verdict), needed.verdict)
            return None
        except checks.Unfitting as unfit:
            await self.asking.show(press, unfit.gate, questions.form(unfit.gate, unfit.typed, unfit.faults), "form")
            return None
        except checks.Elsewhere as high:
            page = self.copies.page(high.gate) or "your approvals"
            await self.asking.show(press, high.gate, questions.elsewhere(high.gate, page), "elsewhere")
            return None
        if isinstance(claim, Lost):
            only_for, key = press.sender.user, f"{press.id}:told"
            card = cards.lost(claim.gate, claim.words if claim.why in ("voted", "refused") else "")
            await self._delivery.show(claim.gate.tenant, press.where, card, key=key, only_for=only_for)
        return claim if isinstance(claim, Won) else None

    async def claim(self, press: CardAction, who: Principal) -> Claim:
        """Claim the gate for this press and bring every copy to one state; the person is told nothing.

        Raises NotAllowed and PersonError for a press that may not decide it, and those of `checks` for what it lacks.
        """
        gate = await self.asking.known(press.payload.get("gate"), who)
        giver = await self._able.giver(gate, who, checks.verdict_of(press), self._now())
        decision = await self._decision(gate, press, who, giver)
        claim = await self._gates.claim(gate, decision, giver=giver)
        if isinstance(claim, Lost) and claim.why == "revised":
            raise checks.changed()
        if isinstance(claim, Won | Counted):
            await self._gates.looked(claim.gate, who, claim.gate.revision)
        # A late press came from a card that is behind; the others were brought up by whoever decided.
        await self.copies.redraw(claim.gate, press.where if isinstance(claim, Lost) else None)
        return claim

    async def _decision(self, gate: Gate, press: CardAction, who: Principal, giver: Principal | None) -> Decision:
        verdict = checks.verdict_of(press)
        reason = checks.words_of(press.inputs.get("reason") or press.payload.get("reason"))
        told = Decision(
            verdict, who, reason, {}, press.id, self._now(), press.sender.channel, gate.stage, gate.revision
        )
        if checks.given_before(gate, press):
            return told
        if why_not := gate.why_not(who, verdict, giver):
            raise NotAllowed(why_not, unchanged="" if gate.decision else checks.OPEN)
        if gate.state != "open":
            return told
        revision = checks.seen(gate, press, who)
        inputs = checks.edited(gate, press.inputs, self._ceremony) if verdict == "edit" else {}
        await checks.risk(gate, verdict, reason, press, who, self._ceremony)
        return replace(told, inputs=inputs, revision=revision, acting_for=giver.id if giver else "")
