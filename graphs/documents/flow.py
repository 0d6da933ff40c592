"""Questions of documents: quotes and nothing else. No graph: it has one step and waits for nothing."""

from conversation.activity import CardAction, Message
from conversation.codec import JsonObject
from conversation.errors import NotAllowed
from conversation.gates import Decision, Gate
from conversation.run import Answered, Outcome, Report, Run
from graphs.asking import asker
from graphs.documents import cards
from graphs.documents.asked import of_documents
from knowledge.documents.answering import Documents, Question


class DocumentsFlow:
    """`conversation.run.Flow` for words that speak of documents: “what does the refund policy say about …”."""

    name = "documents"

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def handles(self, activity: Message | CardAction) -> float:
        """Only words that name documents; any other question is one of data first."""
        return 0.8 if isinstance(activity, Message) and of_documents(activity.text) else 0.0

    async def start(self, run: Run, activity: Message | CardAction, memory: JsonObject, report: Report) -> Outcome:
        """One card of quotes; what documents say is shown and never done. The conversation's memory stays as it was."""
        report("Searching the documents")
        found = await self._documents.answer(of_documents(run.text) or Question(run.text), asker(run.asked_by))
        return Answered(cards.answer(found, run.id), memory)

    async def resume(self, run: Run, gate: Gate, decision: Decision, report: Report) -> Outcome:
        """This flow opens no gate, so there is nothing to go on with."""
        raise NotAllowed("Nothing here waits for a decision.")
