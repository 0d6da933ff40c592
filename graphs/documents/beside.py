"""Documents beside questions of data: “… and what the refund policy says about it”, and where the data says nothing."""

from dataclasses import replace

from conversation.activity import CardAction, Message
from conversation.codec import JsonObject
from conversation.gates import Decision, Gate
from conversation.run import Answered, Flow, Outcome, Report, Run
from graphs.asking import asker
from graphs.documents import cards
from graphs.documents.asked import parted
from knowledge.documents.answering import Documents, Question


class WithDocuments:
    """`conversation.run.Flow` around the one for data: what that answers stands, and documents are put under it.

    Only where it declines a question, and a quote holds nearly all of it, the quote takes the place of the refusal.
    """

    def __init__(self, data: Flow, documents: Documents) -> None:
        self.name = data.name
        self._data = data
        self._documents = documents

    def handles(self, activity: Message | CardAction) -> float:
        """As the flow for data."""
        return self._data.handles(activity)

    async def start(self, run: Run, activity: Message | CardAction, memory: JsonObject, report: Report) -> Outcome:
        """Answer the part for data as always, then what was asked of documents."""
        asked = parted(run.text)
        outcome = await self._data.start(replace(run, text=asked.data) if asked else run, activity, memory, report)
        return await self._with(outcome, run)

    async def resume(self, run: Run, gate: Gate, decision: Decision, report: Report) -> Outcome:
        """The same after a decision."""
        asked = parted(run.text)
        outcome = await self._data.resume(replace(run, text=asked.data) if asked else run, gate, decision, report)
        return await self._with(outcome, run)

    async def _with(self, outcome: Outcome, run: Run) -> Outcome:
        if not isinstance(outcome, Answered) or outcome.state != "completed":
            return outcome
        who, asked = asker(run.asked_by), parted(run.text)
        if asked:
            found = await self._documents.answer(asked.documents, who)
            return replace(outcome, card=cards.beside(outcome.card, found))
        if not outcome.declined:
            return outcome
        found = await self._documents.answer(Question(run.text), who)
        if not found.very_sure:
            return outcome
        return replace(outcome, card=cards.instead(found, outcome.declined, run.id), declined="")
