"""“What changed in the data?”: the drift of the sources at their last scans. No graph: it has one step."""

import re
from collections.abc import Mapping, Sequence
from typing import Protocol

from conversation.activity import CardAction, Message
from conversation.card import Card
from conversation.codec import JsonObject
from conversation.errors import NotAllowed
from conversation.gates import Decision, Gate
from conversation.run import Answered, Outcome, Report, Run
from graphs.admin import cards
from knowledge.catalog.affected import Affected
from knowledge.catalog.drift import Change
from knowledge.catalog.model import Catalog

ROLES = frozenset(("expert", "admin"))
_ASKED = re.compile(
    r"\W*what(?:'s| has| have|’s)? changed"
    r"(?: in (?:(?:the |our |my )?(?:data|catalog|schema|sources|databases?|tables)|source (?P<source>\w+)))?\W*",
    re.IGNORECASE,
)


class Changes(Protocol):
    """The kept snapshots of a tenant's sources."""

    async def catalog(self, tenant: str) -> Catalog:
        """Everything of the tenant."""

    async def drift(self, name: str, since: str = "") -> tuple[Change, ...]:
        """What the last scan that found a change found."""

    async def affected(self, changes: Sequence[Change]) -> Mapping[Change, Sequence[Affected]]:
        """Whom each change meets."""


class ChangesFlow:
    """`conversation.run.Flow` that shows what changed in the sources, and which questions it meets."""

    name = "admin"

    def __init__(self, changes: Changes) -> None:
        self._changes = changes

    def handles(self, activity: Message | CardAction) -> float:
        """Only these very words: “what changed in March” is a question of data."""
        return 0.9 if isinstance(activity, Message) and _ASKED.fullmatch(activity.text) else 0.0

    async def start(self, run: Run, activity: Message | CardAction, memory: JsonObject, report: Report) -> Outcome:
        """One card over all sources, or the one that is named. Raises NotAllowed for others than experts and admins."""
        if not ROLES & set(run.asked_by.roles):
            raise NotAllowed(
                "What changed in the sources is shown to experts and admins.", next_step="Ask one of them."
            )
        found = _ASKED.fullmatch(run.text)
        named = (found["source"] or "").lower() if found else ""
        names = tuple((await self._changes.catalog(run.tenant)).dialects)
        wanted = [name for name in names if not named or name.lower() == named]
        if named and not wanted:
            raise NotAllowed(f"There is no source “{named}”.", next_step=f"There are: {', '.join(names) or 'none'}.")
        return Answered(await self._card(wanted, run.id), memory)

    async def resume(self, run: Run, gate: Gate, decision: Decision, report: Report) -> Outcome:
        """This flow opens no gate, so there is nothing to go on with."""
        raise NotAllowed("Nothing here waits for a decision.")

    async def _card(self, names: Sequence[str], run: str) -> Card:
        breaking: list[str] = []
        others: list[str] = []
        met: list[tuple[Affected, str]] = []
        for name in names:
            changes = await self._changes.drift(name)
            for change in changes:
                (breaking if change.what.breaking else others).append(f"{name}: {change.text}")
            for change, affected in (await self._changes.affected(changes)).items():
                met += [(each, change.text) for each in affected]
        return cards.drift(", ".join(names), breaking, others, met, run=run)
