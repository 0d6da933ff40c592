"""What a review needs of the world."""

from collections.abc import Callable
from dataclasses import dataclass

from conversation.channel import Delivery
from conversation.directory import Directory
from conversation.review import Reviews
from conversation.run import Flow, Runs
from graphs.nlq.desk import Desk
from graphs.review.changing import Changing
from graphs.review.effect import Effects
from graphs.review.trail import Trail
from knowledge.enrichment import CatalogNotes
from knowledge.glossary import Glossary
from knowledge.verified import VerifiedQueries


@dataclass(frozen=True, slots=True)
class Shelf:
    """The ports and parts of a review. `now` gives an ISO time in UTC.

    `answers` is the flow that answers questions, to ask one again for somebody. Where `alike` is true, everybody sees
    the same data, so that rows read with one person's rights may be shown to another. `notes` keeps what experts say of
    keys and tags.
    """

    desk: Desk
    reviews: Reviews
    verified: VerifiedQueries
    delivery: Delivery
    directory: Directory
    runs: Runs
    answers: Flow
    changing: Changing
    effects: Effects
    trail: Trail
    now: Callable[[], str]
    alike: bool = False
    notes: CatalogNotes | None = None

    async def glossary(self, tenant: str) -> Glossary:
        """What words mean now."""
        return await self.changing.glossaries.of(tenant)
