"""From an item to a change of what a word means: the form, its effect on past answers, and the gate."""

from dataclasses import dataclass, replace

from conversation.activity import CardAction
from conversation.card import Card, Element
from conversation.errors import NotAllowed, PersonError
from conversation.review import ReviewItem
from conversation.run import Run, Waiting
from graphs.asking import asker
from graphs.review import effect_cards, meaning, meaning_cards
from graphs.review.changing import Changing, term_of
from graphs.review.looking import about_meaning, reason_of, term_in
from graphs.review.meaning import Draft
from graphs.review.shelf import Shelf
from knowledge.errors import KnowledgeError
from knowledge.glossary import Term
from knowledge.glossary.checking import insist


@dataclass(frozen=True, slots=True)
class Editing:
    """Lets an expert change a word in a card."""

    shelf: Shelf

    @property
    def _changing(self) -> Changing:
        return self.shelf.changing

    async def form(self, item: ReviewItem, press: CardAction, run: Run) -> Card:
        """The term that a button named, or a new one, to be edited."""
        before, start = await self._start(item, press, run)
        return meaning_cards.form(item, Draft(before, start), run.id)

    async def effect(self, item: ReviewItem, press: CardAction, run: Run) -> Card:
        """The form as it was typed, with what it does to past answers, read with the expert's rights."""
        draft = await self._draft(item, press, run)
        shown: list[Element] = []
        if not draft.problem:
            shown = effect_cards.effect(await self.shelf.effects.of(draft.before, draft.after, run.asked_by))
        return meaning_cards.form(item, draft, run.id, reason=reason_of(press), effect=shown)

    async def propose(self, item: ReviewItem, press: CardAction, run: Run) -> Waiting | Card:
        """The gate of the change as it was typed; the form again where it can't be used."""
        draft = await self._draft(item, press, run)
        reason = reason_of(press)
        if draft.problem:
            return meaning_cards.form(item, draft, run.id, reason=reason)
        return await self.wait(item, draft.before, draft.after, run, reason)

    async def wait(self, item: ReviewItem, before: Term | None, after: Term, run: Run, reason: str) -> Waiting:
        """The gate of a change for an item, which is settled by it. Raises PersonError where one waits already."""
        for gate in await self._changing.open_gates(item.tenant):
            if gate.id == item.change and gate.run != run.id:
                raise PersonError(
                    f"{gate.asked_by.name} proposed a change for this already, which waits for approval.",
                    next_step="Decide that first.",
                )
        reason = reason or item.words or item.question[:300]
        waiting = await self._changing.propose(before, after, run.asked_by, run, reason)
        await self.shelf.reviews.amend(item.tenant, item.id, change=waiting.gate.id)
        return waiting

    async def again(self, press: CardAction, run: Run) -> Waiting:
        """A change that met a conflict, proposed anew on the term as it stands."""
        gates = self._changing.gates
        gate = await gates.get(run.tenant, str(press.payload.get("gate", ""))) if gates else None
        if gate is None or gate.asked_by.id != run.asked_by.id or gate.flow != "review":
            raise NotAllowed("This change is not known.", next_step="Ask “what needs review?”.")
        after = term_of(gate, gate.decision)
        before = (await self.shelf.glossary(run.tenant)).get(after.id)
        return await self._changing.propose(before, after, run.asked_by, run, gate.reason)

    async def _start(self, item: ReviewItem, press: CardAction, run: Run) -> tuple[Term | None, Term]:
        """The term as it stands, and what its form is filled with."""
        before = (await self.shelf.glossary(item.tenant)).get(str(press.payload.get("term", "")))
        proposed = term_in(item) if about_meaning(item) and item.kind == "proposal" else None
        if proposed is not None and proposed.id == (before.id if before else proposed.id):
            return before, proposed
        if before is not None:
            return before, before
        catalog = await self.shelf.desk.engine.catalog(asker(run.asked_by))
        return None, meaning.blank(item.sql, item.source, catalog)

    async def _draft(self, item: ReviewItem, press: CardAction, run: Run) -> Draft:
        before, start = await self._start(item, press, run)
        glossary = await self.shelf.glossary(item.tenant)
        try:
            after = replace(meaning.typed(before, start, press.inputs, glossary), status="approved")
        except KnowledgeError as wrong:
            return Draft(before, start, f"{wrong.what} {wrong.next_step}")
        try:
            insist(after, glossary, await self.shelf.desk.engine.catalog(asker(run.asked_by)))
        except KnowledgeError as wrong:
            return Draft(before, after, f"{wrong.what} {wrong.next_step}")
        return Draft(before, after)
