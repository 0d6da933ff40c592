"""Review items for one command."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from conversation.errors import PersonError
from conversation.review import Complaint, ReviewItem, Status
from infra.cli.verifying import expert, settings
from infra.settings import Settings
from infra.store.audit import SqlAudit
from infra.store.engine import migrate, open_engine
from infra.store.reviews import SqlReviews
from infra.store.tables import now


@asynccontextmanager
async def _reviews(configured: Settings) -> AsyncIterator[tuple[SqlReviews, SqlAudit]]:
    configured.data.mkdir(parents=True, exist_ok=True)
    migrate(configured.database_url)
    engine = open_engine(configured.database_url)
    try:
        yield SqlReviews(engine), SqlAudit(engine)
    finally:
        await engine.dispose()


async def listed(status: Status, limit: int, kind: str = "") -> list[ReviewItem]:
    """Items in a status, of one kind where it is given."""
    configured = settings()
    async with _reviews(configured) as (reviews, _):
        found = await reviews.all(configured.tenant, status, limit if not kind else 10_000)
    return [item for item in found if kind in ("", item.kind)][:limit]


async def shown(id: str) -> tuple[ReviewItem, Sequence[Complaint]]:
    """One item with what was said of it. Raises PersonError where there is none."""
    configured = settings()
    async with _reviews(configured) as (reviews, _):
        item = _there(await reviews.get(configured.tenant, id), id)
        return item, await reviews.complaints(configured.tenant, id)


async def assigned(id: str, to: str, by: str) -> ReviewItem:
    """Give an open item to a person. Raises NotAllowed for somebody who may not, PersonError for a decided one."""
    configured = settings()
    expert(configured, by)
    if to and not any(person.id == to for person in configured.people):
        raise PersonError(f"{to!r} is nobody of the settings.", next_step="Name the id of somebody in [[people]].")
    async with _reviews(configured) as (reviews, audit):
        if _there(await reviews.get(configured.tenant, id), id).status != "open":
            raise PersonError(f"{id} was decided already.", next_step="`quillux reviews list` shows what is open.")
        item = await reviews.amend(configured.tenant, id, assignee=to)
        await audit.append(
            configured.tenant,
            at=now(),
            actor=by,
            channel="cli",
            what="review.assigned",
            subject=f"review:{id}",
            detail={"to": to},
        )
    return _there(item, id)


def _there(item: ReviewItem | None, id: str) -> ReviewItem:
    if item is None:
        raise PersonError(f"There is no review item {id!r}.", next_step="`quillux reviews list` shows them.")
    return item
