"""A change of a term that was written elsewhere, over the API: its gate is opened here, in a turn like any other."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from conversation.activity import CardAction, Message
from conversation.codec import JsonObject
from conversation.errors import NotAllowed, PersonError
from conversation.gates import Decision, Gate
from conversation.principal import Principal
from conversation.review import ROLES
from conversation.run import Outcome, Report, Run, Waiting
from graphs.asking import asker
from graphs.errors import told
from knowledge.asker import Asker
from knowledge.catalog.model import Catalog
from knowledge.errors import Conflict
from knowledge.glossary import Glossaries, Term
from knowledge.glossary.checking import insist
from knowledge.glossary.codec import from_json

PROPOSE = "glossary.propose"
"""The verb: `term` as JSON, `base` the version that was changed (0 for a new term), `reason`."""


class Changes(Protocol):
    """What asks others to approve a change of a term, as `graphs.review.changing.Changing`."""

    async def propose(self, before: Term | None, after: Term, who: Principal, run: Run, reason: str) -> Waiting:
        """The gate of the change and its card. Raises PersonError where nothing would change."""


class ProposalsFlow:
    """`conversation.run.Flow` for changes of terms that come whole. The payload is looked at like any other input."""

    name = "glossary"

    def __init__(
        self, glossaries: Glossaries, catalog: Callable[[Asker], Awaitable[Catalog]], changes: Changes
    ) -> None:
        self._glossaries = glossaries
        self._catalog = catalog
        self._changes = changes

    def handles(self, activity: Message | CardAction) -> float:
        """Its verb only."""
        return 1.0 if isinstance(activity, CardAction) and activity.verb == PROPOSE else 0.0

    async def start(self, run: Run, activity: Message | CardAction, memory: JsonObject, report: Report) -> Outcome:
        """Open the gate. Raises NotAllowed, and PersonError for a term that can't be used or was changed meanwhile."""
        if not isinstance(activity, CardAction) or not set(ROLES) & set(run.asked_by.roles):
            raise NotAllowed("Terms are changed by experts and admins.", next_step="Ask one of them.")
        catalog = await self._catalog(asker(run.asked_by))
        glossary = await self._glossaries.of(run.tenant)
        with told():
            after = from_json(activity.payload.get("term"))
            insist(after, glossary, catalog)
            before = glossary.get(after.id)
            _same_base(activity.payload.get("base"), before)
        reason = str(activity.payload.get("reason") or "")[:1_000]
        return await self._changes.propose(before, after, run.asked_by, run, reason)

    async def resume(self, run: Run, gate: Gate, decision: Decision, report: Report) -> Outcome:
        """The gates opened here are those of the flow `review`, which makes the change."""
        raise PersonError("Nothing here waits for a decision.")


def _same_base(base: object, before: Term | None) -> None:
    if base != (before.version if before else 0):
        raise Conflict(
            "The term was changed meanwhile.",
            unchanged="No change was proposed.",
            next_step="Read the term again and make the change from there.",
        )
