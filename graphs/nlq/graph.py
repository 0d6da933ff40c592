"""Questions of data: the graph and the flow around it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any, cast

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Command

from conversation.activity import CardAction, Message
from conversation.card import Card
from conversation.codec import JsonObject, decode_as
from conversation.errors import NotAllowed, SourceUnavailable
from conversation.gates import Decision, Gate
from conversation.gates.risks import ruled
from conversation.run import Answered, Outcome, Report, Run, Standing, Waiting
from graphs.nlq import cards
from graphs.nlq.desk import Desk
from graphs.nlq.nodes import Nodes, Turn, action
from graphs.nlq.propose import Proposal
from graphs.nlq.recall import Recall
from graphs.nlq.state import State

Compiled = CompiledStateGraph[State, Turn, State, State]


def build(desk: Desk, saver: "BaseCheckpointSaver[Any]") -> Compiled:
    """(recall ->) read -> (propose ->) weigh -> (gate ->) run -> show, leaving early with a card."""
    nodes = Nodes(desk)
    graph = StateGraph(State, context_schema=Turn)
    graph.add_node("read", nodes.read)
    graph.add_node("weigh", nodes.weigh)
    graph.add_node("gate", nodes.gate)
    graph.add_node("refuse", nodes.refuse)
    graph.add_node("run", nodes.run)
    graph.add_node("show", nodes.show)
    if desk.verified is None:
        graph.add_edge(START, "read")
    else:
        graph.add_node("recall", Recall(desk, desk.verified).recall)
        graph.add_edge(START, "recall")
        graph.add_conditional_edges(
            "recall", lambda state: "weigh" if "reading" in state else "read", ["weigh", "read"]
        )
    if desk.proposer is None:
        graph.add_conditional_edges("read", _was_read, ["weigh", END])
    else:
        graph.add_node("propose", Proposal(desk, desk.proposer).propose)
        graph.add_edge("read", "propose")
        graph.add_conditional_edges("propose", _was_read, ["weigh", END])
    graph.add_conditional_edges("weigh", lambda state: "gate" if state["weight"]["reasons"] else "run", ["gate", "run"])
    graph.add_conditional_edges("gate", _decided, ["run", "refuse"])
    graph.add_edge("run", "show")
    graph.add_edge("show", END)
    graph.add_edge("refuse", END)
    return graph.compile(checkpointer=saver)


def _was_read(state: State) -> str:
    return "weigh" if "reading" in state else END


def _decided(state: State) -> str:
    return "run" if state["decision"].get("verdict") == "approve" else "refuse"


class NlqFlow:
    """`conversation.run.Flow` for questions of data."""

    name = "nlq"

    def __init__(self, desk: Desk, saver: "BaseCheckpointSaver[Any]") -> None:
        self._desk = desk
        self._graph = build(desk, saver)

    def handles(self, activity: Message | CardAction) -> float:
        """Any words may be a question; its own buttons are surely meant for it."""
        if isinstance(activity, CardAction):
            return 1.0 if activity.verb.startswith("nlq.") else 0.0
        return 0.5

    async def start(self, run: Run, activity: Message | CardAction, memory: JsonObject, report: Report) -> Outcome:
        """Answer a question, or the same question with another choice."""
        config = _config(run)
        before = await self._graph.aget_state(config)
        if before.values:
            return self._outcome(run, before.values, before.interrupts)
        asked = _asked(run, activity, memory, self._desk.today)
        return await self._go(run, asked, report)

    async def standing(self, gate: Gate) -> Standing:
        """The rules for approvals as they are now; a question changes nothing, so it has no target."""
        return Standing(self._desk.policy, gate.target_version)

    async def resume(self, run: Run, gate: Gate, decision: Decision, report: Report) -> Outcome:
        """Go on after a decision: by the interrupt's id, and only with the very action that was approved."""
        before = await self._graph.aget_state(_config(run))
        if not any(waiting.id == gate.interrupt for waiting in before.interrupts):
            return self._outcome(run, before.values, before.interrupts)
        if gate.policy != self._desk.policy and decision.verdict == "approve":
            raise NotAllowed(
                "The rules for approvals have changed since this was asked.",
                unchanged="The query was not run.",
                next_step="Ask the question again.",
            )
        if replace(gate, parameters=action(cast(State, before.values))).digest != gate.digest:
            raise NotAllowed(
                "What was approved is not what would run now.",
                unchanged="The query was not run.",
                next_step="Ask the question again.",
            )
        answer = {"verdict": decision.verdict, "by": decision.by.name, "reason": decision.reason}
        return await self._go(run, Command(resume={gate.interrupt: answer}), report)

    async def _go(self, run: Run, given: State | Command[Any], report: Report) -> Outcome:
        config = _config(run)
        turn = Turn(run.id, run.asked_by, report)
        try:
            await self._graph.ainvoke(given, config, context=turn, durability="exit")
        except SourceUnavailable as down:
            if not down.source:
                raise
            without = not isinstance(given, Command) and cards.WITHOUT in given["choices"]
            return Answered(cards.source_down(down, run.id, needed=without), state="failed")
        after = await self._graph.aget_state(config)
        return self._outcome(run, after.values, after.interrupts)

    def _outcome(self, run: Run, state: Any, interrupts: tuple[Any, ...]) -> Outcome:
        if interrupts:
            gate = self._gate(run, state, interrupts[0].id)
            return Waiting(gate, cards.evidence(state, run.id))
        memory = state.get("memory") or {"history": state["history"]}
        declined = "" if "reading" in state else state.get("declined", "")
        return Answered(decode_as(Card, state["card"]), memory, declined=declined)

    def _gate(self, run: Run, state: State, interrupt: str) -> Gate:
        approval, risks = self._desk.approval, self._desk.risks
        gate = Gate(
            id=f"{run.id}:gate",
            tenant=run.tenant,
            run=run.id,
            flow=self.name,
            interrupt=interrupt,
            title=f"Run a heavy query for {run.asked_by.name}: “{run.text[:100]}”?",
            reason=" ".join(state["weight"]["reasons"]),
            parameters=action(state),
            asked_by=run.asked_by,
            roles=approval.roles,
            policy=self._desk.policy,
            allowed=("approve", "reject", "respond"),
            self_approval=approval.self_approval,
        )
        return gate if risks is None else ruled(gate, risks.risk(gate.parameters, run.asked_by), run.created_at)


def _config(run: Run) -> RunnableConfig:
    return {"configurable": {"thread_id": run.id}}


def _asked(run: Run, activity: Message | CardAction, memory: JsonObject, today: Callable[[], date]) -> State:
    """The graph's input. A press on an earlier answer asks that question anew, in the context it was asked in."""
    recalled = memory.get("history")
    history: list[Any] = recalled if isinstance(recalled, list) else []
    choices: dict[str, str] = {}
    if isinstance(activity, CardAction):
        pressed = activity.payload.get("run")
        at = next((i for i, exchange in enumerate(history) if exchange.get("run") == pressed), None)
        if at is not None:
            choices.update(history[at].get("choices", {}))
            history = history[:at]
        chosen = activity.payload.get("choices")
        if isinstance(chosen, dict):
            choices.update({str(name): str(option) for name, option in list(chosen.items())[:20]})
    return State(
        question=run.text, tenant=run.tenant, today=today().isoformat(), choices=choices, history=list(history)
    )
