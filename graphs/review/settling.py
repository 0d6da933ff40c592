"""The decision on an item, and all that follows from it."""

from dataclasses import dataclass

from conversation.activity import CardAction
from conversation.card import Card
from conversation.codec import JsonObject
from conversation.errors import NotAllowed, PersonError, QuilluxError
from conversation.gates import Decision, Gate, Verdict, digest
from conversation.principal import Principal
from conversation.review import ROLES, ReviewItem
from conversation.run import Outcome, Run
from graphs.review import batch, cards
from graphs.review.editing import Editing
from graphs.review.looking import Looking, about_meaning, note_in, reason_of, term_in, topic
from graphs.review.proposal import Proposal
from graphs.review.shelf import Shelf
from graphs.review.telling import Telling
from knowledge.errors import Conflict, KnowledgeError
from knowledge.glossary import Term


@dataclass(frozen=True, slots=True)
class Settling:
    """Approves and rejects; who may stands in `Gate.why_not`."""

    shelf: Shelf
    looking: Looking
    editing: Editing

    async def approve(self, item: ReviewItem, press: CardAction, run: Run) -> Outcome | Card:
        """Accept only what was shown with its rows: anything typed since is shown with its own rows first."""
        if about_meaning(item):
            return await self._approve_term(item, press, run)
        proposal = await self._typed(item, press, run)
        self._check(item, run.asked_by, "approve")
        if item.follows and proposal.question == item.question:
            note = "This was asked after another question: say the whole question before you approve."
            return await self.looking.shown(item, run, note, proposal=proposal)
        if proposal.pair is None or proposal.digest != press.payload.get("digest"):
            note = "" if proposal.problem else "This is what you changed, with its rows. Approve it if it is right."
            return await self.looking.shown(item, run, note, proposal=proposal)
        decided = await self._verified(item, proposal, press, run.asked_by)
        if not _by(decided, press):
            return cards.late(decided, run.id)
        told = await self._tell(decided, proposal.question)
        return cards.approved(proposal, run.asked_by.name, told, run.id)

    async def _verified(self, item: ReviewItem, proposal: Proposal, press: CardAction, who: Principal) -> ReviewItem:
        """The item decided, and its query verified."""
        decided = await self._decide(item, press, who, "approve")
        if _by(decided, press) and proposal.pair is not None:
            await self.shelf.verified.put(proposal.pair)
            detail: JsonObject = {"question": proposal.question, "sql": proposal.sql, "source": proposal.source}
            subject = f"verified:{proposal.pair.id}"
            await self.shelf.trail.note("verified.approved", subject, who, detail, key=press.id)
        return decided

    async def _typed(self, item: ReviewItem, press: CardAction, run: Run) -> Proposal:
        typed = {name: str(press.inputs.get(name) or "") for name in ("question", "sql")}
        return await self.looking.proposal(item, run.asked_by, **typed)

    async def _approve_term(self, item: ReviewItem, press: CardAction, run: Run) -> Outcome | Card:
        """A proposed metric takes a second pair of eyes; any other proposal is made as it was shown."""
        self._check(item, run.asked_by, "approve")
        after = term_in(item)
        if press.payload.get("digest") != digest(item.parameters) or item.kind != "proposal":
            return await self.looking.shown(item, run)
        if after is None:
            decided = await self._decide(item, press, run.asked_by, "approve")
            await self._note(decided, press, confirmed=True)
            return cards.settled_card(decided, await self._tell(decided, ""), run.id)
        before = (await self.shelf.glossary(item.tenant)).get(after.id)
        if "metric" in (after.kind, before.kind if before else ""):
            return await self.editing.wait(item, before, after, run, reason_of(press))
        return await self._make(item, press, run, before, after)

    async def _make(self, item: ReviewItem, press: CardAction, run: Run, before: Term | None, after: Term) -> Card:
        try:
            made = await self.shelf.changing.make(item, after, run.asked_by, before)
        except Conflict as conflict:
            return await self.looking.shown(item, run, f"{conflict.what} {conflict.next_step}".strip())
        except KnowledgeError as wrong:
            raise PersonError(wrong.what, next_step=wrong.next_step) from wrong
        decided = await self._decide(item, press, run.asked_by, "approve")
        if not _by(decided, press):
            return cards.late(decided, run.id)
        await self.changed_term(made, decided.decision or Decision("approve", run.asked_by), f"review:{item.id}")
        return cards.settled_card(decided, await self._tell(decided, ""), run.id)

    async def reject(self, item: ReviewItem, press: CardAction, run: Run) -> Card:
        """Let the answer stand; whoever complained reads the reason, so there has to be one."""
        self._check(item, run.asked_by, "reject")
        if not reason_of(press):
            note = "Say why you reject it: whoever asked reads the reason."
            return await self.looking.shown(item, run, note)
        decided = await self._decide(item, press, run.asked_by, "reject")
        if not _by(decided, press) or decided.decision is None:
            return cards.late(decided, run.id)
        await self._note(decided, press, confirmed=False)
        return cards.rejected(decided, decided.decision, await self._tell(decided, ""), run.id)

    async def _note(self, item: ReviewItem, press: CardAction, *, confirmed: bool) -> None:
        """Keep what an expert says of a key or a tag."""
        note = note_in(item)
        if note is not None and self.shelf.notes is not None and item.decision is not None and _by(item, press):
            await self.shelf.notes.say(item.tenant, note, confirmed=confirmed, by=item.decision.by.name)

    async def alike(self, item: ReviewItem, press: CardAction, run: Run) -> Card:
        """The items like this one, each with what one press would approve."""
        items = batch.alike(item, await self.shelf.reviews.all(item.tenant), run.asked_by)
        shown = []
        for one in items:
            words, value = await self._what(one, run.asked_by)
            if value:
                shown.append((one.id, words, value))
        return batch.offered([one for one in items if one.id in {id for id, *_ in shown}], shown, run.id)

    async def _what(self, item: ReviewItem, who: Principal) -> tuple[str, str]:
        """What would be approved, in words, and its digest; empty where it can't be."""
        if about_meaning(item):
            return item.question, digest(item.parameters)
        proposal = await self.looking.proposal(item, who)
        if proposal.pair is None:
            return "", ""
        first = ", ".join(str(value) for value in proposal.evidence.rows[0]) if proposal.evidence.rows else "no row"
        return f"{proposal.explanation or proposal.sql} ({proposal.evidence.total} rows; {first})", proposal.digest

    async def batch(self, press: CardAction, run: Run) -> Card:
        """Approve what was shown, item by item; one that can't be approved keeps no other from it."""
        chosen = press.payload.get("items")
        results: list[tuple[ReviewItem, str]] = []
        for id, value in list(chosen.items())[: batch.MOST] if isinstance(chosen, dict) else ():
            item = await self.shelf.reviews.get(run.tenant, str(id))
            if item is None or not (set(ROLES) & set(run.asked_by.roles) or item.belongs_to(run.asked_by)):
                continue
            results.append((item, await self._one(item, str(value), press, run)))
        if not results:
            raise NotAllowed("None of these items is known.", next_step="Ask “what needs review?”.")
        return batch.done(results, run.id)

    async def _one(self, item: ReviewItem, value: str, press: CardAction, run: Run) -> str:
        if item.decision is not None and not _by(item, press):
            return f"{item.decision.by.name} {item.status} it already"
        if not batch.likeness(item):
            return "Not approved: look at it by itself."
        alone = CardAction(press.id, press.where, press.sender, "review.approve", {"digest": value})
        try:
            await self.approve(item, alone, run)
        except QuilluxError as error:
            return error.what
        after = await self.shelf.reviews.get(item.tenant, item.id)
        return "Approved" if after is not None and _by(after, press) else "Not approved: it has changed since."

    def _check(self, item: ReviewItem, who: Principal, verdict: Verdict) -> None:
        why_not = item.gate(self.shelf.desk.approval.self_approval).why_not(who, verdict)
        if why_not:
            raise NotAllowed(why_not, unchanged="The item is still open.")

    async def _decide(self, item: ReviewItem, press: CardAction, who: Principal, verdict: Verdict) -> ReviewItem:
        decision = Decision(verdict, who, reason_of(press), {}, press.id, self.shelf.now(), press.where.channel)
        return await self._claim(item, decision, press.id)

    async def _claim(self, item: ReviewItem, decision: Decision, key: str) -> ReviewItem:
        """Set the decision, write it down, and bring every card of the item to the same state."""
        decided = await self.shelf.reviews.decide(item.tenant, item.id, decision) or item
        if decided.decision is None or decided.decision.activity != decision.activity:
            return decided
        detail: JsonObject = {"verdict": decision.verdict, "reason": decision.reason, "change": item.change}
        subject = f"review:{item.id}"
        await self.shelf.trail.note("review.decided", subject, decision.by, detail, channel=decision.channel, key=key)
        await self.shelf.delivery.converge(item.tenant, topic(item), cards.late(decided, ""))
        return decided

    async def _tell(self, item: ReviewItem, question: str) -> int:
        return await Telling(self.shelf).settled(item, item.decision, question) if item.decision else 0

    async def changed(self, gate: Gate, decision: Decision, term: Term | None) -> None:
        """What a decided change of a term means for the items that waited for it: settled, or open again."""
        if term is not None:
            await self.changed_term(term, decision, gate.id)
        for item in await self.shelf.reviews.waits_for(gate.tenant, gate.id):
            if term is None:
                await self.shelf.reviews.amend(item.tenant, item.id, change="")
                continue
            decided = await self._claim(item, decision, gate.id)
            await self._tell(decided, "")

    async def changed_term(self, term: Term, decision: Decision, why: str) -> None:
        """The entry of the audit log."""
        detail: JsonObject = {"version": term.version, "name": term.name, "by": why, "note": term.note}
        await self.shelf.trail.note(
            "term.changed", f"term:{term.id}", decision.by, detail, channel=decision.channel, key=str(term.version)
        )


def _by(item: ReviewItem, press: CardAction) -> bool:
    """Whether the item's decision is this press."""
    return item.decision is not None and item.decision.activity == press.id
