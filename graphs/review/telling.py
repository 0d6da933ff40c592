"""Telling people what became of what they said: once each, with the new answer, read with their own rights."""

import logging
from dataclasses import dataclass, replace

from conversation.activity import Message
from conversation.card import Button, Card, Facts, Text
from conversation.codec import JsonObject
from conversation.errors import QuilluxError
from conversation.gates import Decision
from conversation.principal import Sender
from conversation.review import Complaint, ReviewItem
from conversation.run import Answered, Run
from graphs.review import cards
from graphs.review.shelf import Shelf

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Telling:
    """Reaches those who complained, in the place where they did."""

    shelf: Shelf

    async def settled(self, item: ReviewItem, decision: Decision, question: str) -> int:
        """Tell everybody who complained; how many could be reached. One who can't be keeps nobody else from it."""
        if _no_news(item, decision):
            return 0
        told = 0
        for said in await self.shelf.reviews.complaints(item.tenant, item.id):
            if said.who.id == decision.by.id:
                continue
            try:
                await self._tell(item, decision, said, question)
                told += 1
            except QuilluxError as unreachable:
                log.warning("review not told", extra={"item": item.id, "why": str(unreachable)})
        return told

    async def _tell(self, item: ReviewItem, decision: Decision, said: Complaint, question: str) -> None:
        run = Run(
            f"review:{item.id}:{said.who.id}",
            item.tenant,
            said.where,
            said.who,
            question or item.question,
            self.shelf.answers.name,
            created_at=self.shelf.now(),
        )
        run = await self.shelf.runs.begin(run)
        if run.finished_at:
            return
        answer = await self._again(item, said, run) if decision.verdict != "reject" else None
        card = cards.fixed(item, decision, answer.card) if answer else cards.told(item, decision, run.text)
        await self.shelf.delivery.show(item.tenant, said.where, card, key=run.id, only_for=said.user)
        await self.shelf.runs.finish(run.id, "completed", card, answer.memory if answer else {})
        detail: JsonObject = {"person": said.who.id, "verdict": decision.verdict, "answered": answer is not None}
        await self.shelf.trail.note(
            "person.told", f"review:{item.id}", decision.by, detail, channel=said.where.channel, key=said.who.id
        )

    async def _again(self, item: ReviewItem, said: Complaint, run: Run) -> Answered | None:
        """The new answer, with the rights that the person has now; None where it takes more than reading."""
        who = await self.shelf.directory.person(item.tenant, said.who.id)
        if who is None:
            return None
        before = await self.shelf.runs.get(item.tenant, said.run)
        asked = before.text if before and run.text == item.question else run.text
        run = replace(run, asked_by=who, text=asked)
        sender = Sender(said.where.channel, said.where.workspace, said.user, who.name)
        memory = _earlier(before) if before and item.follows else {}
        try:
            outcome = await self.shelf.answers.start(run, Message(run.id, said.where, sender, asked), memory, _silent)
        except QuilluxError as error:
            log.warning("not answered again", extra={"item": item.id, "why": str(error)})
            return None
        return outcome if isinstance(outcome, Answered) and _answers(outcome, run.id) else None

    async def notify(self, tenant: str, person: str, words: str, item: ReviewItem, key: str) -> bool:
        """A short card for one expert, where they were met last; False where they can't be reached."""
        reached = await self.shelf.directory.reach(tenant, (), users=(person,))
        button = Button("Look at it", "ask", {"text": f"review {item.id}"}, "primary")
        card = Card((Text(words), Facts((("Question", item.question[:300]),))), (button,), private=True)
        for _, where in reached[:1]:
            try:
                await self.shelf.delivery.show(tenant, where, card, key=key)
            except QuilluxError as unreachable:
                log.warning("expert not told", extra={"item": item.id, "why": str(unreachable)})
                return False
        return bool(reached)


def _no_news(item: ReviewItem, decision: Decision) -> bool:
    """Whether nobody waits for it: they complained of nothing, and their answer stays as it was."""
    return item.kind == "unsure" and decision.verdict == "reject" and not any((item.reason, item.words))


def _earlier(run: Run) -> JsonObject:
    """What the question was asked after."""
    history = run.memory.get("history")
    return {"history": history[:-1]} if isinstance(history, list) else {}


def _answers(outcome: Answered, run: str) -> bool:
    """Whether it is an answer rather than a refusal or a question back."""
    history = outcome.memory.get("history")
    last = history[-1] if isinstance(history, list) and history else None
    return isinstance(last, dict) and last.get("run") == run


def _silent(label: str, done: int = 0, total: int = 0) -> None:
    """Nobody watches."""
