"""What is done when a time of a gate comes: people are reminded, others are asked too, it is paused. Never decided.

A step may be done again, after a crash or by two workers: its cards are posted under keys of their own, and a gate is
changed only as it was seen. So each is done once, and none is lost.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from conversation.activity import CardAction
from conversation.card import Card, Text
from conversation.channel import Delivery
from conversation.errors import NotAllowed, PersonError, QuilluxError
from conversation.gates.able import Able, Reached
from conversation.gates.clock import GateDue, Times, later, read
from conversation.gates.model import Gate
from conversation.gates.port import GateMoved, Gates
from conversation.gates.rules import Deciders, Stage
from conversation.gates.tally import needed
from conversation.principal import Principal
from conversation.run import Runs

log = logging.getLogger(__name__)

CLOCK = "clock"
"""Who acts where nobody did, in the audit log."""
TRIES = 5
"""Times that a step looks again where others change the gate at the same moment."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Does the steps of gates. `draw` gives the card of a gate as it stands; `now` an ISO time in UTC."""

    gates: Gates
    runs: Runs
    delivery: Delivery
    able: Able
    times: Times
    now: Callable[[], str]
    draw: Callable[[Gate], Card]

    def timed(self, gate: Gate) -> Gate:
        """The gate with the operator's times where it brings none of its own; they count from its asking."""
        at, times = gate.created_at or self.now(), self.times
        escalates = gate.escalate_at or not times.escalate
        return replace(
            gate,
            created_at=at,
            remind_at=gate.remind_at or times.remind_at(at),
            escalate_at=gate.escalate_at if escalates else later(at, times.escalate),
            escalate_to=gate.escalate_to if escalates else times.escalate_to,
            due_at=gate.due_at or (later(at, times.due) if times.due else ""),
        )

    async def step(self, due: GateDue) -> None:
        """Do one step; nothing where the gate does not wait for it any more."""
        for _ in range(TRIES):
            gate = await self.gates.get(due.tenant, due.gate)
            if gate is None:
                return
            try:
                await self._step(gate, due)
            except GateMoved as moved:
                log.info("gate changed meanwhile", extra={"gate": due.gate, "why": str(moved)})
            else:
                return

    async def _step(self, gate: Gate, due: GateDue) -> None:
        match due.step:
            case "remind" if gate.state == "open" and gate.remind_at == due.at:
                await self._remind(gate, due)
            case "escalate" if gate.state == "open" and gate.escalate_at == due.at:
                await self._escalate(gate, due)
            case "expire" if gate.state in ("open", "paused") and gate.due_at == due.at:
                await self._expire(gate, due)

    async def _remind(self, gate: Gate, due: GateDue) -> None:
        now = self.now()
        loud = self.times.loud(now)
        if read(loud) > read(now):
            await self.gates.amend(gate, by=CLOCK, at=now, note="the reminder waits: quiet hours", remind_at=loud)
            return
        await self._ask(gate, "Reminder: this still waits for a decision.", f"remind:{due.at}")
        await self.gates.amend(gate, by=CLOCK, at=now, note="reminded", remind_at="")

    async def _escalate(self, gate: Gate, due: GateDue) -> None:
        """Others may decide too; whoever could before still can, and is told. It takes as many of them as before."""
        now, stages = self.now(), _widened(gate)
        reminder = "" if gate.remind_at and read(gate.remind_at) <= read(now) else gate.remind_at
        if stages != gate.stages:
            note = f"nobody decided, so {gate.escalate_to.words} may decide too"
            gate = await self.gates.amend(gate, by=CLOCK, at=now, note=note, stages=stages)
        if gate.escalate_to != Deciders():
            lead = f"Nobody has decided this yet, so {gate.escalate_to.words} may decide it too."
            await self._ask(gate, lead, f"escalate:{due.at}")
        await self.gates.amend(gate, by=CLOCK, at=now, note="escalated", escalate_at="", remind_at=reminder)

    async def _expire(self, gate: Gate, due: GateDue) -> None:
        people = await self.able.of(replace(gate, state="open"), self.now())
        gate = await self.gates.move(gate, "paused", by=CLOCK, at=self.now(), reason="nobody decided in time")
        await self.delivery.converge(gate.tenant, gate.id, self.draw(gate))
        run = await self.runs.get(gate.tenant, gate.run)
        places = [(gate.asked_by, run.where)] if run is not None else []
        await self._post(gate, [*places, *people], self.draw(gate), f"expire:{due.at}")

    async def reopen(self, press: CardAction, who: Principal) -> None:
        """Let a paused gate wait again, for whoever asked and whoever may decide it. The same press again does no more.

        Raises NotAllowed for others, PersonError for a gate that is not paused.
        """
        named = press.payload.get("gate")
        gate = await self.gates.get(who.tenant, named) if isinstance(named, str) else None
        if gate is None:
            raise NotAllowed("This request is not known.", next_step="It may belong to another organisation.")
        if who.id != gate.asked_by.id and not await self.able.may(gate, who, self.now()):
            words = f"Only {gate.asked_by.name} and those who may decide this can open it again."
            raise NotAllowed(words, unchanged="It stays paused.")
        gate = await self._reopened(gate, press, who)
        await self.delivery.converge(gate.tenant, gate.id, self.draw(gate))
        await self._ask(gate, f"{who.name} opened this again.", f"reopen:{gate.due_at}", but=press.where.key)

    async def _reopened(self, gate: Gate, press: CardAction, who: Principal) -> Gate:
        now, wait = self.now(), self.times.reopened
        if gate.state == "open":
            return gate
        if gate.state != "paused":
            raise PersonError("This request is decided or not asked any more, so it can't be opened again.")
        reminder = later(now, min(self.times.remind, wait / 2)) if self.times.remind else ""
        # The times first: a gate that is open with a time that is past would be paused again at once.
        gate = await self.gates.amend(
            gate,
            by=who.id,
            at=now,
            note="new times to open it again",
            channel=press.sender.channel,
            due_at=later(now, wait),
            remind_at=reminder and self.times.loud(reminder),
            escalate_at="",
        )
        return await self.gates.move(gate, "open", by=who.id, at=now, channel=press.sender.channel)

    async def _ask(self, gate: Gate, lead: str, step: str, but: str = "") -> None:
        """A fresh copy of the card for everybody who can act on it now; nobody else hears of it."""
        people = [one for one in await self.able.of(gate, self.now()) if one[1].key != but]
        card = self.draw(gate)
        await self._post(gate, people, replace(card, body=(Text(lead, "warning"), *card.body)), step)

    async def _post(self, gate: Gate, people: Sequence[Reached], card: Card, step: str) -> None:
        """One card a place. Who can't be reached keeps nobody else from it; what was decided meanwhile is shown."""
        for where in {where.key: where for _, where in people}.values():
            key = f"{gate.id}:{step}@{where.key}"
            try:
                await self.delivery.show(gate.tenant, where, card, key=key, topic=gate.id)
            except QuilluxError as unreachable:
                log.warning("people not told", extra={"gate": gate.id, "why": str(unreachable)})
        now = await self.gates.get(gate.tenant, gate.id)
        if now is not None and now.state != gate.state:
            await self.delivery.converge(gate.tenant, gate.id, self.draw(now))


def _widened(gate: Gate) -> tuple[Stage, ...]:
    """The stages with those who are asked too in the present one."""
    stage, more = gate.current, gate.escalate_to
    both = Deciders(
        tuple(dict.fromkeys((*stage.deciders.users, *more.users))),
        tuple(dict.fromkeys((*stage.deciders.roles, *more.roles))),
        tuple(dict.fromkeys((*stage.deciders.groups, *more.groups))),
    )
    if both == stage.deciders:
        return gate.stages
    at = min(gate.stage, len(gate.steps) - 1)
    counted = stage.quorum if isinstance(stage.quorum, int) else needed(gate)
    wider = replace(stage, deciders=both, quorum=counted, electorate=())
    return (*gate.steps[:at], wider, *gate.steps[at + 1 :])
