"""A turn over in-memory twins: people, places, a flow that does what its words say, and what everybody saw."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from conversation.activity import CardAction, Message
from conversation.card import Button, Card, Code, Details, Table, Text
from conversation.cells import Column
from conversation.channel import Delivery
from conversation.codec import JsonObject
from conversation.errors import SourceUnavailable
from conversation.gates import Decision, Gate
from conversation.gates.inbox import Inbox
from conversation.principal import ConversationRef, Principal, Sender
from conversation.run import Answered, Flow, Outcome, Report, Run, Waiting
from conversation.turn import Ports, TurnHandler
from graphs.inbox.flow import InboxFlow
from infra.allowance import MemoryAllowance
from tests.fakes.channel import MemoryChannel
from tests.fakes.clock import MemoryClock
from tests.fakes.delegations import MemoryDelegations
from tests.fakes.directory import MemoryDirectory
from tests.fakes.feedback import MemoryFeedback
from tests.fakes.gates import MemoryGates
from tests.fakes.posts import MemoryPosts
from tests.fakes.runs import MemoryRuns

ANN = Principal("ann", "acme", "Ann", ("member",))
BEN = Principal("ben", "acme", "Ben", ("member", "approver"))
CAT = Principal("cat", "acme", "Cat", ("approver",))
DAN = Principal("dan", "acme", "Dan", ("member",), ("sales",))
EVE = Principal("eve", "other", "Eve", ("approver", "admin"))
NOW, LATER = "2026-01-01T00:00:00+00:00", "2026-01-02T00:00:00+00:00"
PEOPLE = {who.id: who for who in (ANN, BEN, CAT, DAN, EVE)}

CHANNEL = ConversationRef("memory", "T1", "C1", "t1")
OTHER_CHANNEL = ConversationRef("memory", "T1", "C2", "t1")


def alone(who: Principal, channel: str = "memory") -> ConversationRef:
    """Where only this person and the bot can read."""
    return ConversationRef(channel, "T1", f"D-{who.id}", "", True)


class WordyFlow:
    """A flow that does as it is told: “heavy” waits at a gate, “slow” until released, “broken” and “away” fail."""

    name = "wordy"

    def __init__(self) -> None:
        self.started: list[tuple[str, str, JsonObject]] = []
        self.resumed: list[Decision] = []
        self.cancelled = 0
        self.release = asyncio.Event()

    def handles(self, activity: Message | CardAction) -> float:
        if isinstance(activity, CardAction):
            return 1.0 if activity.verb.startswith("wordy.") else 0.0
        return 0.5

    async def start(self, run: Run, activity: Message | CardAction, memory: JsonObject, report: Report) -> Outcome:
        self.started.append((run.text, run.asked_by.id, memory))
        if "broken" in run.text:
            raise ZeroDivisionError("secret inside")
        if "away" in run.text:
            raise SourceUnavailable("The warehouse is away.", next_step="Try later.")
        if "slow" in run.text:
            await self._slowly(report)
        if "own rights" in run.text:
            return Answered(replace(answer_card(run), private=True), {"last": run.text})
        if "heavy" in run.text:
            return Waiting(gate_of(run), waiting_card(run))
        return Answered(answer_card(run), {"last": run.text})

    async def resume(self, run: Run, gate: Gate, decision: Decision, report: Report) -> Outcome:
        self.resumed.append(decision)
        if "slow" in run.text:
            await self._slowly(report)
        return Answered(Card((Text(f"After {decision.verdict}: {run.text}"),), run=run.id), {"last": run.text})

    async def _slowly(self, report: Report) -> None:
        report("Reading orders", 1, 2)
        try:
            await self.release.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise


def gate_of(run: Run) -> Gate:
    """The gate of a heavy question."""
    return Gate(
        id=f"{run.id}:gate",
        tenant=run.tenant,
        run=run.id,
        flow="wordy",
        interrupt="i1",
        title=f"Run “{run.text}” for {run.asked_by.name}?",
        reason="It is heavy.",
        parameters={"text": run.text},
        asked_by=run.asked_by,
        roles=("approver",),
        policy="p1",
        created_at=run.created_at,
    )


def waiting_card(run: Run) -> Card:
    """What deciders see."""
    decide: JsonObject = {"gate": f"{run.id}:gate"}
    buttons = tuple(Button(verdict, "gate.decide", {**decide, "verdict": verdict}) for verdict in ("approve", "reject"))
    return Card((Text(run.text), Details("The query", (Code("SELECT heavy"),))), buttons, run=run.id)


def answer_card(run: Run) -> Card:
    """An answer with rows and a fold."""
    table = Table((Column("n", "integer"),), ((1,), (2,)), 2, f"result of {run.id}")
    return Card(
        (Text(f"Answer to {run.text}"), table, Details("How this was made", (Code("SELECT 1"),))),
        (Button("CSV", "run.csv", {"run": run.id}),),
        run=run.id,
    )


@dataclass
class World:
    """Everything behind a turn. `say` and `press` are one delivered activity each."""

    runs: MemoryRuns
    gates: MemoryGates
    posts: MemoryPosts
    feedback: MemoryFeedback
    directory: MemoryDirectory
    channel: MemoryChannel
    web: MemoryChannel
    flow: WordyFlow
    handler: TurnHandler
    ports: Ports
    clock: MemoryClock
    delegations: MemoryDelegations
    count: int = 0

    async def say(self, who: Principal, text: str, where: ConversationRef = CHANNEL, id: str = "") -> str:
        """Words of a person; gives the activity's id."""
        message = Message(id or self._id(), where, _sender(who, where), text)
        await self.handler.handle(message)
        return message.id

    async def press(
        self,
        who: Principal,
        verb: str,
        payload: JsonObject,
        where: ConversationRef = CHANNEL,
        *,
        inputs: "JsonObject | None" = None,
        id: str = "",
    ) -> str:
        """A press of a button; gives the activity's id."""
        press = CardAction(id or self._id(), where, _sender(who, where), verb, payload, inputs or {})
        await self.handler.handle(press)
        return press.id

    async def decide(
        self,
        who: Principal,
        run: str,
        verdict: str,
        where: ConversationRef = CHANNEL,
        *,
        reason: str = "",
        id: str = "",
    ) -> str:
        """A press of Approve or Reject."""
        payload: JsonObject = {"gate": f"{run}:gate", "verdict": verdict}
        return await self.press(who, "gate.decide", payload, where, inputs={"reason": reason}, id=id)

    @property
    def delivery(self) -> Delivery:
        """What shows cards here."""
        return self.ports.delivery

    def with_flow(self, flow: Flow) -> "World":
        """The same world with one more flow, asked first."""
        ports = replace(self.ports, flows=(flow, *self.ports.flows))
        return replace(self, ports=ports, handler=TurnHandler(ports))

    async def meet(self, *people: Principal) -> None:
        """Each has spoken with the bot alone before, so can be reached."""
        for who in people:
            await self.directory.met(who, alone(who))

    def seen(self, where: ConversationRef = CHANNEL) -> list[str]:
        """What stands in a place now, in words, oldest first; what only one person sees is marked."""
        private = {shown.message.id: shown.only_for for shown in self.screen.transcript if shown.only_for}
        latest = {s.message.id: s for s in self.screen.transcript if s.message.where.key == where.key}
        return [(f"[{private[id]}] " if id in private else "") + words(shown.card) for id, shown in latest.items()]

    @property
    def screen(self) -> MemoryChannel:
        """The chat service."""
        return self.channel

    def _id(self) -> str:
        self.count += 1
        return f"a{self.count}"


