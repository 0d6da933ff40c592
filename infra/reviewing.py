"""Reviews in a running product: their parts, and what is done about them without being asked."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from conversation.channel import Delivery
from conversation.errors import QuilluxError
from conversation.gates.clock import QuietHours
from conversation.gates.risks import Risks
from conversation.run import Flow
from graphs.asking import asker
from graphs.nlq.desk import Desk
from graphs.review.changing import Changing
from graphs.review.effect import Effects
from graphs.review.impact import Impact
from graphs.review.items import bot
from graphs.review.news import News, Rhythm
from graphs.review.regression import Regression
from graphs.review.shelf import Shelf
from graphs.review.trail import Trail
from infra.catalogs import StoredCatalogs
from infra.documents import passages
from infra.enrichment import Enrichment, enrichment
from infra.past import AskedBefore
from infra.settings import Settings
from infra.store.checks import SqlChecks
from infra.store.notes import SqlNotes
from infra.store.tables import now
from infra.store.told import SqlTold
from infra.stores import Stores
from knowledge.errors import KnowledgeError

log = logging.getLogger(__name__)

WEEK = timedelta(days=7)
LOOK = 300.0
"""Seconds between two looks at what is to be done; each worker adds a part by chance, so that they rarely meet."""


def shelf(
    settings: Settings, stores: Stores, desk: Desk, answers: Flow, delivery: Delivery, risks: Risks, trail: Trail
) -> Shelf:
    """Everything that a review needs."""
    past, reviews = AskedBefore(stores.engine, settings.answers.language), settings.reviews
    effects, alike = (
        Effects(desk, past, reviews.effect_seconds, reviews.effect_questions),
        everybody_sees_the_same(settings),
    )
    changing = Changing(
        stores.glossary,
        risks,
        now,
        settings.answers.approvers,
        settings.answers.self_approval,
        desk.engine,
        stores.gates,
        Impact(effects, alike),
    )
    return Shelf(
        desk=desk,
        reviews=stores.reviews,
        verified=stores.verified,
        delivery=delivery,
        directory=stores.directory,
        runs=stores.runs,
        answers=answers,
        changing=changing,
        effects=effects,
        trail=trail,
        now=now,
        alike=alike,
        notes=SqlNotes(stores.engine),
    )


def everybody_sees_the_same(settings: Settings) -> bool:
    """Whether no policy and no identity of a source tells people apart."""
    return not settings.policy and all(source.identity.kind == "none" for source in settings.sources)


@dataclass
class Chores:
    """What a worker does about reviews from time to time, for one tenant."""

    tenant: str
    news: News
    regression: Regression
    told: SqlTold
    hours: float
    enrichment: Enrichment
    proposals: int
    _seen: tuple[str, ...] = field(default=())

    async def round(self, at: datetime) -> None:
        """Tell whom it is time to tell; run verified queries where it is time, or what they rest on changed."""
        await self.news.round(self.tenant, at)
        if await self._to_check(at):
            await self.told.set(self.tenant, "", "check", at.isoformat(timespec="microseconds"))
            report = await self.regression.round(self.tenant)
            if report.broken:
                log.warning("verified queries are broken", extra={"count": len(report.broken)})
        if self.proposals and await self._to_propose(at):
            await self.told.set(self.tenant, "", "proposals", at.isoformat(timespec="microseconds"))
            await self.enrichment.send((await self.enrichment.proposals())[: self.proposals])

    async def _to_propose(self, at: datetime) -> bool:
        """Once a week; the first time a week after the first look, when people have asked something."""
        last = await self.told.last(self.tenant, "", "proposals")
        if not last:
            await self.told.set(self.tenant, "", "proposals", at.isoformat(timespec="microseconds"))
        return bool(last) and at >= datetime.fromisoformat(last) + WEEK

    async def _to_check(self, at: datetime) -> bool:
        """After so many hours, or at once when the catalog, a word or a verified query is not any more as it was."""
        if not self.hours:
            return False
        desk = self.news.shelf.desk
        catalog = await desk.engine.catalog(asker(bot(self.tenant)))
        words = await self.news.shelf.glossary(self.tenant)
        seen = catalog.version, words.version, str(len(await self.news.shelf.verified.of(self.tenant)))
        moved, self._seen = bool(self._seen) and seen != self._seen, seen
        last = await self.told.last(self.tenant, "", "check")
        return moved or not last or at >= datetime.fromisoformat(last) + timedelta(hours=self.hours)


def chores(settings: Settings, stores: Stores, shelf: Shelf, catalogs: StoredCatalogs, quiet: QuietHours) -> Chores:
    """The chores of a worker."""
    past, told = AskedBefore(stores.engine, settings.answers.language), SqlTold(stores.engine)
    rhythm = Rhythm(settings.reviews.notice_minutes, settings.reviews.digest_weekday, quiet)
    regression = Regression(shelf, SqlChecks(stores.engine), past)
    news, making = News(shelf, told, past, rhythm), enrichment(settings, stores, catalogs, passages(settings))
    wanted = settings.reviews
    return Chores(settings.tenant, news, regression, told, wanted.check_hours, making, wanted.proposals)


@asynccontextmanager
async def kept_up(chores: Chores) -> AsyncIterator[None]:
    """While inside, the chores are done."""
    task = asyncio.create_task(_go_on(chores))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _go_on(chores: Chores) -> None:
    while True:
        await asyncio.sleep(LOOK * random.uniform(1, 1.5))  # noqa: S311 - a pause, not a secret
        try:
            await chores.round(datetime.now(UTC))
        except (QuilluxError, KnowledgeError) as error:
            log.warning("reviews were not looked at", extra={"why": str(error)})
