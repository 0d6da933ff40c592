"""A glossary, kept in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from knowledge.glossary import EMPTY, Glossary, Term
from knowledge.glossary.changes import next_version
from knowledge.glossary.codec import stamp


class MemoryGlossaries:
    """The twin of the stored glossary."""

    def __init__(self, *terms: Term, tenant: str = "acme") -> None:
        self._versions: list[tuple[str, Term]] = []
        self._kept: dict[str, Glossary] = {}
        for term in terms:
            self._add(tenant, replace(term, version=term.version or 1))

    async def of(self, tenant: str) -> Glossary:
        """Every term as it stands, by id; the same object while nothing changes."""
        if tenant not in self._kept:
            latest = {term.id: term for owner, term in self._versions if owner == tenant}
            terms = tuple(latest[id] for id in sorted(latest) if not latest[id].removed)
            self._kept[tenant] = Glossary(terms, stamp(terms)) if terms else EMPTY
        return self._kept[tenant]

    async def put(self, tenant: str, term: Term, *, by: str, note: str = "", base: int | None = None) -> Term:
        """Write the next version of a term and give it."""
        made = next_version(self._latest(tenant, term.id), term, by=by, at=_now(), note=note, base=base)
        return self._add(tenant, made)

    async def history(self, tenant: str, id: str = "", limit: int = 1_000) -> Sequence[Term]:
        """The versions of a term, or of all, the latest change first."""
        found = [term for owner, term in self._versions if owner == tenant and id in ("", term.id)]
        return tuple(reversed(found))[:limit]

    async def remove(self, tenant: str, id: str, *, by: str, note: str = "") -> bool:
        """Take a term away; its history stays."""
        latest = self._latest(tenant, id)
        if latest is None or latest.removed:
            return False
        self._add(tenant, replace(next_version(latest, latest, by=by, at=_now(), note=note), removed=True))
        return True

    def _latest(self, tenant: str, id: str) -> Term | None:
        return next((term for owner, term in reversed(self._versions) if (owner, term.id) == (tenant, id)), None)

    def _add(self, tenant: str, term: Term) -> Term:
        self._versions.append((tenant, term))
        self._kept.pop(tenant, None)
        return term


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
