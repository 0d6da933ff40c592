"""What experts are told without asking: that something of theirs waits, rarely; and how the week went."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

from conversation.card import Card
from conversation.errors import QuilluxError
from conversation.gates.clock import QuietHours
from conversation.principal import ConversationRef, Principal
from conversation.review import ROLES, ReviewItem
from graphs.review import news_cards
from graphs.review.news_cards import Week
from graphs.review.shelf import Shelf

log = logging.getLogger(__name__)
Kind = Literal["notice", "digest", "check", "proposals"]
"""Also when verified queries were last looked at, of nobody."""
WEEKS = 4
MORNING = 8
"""Hour of the digest's day before which nobody is shown it."""


class Told(Protocol):
    """When each person was last told."""

    async def last(self, tenant: str, person: str, kind: Kind) -> str:
        """An ISO time in UTC; empty for never."""

    async def set(self, tenant: str, person: str, kind: Kind, at: str) -> None:
        """They were told now."""


class Answered(Protocol):
    """How many questions were answered."""

    async def answered(self, tenant: str, since: str) -> "dict[str, int]":
        """By day (ISO), from a day on."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often people are told. `minutes` is the least time between two notices of one person, 0 for no notices.

    `weekday` is the digest's (Monday is 0), -1 for none, by the clocks of `quiet.zone`.
    """

    minutes: int = 60
    weekday: int = 0
    quiet: QuietHours = field(default_factory=QuietHours)


@dataclass(frozen=True, slots=True)
class News:
    """Tells experts and owners. Handled twice, it shows the same card once."""

    shelf: Shelf
    told: Told
    answered: Answered
    rhythm: Rhythm

    async def round(self, tenant: str, at: datetime) -> int:
        """Tell whom it is time to tell; how many were told. Nobody is told in quiet hours."""
        if self.rhythm.quiet.over(at) != at:
            return 0
        items = await self.shelf.reviews.all(tenant)
        owners = tuple(dict.fromkeys(owner for item in items for owner in item.routed_to))
        assigned = tuple(item.assignee for item in items if item.assignee)
        reached = await self.shelf.directory.reach(tenant, (*ROLES, *owners), users=(*owners, *assigned))
        count = 0
        for who, where in reached:
            mine = [item for item in items if item.belongs_to(who)]
            count += await self._notice(who, where, mine, at)
            count += await self._digest(who, where, items, at)
        return count

    async def _notice(self, who: Principal, where: ConversationRef, mine: Sequence[ReviewItem], at: datetime) -> bool:
        last = await self.told.last(who.tenant, who.id, "notice")
        new = [item for item in mine if item.created_at > last]
        pause = timedelta(minutes=self.rhythm.minutes)
        if not new or not self.rhythm.minutes or (last and at < datetime.fromisoformat(last) + pause):
            return False
        return await self._show(who, where, news_cards.notice(new, len(mine)), "notice", at)

    async def _digest(self, who: Principal, where: ConversationRef, items: Sequence[ReviewItem], at: datetime) -> bool:
        local = at.astimezone(ZoneInfo(self.rhythm.quiet.zone))
        if local.weekday() != self.rhythm.weekday or local.hour < MORNING or not set(ROLES) & set(who.roles):
            return False
        last = await self.told.last(who.tenant, who.id, "digest")
        if last and at < datetime.fromisoformat(last) + timedelta(days=6):
            return False
        return await self._show(who, where, await self.digest(who.tenant, items, at), "digest", at)

    async def digest(self, tenant: str, items: Sequence[ReviewItem], at: datetime) -> Card:
        """What was decided in the last week, what waits, whom it hurts, and how often answers were right."""
        since = (at - timedelta(days=7)).isoformat()
        approved = await self.shelf.reviews.all(tenant, "approved", 1_000)
        decided = [*approved, *await self.shelf.reviews.all(tenant, "rejected", 1_000)]
        recent = [item for item in decided if item.decision is not None and item.decision.at >= since]
        return news_cards.digest(recent, items, await self._weeks(tenant, (*items, *decided), at))

    async def _weeks(self, tenant: str, items: Sequence[ReviewItem], at: datetime) -> list[Week]:
        """The last weeks, the latest first: answers, and how many of them people found wrong with reason."""
        start = (at - timedelta(days=7 * WEEKS)).date()
        by_day = await self.answered.answered(tenant, start.isoformat())
        weeks = []
        for back in range(WEEKS):
            first, last = at.date() - timedelta(days=7 * back + 6), at.date() - timedelta(days=7 * back)
            answers = sum(count for day, count in by_day.items() if first.isoformat() <= day <= last.isoformat())
            wrong = [
                item.people
                for item in items
                if item.kind == "answer"
                and item.status != "rejected"
                and first.isoformat() <= item.created_at[:10] <= last.isoformat()
            ]
            weeks.append(Week(first.isoformat(), answers, min(sum(wrong), answers)))
        return weeks

    async def _show(self, who: Principal, where: ConversationRef, card: Card, kind: Kind, at: datetime) -> bool:
        stamp = at.isoformat(timespec="microseconds")
        key = f"review-{kind}:{who.id}:{at:%Y-%m-%dT%H}" if kind == "notice" else f"review-{kind}:{who.id}:{at:%G-%V}"
        try:
            await self.shelf.delivery.show(who.tenant, where, card, key=key)
        except QuilluxError as unreachable:
            log.warning("expert not told", extra={"person": who.id, "why": str(unreachable)})
            return False
        await self.told.set(who.tenant, who.id, kind, stamp)
        return True
