"""What to ask: for greetings, “help”, and a mention without words. No graph: it has one step and waits for nothing."""

import re

from conversation.activity import CardAction, Message
from conversation.card import Button, Card, Facts, Text
from conversation.codec import JsonObject
from conversation.errors import NotAllowed
from conversation.gates import Decision, Gate
from conversation.run import Answered, Outcome, Report, Run
from graphs.asking import asker
from knowledge.catalog.suggestions import suggestions
from knowledge.federation import Engine

_HELP = re.compile(r"^\W*(help|hi|hello|hey|hallo|bonjour|hola|start|what can you do)?\W*$", re.IGNORECASE)


class HelpFlow:
    """`conversation.run.Flow` that shows what can be asked of the data at hand."""

    name = "help"

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def handles(self, activity: Message | CardAction) -> float:
        """Greetings and calls for help are surely meant for it."""
        return 1.0 if isinstance(activity, Message) and _HELP.match(activity.text) else 0.0

    async def start(self, run: Run, activity: Message | CardAction, memory: JsonObject, report: Report) -> Outcome:
        """What there is, and questions to try."""
        catalog = await self._engine.catalog(asker(run.asked_by))
        sources = tuple(
            (source, ", ".join(table.name.replace("_", " ") for table in catalog.of(source)))
            for source in catalog.dialects
        )
        questions = suggestions(catalog)
        body = (
            Text("Ask me about your data", "title"),
            Text("In plain words, in a mention or here. Follow-ups such as “only Germany” or “by month” work too."),
            Facts(sources)
            if sources
            else Text("No source is connected yet: `quillux source add` adds one.", "warning"),
        )
        buttons = tuple(Button(question, "ask", {"text": question}) for question in questions)
        return Answered(Card(body, alternatives=buttons, run=run.id), memory)

    async def resume(self, run: Run, gate: Gate, decision: Decision, report: Report) -> Outcome:
        """This flow opens no gate, so there is nothing to go on with."""
        raise NotAllowed("Nothing here waits for a decision.")
