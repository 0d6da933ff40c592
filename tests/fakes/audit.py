"""The audit log, kept in memory."""

from collections.abc import Sequence

from conversation.audit import Broken, Entry, Head, Note, Verified, damage
from conversation.codec import JsonObject


class MemoryAudit:
    """The twin of the stored log. `all` holds every entry of each tenant."""

    def __init__(self) -> None:
        self.all: dict[str, list[Entry]] = {}

    def write(self, tenant: str, *notes: Note) -> None:
        """Write what happened, at once."""
        for note in notes:
            self.all.setdefault(tenant, []).append(note.entry(tenant, self._head(tenant)))

    async def append(
        self,
        tenant: str,
        *,
        at: str,
        actor: str,
        channel: str,
        what: str,
        subject: str,
        detail: JsonObject,
        acting_for: str = "",
    ) -> Entry:
        """Write an entry at the end."""
        self.write(tenant, Note(at, actor, what, subject, detail, channel, acting_for))
        return self.all[tenant][-1]

    async def entries(self, tenant: str, *, subject: str = "", after: int = 0, limit: int = 200) -> Sequence[Entry]:
        """Entries past `after` in their order; only those of `subject` where it is given."""
        found = (one for one in self.all.get(tenant, ()) if one.seq > after and subject in ("", one.subject))
        return list(found)[:limit]

    async def head(self, tenant: str) -> Head:
        """The end of the log."""
        return self._head(tenant)

    async def verify(self, tenant: str) -> Verified | Broken:
        """Compare every entry with its digest."""
        before = Head()
        for entry in self.all.get(tenant, ()):
            if broken := damage(before, entry):
                return broken
            before = Head(entry.seq, entry.digest)
        return Verified(before)

    def _head(self, tenant: str) -> Head:
        entries = self.all.get(tenant)
        return Head(entries[-1].seq, entries[-1].digest) if entries else Head()
