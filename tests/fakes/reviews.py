"""Review items, kept in memory."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Unpack

from conversation.gates import Decision
from conversation.review import Complaint, ReviewItem, Status, Waits


class MemoryReviews:
    """The twin of the stored review items."""

    def __init__(self) -> None:
        self._items: dict[tuple[str, str], ReviewItem] = {}
        self._said: dict[tuple[str, str], dict[str, Complaint]] = {}

    async def report(self, item: ReviewItem, complaint: Complaint | None = None) -> ReviewItem:
        """Open an item, or join the open one of the same fingerprint; a person's latest complaint counts."""
        alike = [i for i in self._items.values() if (i.tenant, i.fingerprint) == (item.tenant, item.fingerprint)]
        decided = [one for one in alike if one.decision is not None]
        for one in decided:
            if item.version and one.version == item.version:
                return self._told((one.tenant, one.id))
        key = item.tenant, f"{item.fingerprint[:16]}-{len(decided) + 1}"
        fresh = replace(item, id=key[1], created_at=item.created_at or f"{len(self._items):09}", decision=None)
        standing = self._items.setdefault(key, fresh)
        self._items[key] = replace(standing, people=item.people)
        said = self._said.setdefault(key, {})
        if complaint is not None:
            said.pop(complaint.who.id, None)
            said[complaint.who.id] = complaint
        return self._told(key)

    async def amend(self, tenant: str, id: str, **changes: Unpack[Waits]) -> ReviewItem | None:
        """Change what an open item waits for."""
        item = self._items.get((tenant, id))
        if item is not None and item.decision is None:
            self._items[tenant, id] = replace(item, **changes)
        return await self.get(tenant, id)

    async def waits_for(self, tenant: str, change: str) -> Sequence[ReviewItem]:
        """Open items that wait for this change of a term."""
        return [one for one in await self.all(tenant) if change and one.change == change]

    async def get(self, tenant: str, id: str) -> ReviewItem | None:
        """The item of this tenant, or None."""
        return self._told((tenant, id)) if (tenant, id) in self._items else None

    async def all(self, tenant: str, status: Status = "open", limit: int = 200) -> Sequence[ReviewItem]:
        """Items in a status: those that hurt most people first, then the oldest."""
        found = [self._told(key) for key, item in self._items.items() if (key[0], item.status) == (tenant, status)]
        return sorted(found, key=lambda one: (-one.people, one.created_at))[:limit]

    async def complaints(self, tenant: str, id: str) -> Sequence[Complaint]:
        """Who complained, oldest first."""
        return sorted(self._said.get((tenant, id), {}).values(), key=lambda one: one.at)

    async def decide(self, tenant: str, id: str, decision: Decision) -> ReviewItem | None:
        """Set the decision if none stands; nothing is awaited in between, so the first one stands."""
        item = self._items.get((tenant, id))
        if item is not None and item.decision is None:
            self._items[tenant, id] = replace(item, decision=decision)
        return self._told((tenant, id)) if item else None

    def _told(self, key: tuple[str, str]) -> ReviewItem:
        item, said = self._items[key], list(self._said[key].values())
        for one in said:
            item = replace(
                item,
                reason=one.reason or item.reason,
                words=one.words or item.words,
                correction=one.correction or item.correction,
            )
        return replace(item, people=max(item.people, len(said)))
