"""One question or request, start to end."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias, runtime_checkable

from conversation.activity import CardAction, Message
from conversation.card import Card
from conversation.codec import JsonObject, portable
from conversation.gates import Decision, Gate
from conversation.principal import ConversationRef, Principal

RunState = Literal["submitted", "working", "input-required", "completed", "failed", "canceled"]


@portable
@dataclass(frozen=True, slots=True)
class Run:
    """One request. `id` is the id of the activity that began it, and LangGraph's thread id.

    `card` is the latest card shown, posted under `card_key`;
    `memory` is what the flow wants to know at the next question of this conversation.
    """

    id: str
    tenant: str
    where: ConversationRef
    asked_by: Principal
    text: str
    flow: str = ""
    state: RunState = "submitted"
    card: Card | None = None
    memory: JsonObject = field(default_factory=dict)
    created_at: str = ""
    finished_at: str = ""
    card_key: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """The run is over; `memory` is handed to the conversation's next run. `declined` says why it is no answer.

    `topic` groups its card with the others of the same matter, so that they can be changed together.
    """

    card: Card
    memory: JsonObject = field(default_factory=dict)
    state: RunState = "completed"
    declined: str = ""
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The run waits for the decision of `gate`; `card` is what the deciders see."""

    gate: Gate
    card: Card


Outcome: TypeAlias = Answered | Waiting


class Report(Protocol):
    """How a flow says what it is doing; cheap to call, shown at the channel's own pace."""

    def __call__(self, label: str, done: int = 0, total: int = 0) -> None: ...


class Flow(Protocol):
    """How one kind of request is handled. Started or resumed twice with the same input, it gives the same outcome."""

    name: str

    def handles(self, activity: Message | CardAction) -> float:
        """How surely this flow is meant: 0 not at all, 1 certainly (its own verb or command)."""

    async def start(self, run: Run, activity: Message | CardAction, memory: JsonObject, report: Report) -> Outcome:
        """Handle a message, or a press of one of this flow's buttons. `memory` is the conversation's so far."""

    async def resume(self, run: Run, gate: Gate, decision: Decision, report: Report) -> Outcome:
        """Go on after a claimed decision, by the gate's interrupt id."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How the world stands now to what a gate approves: the rules' version, and the version of what it changes.

    `was` and `now` are what it changes, as it was when it was asked and as it is, for people to compare.
    """

    policy: str
    target_version: str = ""
    was: JsonObject = field(default_factory=dict)
    now: JsonObject = field(default_factory=dict)


@runtime_checkable
class Bound(Protocol):
    """A flow whose rules or targets may change while a gate waits. Other flows are taken to stand as they stood."""

    async def standing(self, gate: Gate) -> Standing:
        """The versions to compare with those that the gate was opened with, right before its effect."""


class Runs(Protocol):
    """Where runs are kept. Every look-up is bound to a tenant."""

    async def begin(self, run: Run) -> Run:
        """Record a run; beginning the same id again gives the first record with all that came since."""

    async def get(self, tenant: str, id: str) -> Run | None:
        """The run of this tenant, or None."""

    async def finish(self, id: str, state: RunState, card: Card, memory: JsonObject) -> None:
        """Record the state and the card that goes with it."""

    async def memory(self, tenant: str, where: ConversationRef) -> JsonObject:
        """The memory of the last completed run in this place; empty for a new conversation."""

    async def ask_to_stop(self, tenant: str, id: str) -> bool:
        """Mark a run as to be stopped; False when there is no such unfinished run."""

    async def stop_asked(self, id: str) -> bool:
        """Whether somebody pressed Stop."""

    async def recent(self, tenant: str, person: str, limit: int = 10) -> Sequence[Run]:
        """The latest runs of a person, newest first."""
