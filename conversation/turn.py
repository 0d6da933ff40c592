"""The handling of one activity: who is it, what is meant, start or resume a run, show one card.

A turn may be handled twice (a crash in the middle): every step either finds its own earlier effect by id or can be
done again without harm.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from conversation import notices
from conversation.activity import MESSAGE_LIMIT, Activity, CardAction, Message, readable
from conversation.allowance import Allowance, spent
from conversation.card import Card, Input
from conversation.channel import Delivery
from conversation.directory import Directory
from conversation.errors import ChannelRefused, NotAllowed, QuilluxError, Stopped, TooMuch
from conversation.feedback import Feedback
from conversation.gates import Conflict, Conflicted, Gate, Gates, Won, batch, cards
from conversation.gates.able import Able
from conversation.gates.ceremony import Ceremony
from conversation.gates.clock import GateDue, Times
from conversation.gates.deciding import Deciding
from conversation.gates.delegation import Delegations
from conversation.gates.spoken import spoken_verdict
from conversation.gates.timing import Timing
from conversation.presses import Presses
from conversation.principal import Principal
from conversation.progress import watched
from conversation.review import Complaints
from conversation.run import Answered, Bound, Flow, Outcome, Report, Run, Runs, Standing, Waiting

log = logging.getLogger(__name__)

FINISHED = ("completed", "failed", "canceled")
ALONE = frozenset(("glossary.propose",))
"""Verbs that come without a card: over the API, where no run was shown before. Their payload's `text` names the run."""


@dataclass(frozen=True, slots=True)
class Ports:
    """What a turn needs of the world. `flows` are asked in order which of them is meant."""

    directory: Directory
    runs: Runs
    gates: Gates
    delivery: Delivery
    feedback: Feedback
    flows: Sequence[Flow]
    now: Callable[[], str]
    allowance: Allowance
    complaints: Complaints | None = None
    ceremony: Ceremony = field(default_factory=Ceremony)
    delegations: Delegations | None = None
    times: Times = field(default_factory=Times)