def words(card: Card) -> str:
    """A card in one line, with its buttons."""
    buttons = "".join(f" [{button.label}]" for button in card.buttons())
    return " / ".join(card.fallback_text.splitlines()) + buttons


def world(*, per_minute: int = 1_000) -> World:
    """A fresh one, in which everybody may ask so many questions."""
    runs, gates, posts, feedback = MemoryRuns(), MemoryGates(), MemoryPosts(), MemoryFeedback()
    directory, channel, web, flow = (
        MemoryDirectory(PEOPLE),
        MemoryChannel(status_after=30),
        MemoryChannel("web"),
        WordyFlow(),
    )
    delivery, clock = Delivery({"memory": channel, "web": web}, posts), MemoryClock(NOW)
    given = MemoryDelegations(directory, gates.audit)
    ports = Ports(
        directory,
        runs,
        gates,
        delivery,
        feedback,
        (flow, InboxFlow(Inbox(gates, clock.now, given))),
        clock.now,
        MemoryAllowance(per_minute),
        delegations=given,
    )
    handler = TurnHandler(ports)
    return World(runs, gates, posts, feedback, directory, channel, web, flow, handler, ports, clock, given)


def restarted(old: World) -> World:
    """Another process over the same stores and services."""
    delivery = Delivery({"memory": old.channel, "web": old.web}, old.posts)
    flow = WordyFlow()
    ports = Ports(
        old.directory,
        old.runs,
        old.gates,
        delivery,
        old.feedback,
        (flow, InboxFlow(Inbox(old.gates, lambda: LATER, old.delegations))),
        lambda: LATER,
        MemoryAllowance(1_000),
    )
    return replace(old, flow=flow, handler=TurnHandler(ports), ports=ports)


async def until(true: Callable[[], bool]) -> None:
    """Let other tasks go on until something is so; five seconds at most."""
    async with asyncio.timeout(5):
        while not true():
            await asyncio.sleep(0)


def _sender(who: Principal, where: ConversationRef) -> Sender:
    return Sender(where.channel, where.workspace, who.id, who.name)
