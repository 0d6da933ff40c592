"""What a review leaves in the audit log: each step once, however often a turn is handled."""

from collections.abc import Callable
from dataclasses import dataclass

from conversation.audit import Audit
from conversation.codec import JsonObject
from conversation.principal import Principal


@dataclass(frozen=True, slots=True)
class Trail:
    """Writes entries that are not written yet; nothing where no log is kept. `now` gives an ISO time in UTC."""

    audit: Audit | None
    now: Callable[[], str]

    async def note(
        self, what: str, subject: str, who: Principal, detail: JsonObject, *, channel: str = "", key: str = ""
    ) -> None:
        """One entry. `key` tells this step from others of the same kind and subject, by default who did it."""
        if self.audit is None:
            return
        step = key or who.id
        for entry in await self.audit.entries(who.tenant, subject=subject, limit=1_000):
            if entry.what == what and entry.detail.get("step") == step:
                return
        detail = {**detail, "step": step}
        await self.audit.append(
            who.tenant, at=self.now(), actor=who.id, channel=channel, what=what, subject=subject, detail=detail
        )
