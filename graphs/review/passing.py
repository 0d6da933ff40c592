"""An item between people: a question back to whoever complained, their answer, and giving it to somebody."""

from dataclasses import dataclass, replace

from conversation.activity import CardAction, readable
from conversation.card import Card
from conversation.errors import NotAllowed, PersonError
from conversation.review import ROLES, Complaint, ReviewItem
from conversation.run import Run
from graphs.review import people_cards
from graphs.review.looking import Looking, reason_of
from graphs.review.shelf import Shelf
from graphs.review.telling import Telling


@dataclass(frozen=True, slots=True)
class Passing:
    """Asks back and assigns."""

    shelf: Shelf
    looking: Looking

    async def ask(self, item: ReviewItem, press: CardAction, run: Run) -> Card:
        """Ask everybody who complained; the item waits for the first answer."""
        question = reason_of(press)
        if not question:
            return people_cards.ask(item, run.id)
        who = run.asked_by
        complaints = [one for one in await self.shelf.reviews.complaints(item.tenant, item.id) if one.who.id != who.id]
        if not complaints:
            raise PersonError("Nobody complained who could be asked.", next_step="Decide it, or assign it.")
        assignee = item.assignee or who.id
        asked = await self.shelf.reviews.amend(item.tenant, item.id, asked=question, assignee=assignee) or item
        for said in complaints:
            await self._reach(item, said, question, press, run)
        names = ", ".join(one.who.name for one in complaints[:5])
        return await self.looking.shown(asked, run, f"{names} was asked: {question}")

    async def _reach(self, item: ReviewItem, said: Complaint, question: str, press: CardAction, run: Run) -> None:
        """Show the question where they complained, as a run of their own that they can answer."""
        id = f"{press.id}:asks:{said.who.id}"
        asking = Run(id, item.tenant, said.where, said.who, item.question, "review", created_at=self.shelf.now())
        await self.shelf.runs.begin(asking)
        card = people_cards.asked(item, run.asked_by, question, id)
        await self.shelf.delivery.show(item.tenant, said.where, card, key=id, only_for=said.user)
        await self.shelf.runs.finish(id, "completed", card, {})

    async def answer(self, item: ReviewItem, press: CardAction, run: Run) -> Card:
        """What somebody who complained answers joins the item; the expert who asked is told."""
        complaints = await self.shelf.reviews.complaints(item.tenant, item.id)
        said = next((one for one in complaints if one.who.id == run.asked_by.id), None)
        if said is None:
            raise NotAllowed("You were not asked about this.", next_step="Ask the question yourself, and say why.")
        if item.status != "open" or not item.asked:
            raise PersonError("This was answered or decided meanwhile.")
        words = readable(str(press.inputs.get("answer") or ""))[: people_cards.ANSWER_LIMIT]
        if not words:
            raise PersonError("Your answer is empty.", next_step="Write it, then press Answer.")
        added = f"{said.words} · asked “{item.asked}”: {words}" if said.words else f"asked “{item.asked}”: {words}"
        await self.shelf.reviews.report(item, replace(said, words=added[-2_000:], at=said.at or self.shelf.now()))
        await self.shelf.reviews.amend(item.tenant, item.id, asked="")
        telling = Telling(self.shelf)
        if item.assignee:
            notice = f"{run.asked_by.name} answered: {words[:300]}"
            await telling.notify(item.tenant, item.assignee, notice, item, key=f"{press.id}:answered")
        return people_cards.thanks(item.asked, words, run.id)

    async def assign(self, item: ReviewItem, press: CardAction, run: Run) -> Card:
        """Give the item to a person, who is told."""
        people = [who for who, _ in await self.shelf.directory.reach(item.tenant, ROLES, users=item.routed_to)]
        chosen = next((who for who in people if who.id == press.inputs.get("person")), None)
        if chosen is None:
            return people_cards.assign(item, people, run.id)
        assigned = await self.shelf.reviews.amend(item.tenant, item.id, assignee=chosen.id) or item
        if chosen.id != run.asked_by.id:
            words = f"{run.asked_by.name} gave you something to review."
            await Telling(self.shelf).notify(item.tenant, chosen.id, words, item, key=f"{press.id}:assigned")
        return await self.looking.shown(assigned, run, f"Assigned to {chosen.name}.")
