"""From what a person finds wrong with an answer to a review item."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from conversation.codec import JsonObject
from conversation.gates.canonical import digest
from conversation.principal import Principal
from conversation.review import Complaint, ReviewItem, Reviews
from conversation.run import Run, Runs
from graphs.asking import asker
from graphs.nlq.desk import Desk
from graphs.review.routing import owners_of
from graphs.review.trail import Trail
from knowledge.translation.meaning import canonical
from knowledge.translation.model import Context, Read
from knowledge.verified import fingerprint

KIND = "answer"


@dataclass(frozen=True, slots=True)
class AnswerComplaints:
    """`conversation.review.Complaints` over the answers of the flow `nlq`."""

    desk: Desk
    runs: Runs
    reviews: Reviews
    trail: Trail

    async def take(self, complaint: Complaint) -> None:
        """Make or join the item of the answer; nothing where the run gave none."""
        run = await self.runs.get(complaint.who.tenant, complaint.run)
        history = _history(run) if run else []
        if run is None or not history:
            return
        shown, *before = reversed(history)
        follows = await self._follows(shown, before, run.asked_by)
        question = str(shown["question"])
        catalog = await self.desk.engine.catalog(asker(run.asked_by))
        glossary = await self.desk.meanings(run.tenant)
        item = ReviewItem(
            id="",
            tenant=run.tenant,
            kind=KIND,
            fingerprint=fingerprint(canonical(f"{follows} {question}", glossary), self.desk.language),
            source=str(shown["source"]),
            question=question,
            sql=str(shown["sql"]),
            run=run.id,
            asked_by=complaint.who,
            follows=follows,
            routed_to=owners_of(f"{follows} {question}", str(shown["sql"]), glossary, catalog),
        )
        item = await self.reviews.report(item, complaint)
        detail: JsonObject = {"reason": complaint.reason, "words": complaint.words, "review": item.id}
        channel = complaint.where.channel
        # A thumb down counts at once, and what is said about it afterwards is a step of its own.
        says = complaint.reason or complaint.words
        key = f"{complaint.who.id}:{digest([complaint.reason, complaint.words])}" if says else ""
        await self.trail.note("answer.complained", f"run:{run.id}", complaint.who, detail, channel=channel, key=key)
        await opened(self.trail, item, complaint.who, channel)

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


async def opened(trail: Trail, item: ReviewItem, who: Principal, channel: str = "") -> None:
    """The entry of the audit log for a new item."""
    detail: JsonObject = {"kind": item.kind, "question": item.question, "source": item.source}
    await trail.note("review.opened", f"review:{item.id}", who, detail, channel=channel, key="opened")


def _history(run: Run) -> list[Mapping[str, Any]]:
    """The exchanges up to the answer of a run, oldest first; none where its last is not that answer."""
    history = run.memory.get("history")
    if not isinstance(history, list) or not history or not isinstance(history[-1], dict):
        return []
    return [one for one in history if isinstance(one, dict)] if history[-1].get("run") == run.id else []
