"""Questions that got no answer, or one of little confidence, noticed as they are asked."""

import hashlib
import logging

from conversation.activity import CardAction, Message
from conversation.codec import JsonObject
from conversation.errors import QuilluxError
from conversation.gates import Decision, Gate
from conversation.review import Complaint, ReviewItem, Reviews
from conversation.run import Answered, Flow, Outcome, Report, Run, Standing
from graphs.asking import asker
from graphs.nlq.desk import Desk
from graphs.review.complaints import opened
from graphs.review.items import bot
from graphs.review.routing import owners_of
from graphs.review.trail import Trail
from knowledge.errors import KnowledgeError
from knowledge.glossary import EMPTY
from knowledge.translation.meaning import canonical
from knowledge.verified import fingerprint

log = logging.getLogger(__name__)
TOPICAL = 2
"""Words that a question needs to be one: “asdf” is nobody's to review."""


class Noticing:
    """`conversation.run.Flow` around the one that answers questions; changes nothing of what people see.

    `below` is the confidence under which an answer is reviewed, 0 for none.
    """

    def __init__(self, flow: Flow, desk: Desk, reviews: Reviews, trail: Trail, below: float) -> None:
        self._flow = flow
        self.name = flow.name
        self._desk = desk
        self._reviews = reviews
        self._trail = trail
        self._below = below

    def handles(self, activity: Message | CardAction) -> float:
        """As the flow itself."""
        return self._flow.handles(activity)

    async def start(self, run: Run, activity: Message | CardAction, memory: JsonObject, report: Report) -> Outcome:
        """As the flow itself, with an eye on the outcome."""
        outcome = await self._flow.start(run, activity, memory, report)
        if isinstance(outcome, Answered):
            await self._seen(run, outcome, activity.sender.user)
        return outcome

    async def resume(self, run: Run, gate: Gate, decision: Decision, report: Report) -> Outcome:
        """As the flow itself."""
        return await self._flow.resume(run, gate, decision, report)

    async def standing(self, gate: Gate) -> Standing:
        """As the flow itself."""
        bound = getattr(self._flow, "standing", None)
        found = await bound(gate) if bound is not None else Standing(gate.policy, gate.target_version)
        return found if isinstance(found, Standing) else Standing(gate.policy, gate.target_version)

    async def _seen(self, run: Run, outcome: Answered, user: str) -> None:
        """Open or join an item; a fault in that keeps nobody from their answer."""
        try:
            item = await self._item(run, outcome)
            if item is None:
                return
            complaint = Complaint(run.asked_by, run.where, user, run.id, at=run.created_at)
            item = await self._reviews.report(item, complaint)
            if item.status == "open":
                await opened(self._trail, item, run.asked_by, run.where.channel)
        except (QuilluxError, KnowledgeError) as error:
            log.warning("not noticed for review", extra={"run": run.id, "why": str(error)})

    async def _item(self, run: Run, outcome: Answered) -> ReviewItem | None:
        if outcome.declined:
            if len(run.text.split()) < TOPICAL:
                return None
            return await self._made(run, "unanswered", run.text, "", "", outcome.declined, outcome.declined)
        history = outcome.memory.get("history")
        last = history[-1] if isinstance(history, list) and len(history) == 1 else None
        if not isinstance(last, dict) or last.get("run") != run.id or last.get("verified") or last.get("choices"):
            return None
        sure = last.get("confidence")
        if not isinstance(sure, float) or sure >= self._below:
            return None
        sql, source = str(last.get("sql", "")), str(last.get("source", ""))
        return await self._made(run, "unsure", str(last["question"]), sql, source, sql, f"Confidence {sure:.0%}")

    async def _made(
        self, run: Run, kind: str, question: str, sql: str, source: str, version: str, what: str
    ) -> ReviewItem:
        catalog = await self._desk.engine.catalog(asker(run.asked_by))
        glossary = await self._desk.glossary.of(run.tenant) if self._desk.glossary else EMPTY
        return ReviewItem(
            id="",
            tenant=run.tenant,
            kind=kind,
            fingerprint=fingerprint(canonical(f" {question}", glossary), self._desk.language),
            source=source,
            question=question,
            sql=sql,
            run=run.id,
            asked_by=bot(run.tenant),
            version=hashlib.sha256(version.encode()).hexdigest()[:16],
            parameters={"what": what},
            routed_to=owners_of(question, sql, glossary, catalog),
        )
