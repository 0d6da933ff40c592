"""One item as one person sees it: its evidence, read and run with that person's rights."""

from dataclasses import dataclass

from conversation.activity import CardAction, readable
from conversation.card import Card
from conversation.errors import PersonError
from conversation.gates.deciding import REASON_LIMIT
from conversation.principal import Principal
from conversation.review import ReviewItem
from conversation.run import Run
from graphs.asking import asker
from graphs.review import batch, cards
from graphs.review.proposal import Proposal, Proposing, explained, shown
from graphs.review.routing import terms_of
from graphs.review.shelf import Shelf
from knowledge.enrichment import Note
from knowledge.errors import KnowledgeError
from knowledge.glossary import Term
from knowledge.glossary.codec import from_json


@dataclass(frozen=True, slots=True)
class Looking:
    """Draws items."""

    shelf: Shelf

    async def opened(self, item: ReviewItem, press: CardAction, run: Run) -> Card:
        """The item, with what was typed beside its buttons."""
        typed = {name: readable(str(press.inputs.get(name) or "")) for name in ("question", "sql")}
        return await self.shown(item, run, typed=typed)

    async def shown(
        self,
        item: ReviewItem,
        run: Run,
        note: str = "",
        *,
        proposal: Proposal | None = None,
        typed: dict[str, str] | None = None,
    ) -> Card:
        """The item's card; `proposal` is what would be approved where that was made already."""
        who = run.asked_by
        complaints = await self.shelf.reviews.complaints(item.tenant, item.id)
        others = await self.shelf.reviews.all(item.tenant)
        alike = len(batch.alike(item, others, who))
        glossary = await self.shelf.glossary(item.tenant)
        if about_meaning(item):
            nothing = Proposal(item.question, "", item.source, "")
            look = cards.Look(item, complaints, nothing, alike=alike)
            after = term_in(item)
            return cards.proposed(look, glossary.get(after.id) if after else None, after, run.id, note)
        if proposal is None:
            proposal = await self.proposal(item, who, **(typed or {}))
        catalog = await self.shelf.desk.engine.catalog(asker(who))
        look = cards.Look(
            item,
            complaints,
            proposal,
            shown(item.sql, item.source, catalog) if item.sql else "",
            explained(item.sql, item.source, catalog),
            terms_of(f"{item.follows} {item.question}", glossary),
            alike,
        )
        return cards.item(look, run.id, note)

    async def proposal(self, item: ReviewItem, who: Principal, question: str = "", sql: str = "") -> Proposal:
        """What was typed, else what the item proposes; run with this person's rights."""
        return await Proposing(self.shelf.desk).of(item, who, self.shelf.now(), question, sql)


def about_meaning(item: ReviewItem) -> bool:
    """Whether it is about a term or a fact rather than about a query."""
    return item.kind in ("proposal", "drift") and "query" not in item.parameters


def term_in(item: ReviewItem) -> Term | None:
    """The term that an item proposes or is about; None where it is about none."""
    try:
        return from_json(item.parameters["term"]) if "term" in item.parameters else None
    except KnowledgeError:
        return None


def note_in(item: ReviewItem) -> Note | None:
    """The fact about the catalog that an item proposes; None where it proposes none."""
    said = item.parameters.get("note")
    names = ("aspect", "source", "table", "column", "value")
    if not isinstance(said, dict) or said.get("aspect") not in ("key", "tag"):
        return None
    fields = {name: str(said.get(name, "")) for name in names}
    return Note(**fields)  # type: ignore[arg-type]


def topic(item: ReviewItem) -> str:
    """Under which all cards of an item stand, so that they change together."""
    return f"review:{item.id}"


def reason_of(press: CardAction) -> str:
    """What was typed as the reason. Raises PersonError for one that is too long."""
    reason = readable(str(press.inputs.get("reason") or ""))
    if len(reason) > REASON_LIMIT:
        raise PersonError(
            f"The reason has {len(reason):,} characters; up to {REASON_LIMIT:,} are kept.",
            unchanged="The item is still open.",
            next_step="Shorten it and decide again.",
        )
    return reason
