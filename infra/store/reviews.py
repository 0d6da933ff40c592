"""Review items in the database: one open item for a question, one decision for an item."""

from collections.abc import Sequence
from dataclasses import replace as changed
from typing import Any, Unpack

from sqlalchemy import case, func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col

from conversation.codec import decode_as, encode
from conversation.gates import Decision
from conversation.review import Complaint, ReviewItem, Status, Waits
from infra.store.tables import ComplaintRow, ReviewRow, now
from infra.store.upsert import insert_once, replace


class SqlReviews:
    """`conversation.review.Reviews` on SQLModel tables."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def report(self, item: ReviewItem, complaint: Complaint | None = None) -> ReviewItem:
        """Open an item, or join the open one of the same fingerprint; a person's latest complaint counts.

        An item with a version of which one was decided already gives that one, and nothing is opened.
        """
        before = await self._decided(item.tenant, item.fingerprint)
        if item.version and item.version in before.values():
            id = next(id for id, version in before.items() if version == item.version)
            return await self.get(item.tenant, id) or item
        id = f"{item.fingerprint[:16]}-{len(before) + 1}"
        item = changed(item, id=id, created_at=item.created_at or now(), decision=None)
        await insert_once(
            self._engine,
            ReviewRow,
            tenant=item.tenant,
            id=id,
            fingerprint=item.fingerprint,
            kind=item.kind,
            status="open",
            people=item.people,
            record=encode(item),
            version=item.version,
            assignee="",
            asked="",
            change="",
            created_at=item.created_at,
        )
        if complaint is not None:
            await self._said_by(item.tenant, id, complaint)
        await self._counted(item)
        return await self.get(item.tenant, id) or item

    async def _said_by(self, tenant: str, id: str, complaint: Complaint) -> None:
        await replace(
            self._engine,
            ComplaintRow,
            tenant=tenant,
            review=id,
            person=complaint.who.id,
            record=encode(complaint),
            created_at=complaint.at or now(),
        )

    async def _counted(self, item: ReviewItem) -> None:
        """Set how many people it hurts: those who complained, or as many as were counted elsewhere."""
        complained = (
            select(func.count())
            .where(col(ComplaintRow.tenant) == item.tenant, col(ComplaintRow.review) == item.id)
            .scalar_subquery()
        )
        people = case((complained > item.people, complained), else_=item.people)
        statement = update(ReviewRow).where(*_at(item.tenant, item.id)).values(people=people)
        async with self._engine.begin() as connection:
            await connection.execute(statement)

    async def _decided(self, tenant: str, fingerprint: str) -> dict[str, str]:
        """The decided items of a fingerprint, each with its version."""
        query = select(col(ReviewRow.id), col(ReviewRow.version)).where(
            col(ReviewRow.tenant) == tenant, col(ReviewRow.fingerprint) == fingerprint, col(ReviewRow.status) != "open"
        )
        async with self._engine.connect() as connection:
            return {id: version for id, version in (await connection.execute(query)).all()}

    async def amend(self, tenant: str, id: str, **changes: Unpack[Waits]) -> ReviewItem | None:
        """Change what an open item waits for; a decided one stays as it is. None if it is unknown."""
        if changes:
            statement = update(ReviewRow).where(*_at(tenant, id), col(ReviewRow.status) == "open").values(**changes)
            async with self._engine.begin() as connection:
                await connection.execute(statement)
        return await self.get(tenant, id)

    async def waits_for(self, tenant: str, change: str) -> Sequence[ReviewItem]:
        """Open items that wait for this change of a term."""
        query = _select().where(
            col(ReviewRow.tenant) == tenant, col(ReviewRow.change) == change, col(ReviewRow.status) == "open"
        )
        return await self._items(query.order_by(col(ReviewRow.created_at))) if change else []

    async def get(self, tenant: str, id: str) -> ReviewItem | None:
        """The item of this tenant, or None."""
        found = await self._items(_select().where(*_at(tenant, id)))
        return found[0] if found else None

    async def all(self, tenant: str, status: Status = "open", limit: int = 200) -> Sequence[ReviewItem]:
        """Items in a status: those that hurt most people first, then the oldest."""
        query = _select().where(col(ReviewRow.tenant) == tenant, col(ReviewRow.status) == status)
        by = (col(ReviewRow.people).desc(), col(ReviewRow.created_at), col(ReviewRow.id))
        return await self._items(query.order_by(*by).limit(limit))

    async def complaints(self, tenant: str, id: str) -> Sequence[Complaint]:
        """Who complained, oldest first."""
        query = (
            select(col(ComplaintRow.record))
            .where(col(ComplaintRow.tenant) == tenant, col(ComplaintRow.review) == id)
            .order_by(col(ComplaintRow.created_at), col(ComplaintRow.person))
        )
        async with self._engine.connect() as connection:
            return [decode_as(Complaint, record) for record in (await connection.execute(query)).scalars()]

    async def decide(self, tenant: str, id: str, decision: Decision) -> ReviewItem | None:
        """Set the decision if none stands, and give the item with the decision that stands; None if it is unknown."""
        status = "rejected" if decision.verdict == "reject" else "approved"
        statement = (
            update(ReviewRow)
            .where(*_at(tenant, id), col(ReviewRow.status) == "open")
            .values(status=status, decision=encode(decision))
        )
        async with self._engine.begin() as connection:
            await connection.execute(statement)
        return await self.get(tenant, id)

    async def _items(self, query: Any) -> list[ReviewItem]:
        async with self._engine.connect() as connection:
            rows = (await connection.execute(query)).all()
        found = [
            changed(
                decode_as(ReviewItem, record),
                people=people,
                decision=decode_as(Decision, decision) if decision else None,
                assignee=assignee,
                asked=asked,
                change=change,
            )
            for record, people, decision, assignee, asked, change in rows
        ]
        said = await self._said([item.id for item in found])
        return [_told(item, [one for tenant, one in said.get(item.id, ()) if tenant == item.tenant]) for item in found]

    async def _said(self, ids: Sequence[str]) -> dict[str, list[tuple[str, Complaint]]]:
        """The complaints of several items, each with its tenant, oldest first."""
        query = (
            select(col(ComplaintRow.review), col(ComplaintRow.tenant), col(ComplaintRow.record))
            .where(col(ComplaintRow.review).in_(ids))
            .order_by(col(ComplaintRow.created_at), col(ComplaintRow.person))
        )
        found: dict[str, list[tuple[str, Complaint]]] = {}
        async with self._engine.connect() as connection:
            for id, tenant, record in (await connection.execute(query)).all():
                found.setdefault(id, []).append((tenant, decode_as(Complaint, record)))
        return found


def _told(item: ReviewItem, complaints: Sequence[Complaint]) -> ReviewItem:
    """The item with the latest reason and correction that anybody gave."""
    for said in complaints:
        item = changed(
            item,
            reason=said.reason or item.reason,
            words=said.words or item.words,
            correction=said.correction or item.correction,
        )
    return item


def _select() -> Any:
    row = ReviewRow
    names = (row.record, row.people, row.decision, row.assignee, row.asked, row.change)
    return select(*(col(name) for name in names))


def _at(tenant: str, id: str) -> tuple[Any, Any]:
    return col(ReviewRow.tenant) == tenant, col(ReviewRow.id) == id
