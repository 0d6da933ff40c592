"""From what a person finds wrong with an answer to a review item."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from conversation.principal import Principal
from conversation.review import Complaint, ReviewItem, Reviews
from conversation.run import Run, Runs
from graphs.asking import asker
from graphs.nlq.desk import Desk
from knowledge.translation.model import Context, Read
from knowledge.verified import fingerprint

KIND = "answer"


@dataclass(frozen=True, slots=True)
class AnswerComplaints:
    """`conversation.review.Complaints` over the answers of the flow `nlq`."""

    desk: Desk
    runs: Runs
    reviews: Reviews

    async def take(self, complaint: Complaint) -> None:
        """Make or join the item of the answer; nothing where the run gave none."""
        run = await self.runs.get(complaint.who.tenant, complaint.run)
        history = _history(run) if run else []
        if run is None or not history:
            return
        shown, *before = reversed(history)
        follows = await self._follows(shown, before, run.asked_by)
        question = str(shown["question"])
        item = ReviewItem(
            id="",
            tenant=run.tenant,
            kind=KIND,
            fingerprint=fingerprint(f"{follows} {question}", self.desk.language),
            source=str(shown["source"]),
            question=question,
            sql=str(shown["sql"]),
            run=run.id,
            asked_by=complaint.who,
            follows=follows,
        )
        await self.reviews.report(item, complaint)

    async def _follows(self, shown: Mapping[str, Any], before: Sequence[Mapping[str, Any]], who: Principal) -> str:
        """The question before, where the shown one is read otherwise without it."""
        if not before:
            return ""
        catalog = await self.desk.engine.catalog(asker(who))
        today: date = self.desk.today()
        alone = self.desk.translator.translate(
            shown["question"],
            catalog,
            Context(
                today,
                choices=shown.get("choices", {}),
                language=self.desk.language,
                glossary=await self.desk.meanings(who.tenant),
            ),
        )
        match alone:
            case Read(interpretations=(best, *_)) if best.query.sql(dialect=best.dialect) == shown["sql"]:
                return ""
            case _:
                return str(before[0]["question"])


def _history(run: Run) -> list[Mapping[str, Any]]:
    """The exchanges up to the answer of a run, oldest first; none where its last is not that answer."""
    history = run.memory.get("history")
    if not isinstance(history, list) or not history or not isinstance(history[-1], dict):
        return []
    return [one for one in history if isinstance(one, dict)] if history[-1].get("run") == run.id else []