class TurnHandler:
    """Handles activities; holds no state of its own."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        gates, runs, delivery, now = ports.gates, ports.runs, ports.delivery, ports.now
        able = Able(ports.directory, ports.delegations)
        self._deciding = Deciding(gates, runs, delivery, ports.directory, now, ports.ceremony, able)
        self._timing = Timing(gates, runs, delivery, able, ports.times, now, self._deciding.copies.card)
        self._batch = batch.Batch(ports.gates, self._deciding)
        self._presses = Presses(ports.runs, ports.delivery, ports.feedback, self._deciding, ports.complaints)

    async def handle(self, activity: Activity) -> None:
        """Handle one activity, to the card. A fault of ours ends as a card too, and in the log.

        Raises ChannelRefused when nothing could be shown; the outcome is kept, and handling it again shows it.
        """
        task = asyncio.create_task(self._handle(activity))
        try:
            await asyncio.wait({task})
        finally:
            task.cancel()
        error = task.exception() if not task.cancelled() else None
        if error is None:
            return
        if isinstance(error, ChannelRefused):
            raise error
        log.error("turn failed", exc_info=error, extra={"activity": activity.id})
        await self._give_up(activity)

    async def time_came(self, due: GateDue) -> None:
        """Do what a time of a gate asks for; it may be done again, and is then done once."""
        await self._timing.step(due)

    async def _give_up(self, activity: Activity) -> None:
        card = notices.unexpected(activity.id, retry=isinstance(activity, Message))
        await self._ports.delivery.show("", activity.where, card, key=f"{activity.id}:error")
        who = await self._ports.directory.resolve(activity.sender)
        run = await self._ports.runs.get(who.tenant, activity.id)
        if run is not None and run.state not in FINISHED:
            await self._ports.runs.finish(run.id, "failed", card, {})

    async def _handle(self, activity: Activity) -> None:
        try:
            who = await self._ports.directory.resolve(activity.sender)
        except NotAllowed as refused:
            await self._tell(activity, "", notices.failed(refused, "", retry=False))
            return
        if activity.where.personal:
            await self._ports.directory.met(who, activity.where)
        try:
            match activity:
                case Message():
                    await self._message(activity, who)
                case CardAction():
                    await self._action(activity, who)
                case _:
                    log.info("nothing waits for this job", extra={"job": activity.job})
        except QuilluxError as refused:
            await self._tell(activity, who.tenant, notices.failed(refused, activity.id, retry=False))

    async def _message(self, message: Message, who: Principal, *, typed: bool = True) -> None:
        if len(message.text) > MESSAGE_LIMIT:
            raise TooMuch(
                f"Your message has {len(message.text):,} characters; up to {MESSAGE_LIMIT:,} are read.",
                next_step="Ask a shorter question.",
            )
        message = replace(message, text=readable(message.text))
        said = spoken_verdict(message.text) if typed else None
        if said is not None and await self._deciding.hear(message, who, said):
            return
        await self._start(message, message.text, who, key=message.id)

    async def _action(self, action: CardAction, who: Principal) -> None:
        match action.verb:
            case verb if verb.startswith("gate."):
                await self._gate_action(action, who)
            case "ask":
                text = action.payload.get("text")
                if not isinstance(text, str):
                    raise NotAllowed("This button asks nothing.", next_step="Type your question.")
                # Words of a button are ours or a model's, so they are never heard as a verdict.
                await self._message(Message(action.id, action.where, action.sender, text), who, typed=False)
            case "run.retry":
                text = (await self._presses.known_run(action, who)).text
                await self._start(Message(action.id, action.where, action.sender, text), text, who, key=action.id)
            case verb if verb.startswith("run."):
                await self._presses.handle(action, who)
            case _:
                await self._flow_action(action, who)

    async def _gate_action(self, action: CardAction, who: Principal) -> None:
        match action.verb:
            case "gate.decide":
                await self._decide(action, who)
            case "gate.batch":
                await self._decide_together(action, who)
            case "gate.reopen":
                await self._timing.reopen(action, who)
            case _:
                await self._deciding.asking.handle(action, who)

    async def _flow_action(self, action: CardAction, who: Principal) -> None:
        if action.verb in ALONE:
            text = str(action.payload.get("text") or action.verb)[:MESSAGE_LIMIT]
            await self._start(action, text, who, key=action.id)
            return
        before = await self._presses.known_run(action, who)
        # The asker's own card changes in place; somebody else gets an answer of their own, with their own rights.
        key = self._presses.card_key(before) if before.asked_by.id == who.id else action.id
        await self._start(action, before.text, who, key=key)

    async def _start(self, activity: Message | CardAction, text: str, who: Principal, *, key: str) -> None:
        ports = self._ports
        flow = max(ports.flows, key=lambda flow: flow.handles(activity))
        if flow.handles(activity) <= 0:
            raise NotAllowed("This button is not known any more.", next_step="Ask your question again.")
        new = Run(activity.id, who.tenant, activity.where, who, text, flow.name, created_at=ports.now(), card_key=key)
        run = await ports.runs.begin(new)
        if run.state in FINISHED and run.card is not None:
            await self._present(run, run.card, key, activity.sender.user)
            return
        memory = await ports.runs.memory(run.tenant, run.where)

        async def work(report: Report) -> Outcome:
            if not await ports.allowance.take(who):
                raise spent()
            return await flow.start(run, activity, memory, report)

        await self._advance(run, key, work, activity.sender.user)

    async def _decide(self, press: CardAction, who: Principal) -> None:
        won = await self._deciding.decide(press, who)
        if won is not None:
            await self._go_on(won)

    async def _go_on(self, won: Won) -> None:
        """Resume the run behind a gate that was decided."""
        gate, decision = won.gate, won.gate.decision
        if decision is None:
            return
        run = await self._ports.runs.get(gate.tenant, gate.run)
        flow = next((flow for flow in self._ports.flows if flow.name == gate.flow), None)
        if run is None or flow is None:
            raise NotAllowed("The request behind this card is gone.", next_step="Ask the question again.")

        async def work(report: Report) -> Outcome:
            clash = await self._clash(flow, gate) if decision.verdict in ("approve", "edit") else None
            if clash is not None:
                return Answered(clash, state="failed")
            return await flow.resume(run, gate, decision, report)

        # A new message, not an update: the asker waits elsewhere and is told.
        await self._advance(run, f"{run.id}:answer", work)

    async def _clash(self, flow: Flow, gate: Gate) -> Card | None:
        """Let the effect begin, once, if what was approved is what would happen now; else the card that says why not.

        Raises Conflicted where it is not approved any more, or was begun already.
        """
        stands = Standing(gate.policy, gate.target_version)
        if isinstance(flow, Bound):
            stands = await flow.standing(gate)
        found = await self._ports.gates.ready(gate, policy=stands.policy, target_version=stands.target_version)
        if not isinstance(found, Conflict):
            return None
        if found.why in ("state", "begun"):
            raise Conflicted(found)
        why = Conflicted(found).what
        card = cards.conflict(found.gate, stands.was, stands.now, why)
        # For good: that the target comes back to what it was does not revive the approval.
        await self._ports.gates.move(found.gate, "superseded", by="quillux", at=self._ports.now(), reason=why)
        await self._ports.delivery.converge(gate.tenant, gate.id, card)
        return card

    async def _decide_together(self, press: CardAction, who: Principal) -> None:
        """Several decisions with one press: what became of each is told on one card, before the runs go on."""
        ports = self._ports
        before = await self._presses.own_run(press, who) if "run" in press.payload else None
        key = self._presses.card_key(before) if before else press.id
        new = Run(press.id, who.tenant, press.where, who, "Decide several requests", batch.MEMORY, card_key=key)
        run = await ports.runs.begin(replace(new, created_at=ports.now()))
        if run.state in FINISHED and run.card is not None:
            await self._present(run, run.card, key, press.sender.user)
            return
        memory = await ports.runs.memory(run.tenant, run.where)
        shown = before.memory.get(batch.MEMORY) if before else None
        try:
            told = await self._batch.decide(press, who, shown if isinstance(shown, dict) else {})
        except QuilluxError as refused:
            await ports.runs.finish(run.id, "failed", notices.failed(refused, run.id, retry=False), {})
            raise
        card = batch.card(told, run.id)
        await ports.runs.finish(run.id, "working", card, {})
        await self._present(run, card, key, press.sender.user)
        for one in told:
            if one.won is not None:
                await self._go_on_alone(one.won)
        await ports.runs.finish(run.id, "completed", card, memory)

    async def _go_on_alone(self, won: Won) -> None:
        """Resume one run of several: one that fails, or whose asker can't be reached, keeps no other from it."""
        try:
            await self._go_on(won)
        except QuilluxError as error:
            log.warning("a run of a batch was not shown", extra={"gate": won.gate.id, "why": str(error)})

    async def _advance(
        self, run: Run, key: str, work: Callable[[Report], Coroutine[Any, Any, Outcome]], asker: str = ""
    ) -> None:
        """Work, and show what became of it. `asker` is the asker's user id in the channel, where it is known."""
        ports = self._ports
        try:
            outcome = await watched(run, key, ports.delivery, ports.runs, work)
        except Stopped as stopped:
            outcome = Answered(notices.failed(stopped, run.id), state="canceled")
        except QuilluxError as error:
            outcome = Answered(notices.failed(error, run.id), state="failed")
        match outcome:
            case Answered(card=card, memory=memory, state=state, topic=topic):
                await ports.runs.finish(run.id, state, card, memory)
                await self._present(run, card, key, asker)
                if topic:
                    await ports.delivery.join(run.tenant, key, topic)
            case Waiting(gate=gate, card=card):
                evidence = gate.evidence or tuple(part for part in card.body if not isinstance(part, Input))
                gate = self._timing.timed(replace(gate, evidence=evidence))
                # First, so that whoever reads that the run waits finds what it waits for.
                gate = await ports.gates.open(gate, channel=run.where.channel)
                await ports.runs.finish(run.id, "input-required", self._deciding.copies.card(gate), {})
                await self._deciding.open(gate, run, key)

    async def _present(self, run: Run, card: Card, key: str, asker: str) -> None:
        """Show the end of a run; what was read with the asker's own rights is not shown to others who read along."""
        delivery = self._ports.delivery
        if not card.private or run.where.personal:
            await delivery.show(run.tenant, run.where, card, key=key)
            return
        await delivery.show(run.tenant, run.where, notices.kept_private(run), key=key)
        if asker:
            await delivery.show(run.tenant, run.where, card, key=f"{key}:private", only_for=asker)

    async def _tell(self, activity: Activity, tenant: str, card: Card) -> None:
        """Something for this person only."""
        await self._ports.delivery.show(
            tenant, activity.where, card, key=f"{activity.id}:told", only_for=activity.sender.user
        )
