"""The step that asks the chat model. It stands alone: a node with an interrupt runs again, and would ask again."""

from time import perf_counter
from typing import Any

from langgraph.runtime import Runtime

from conversation.codec import encode
from graphs.asking import asker
from graphs.nlq import cards
from graphs.nlq.desk import Desk
from graphs.nlq.nodes import Turn, context_of, reading_of
from graphs.nlq.state import State
from knowledge.translation.assisted import Briefing, Proposer
from knowledge.translation.meaning.heeding import told_of
from knowledge.translation.model import Decline, Read
from knowledge.trial import LightTrial
from knowledge.verified import examples


class Proposal:
    """The node `propose`, over one desk and its proposer."""

    def __init__(self, desk: Desk, proposer: Proposer) -> None:
        self._desk = desk
        self._proposer = proposer

    async def propose(self, state: State, runtime: Runtime[Turn]) -> dict[str, Any]:
        """The rules' translation, made again since it is pure, improved by the model where that is of use."""
        runtime.context.report("Asking the model")
        began = perf_counter()
        catalog = await self._desk.engine.catalog(asker(runtime.context.asked_by))
        question, context = state["question"], await context_of(state, self._desk, runtime.context.asked_by)
        translation = self._desk.translator.translate(question, catalog, context)
        who = asker(runtime.context.asked_by)
        known = await self._desk.verified.of(who.tenant) if self._desk.verified else ()
        pairs = examples(question, known, catalog, who, glossary=context.glossary)
        briefing = Briefing(pairs, told_of(question, context.glossary, catalog))
        trial = LightTrial(self._desk.engine, who)
        improved = await self._proposer.improve(question, catalog, context, translation, trial, briefing)
        match improved:
            case Read(interpretations=(best, *_)):
                return {"reading": reading_of(best, (perf_counter() - began) * 1000)}
            case Decline(reason=reason, suggestions=suggestions):
                return {"card": encode(cards.declined(reason, suggestions, runtime.context.run)), "declined": reason}
            case _:
                return {}
