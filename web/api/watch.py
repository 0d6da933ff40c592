"""Follow a run until it is over, by looking again often at first and then less often."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from conversation.run import Run
from web.api.identity import Caller
from web.api.problems import not_found
from web.api.services import ApiServices

FIRST = 0.010
LAST = 0.250
GROWTH = 1.25
"""Seconds between two looks: ten milliseconds after a change, growing to a quarter of a second."""

FINISHED = frozenset({"completed", "failed", "canceled"})


@dataclass(frozen=True, slots=True)
class Seen:
    """A run as its asker sees it; `run` is None while its activity is accepted and no run has begun.

    `handled` without a run: the activity was refused, or it was no request of its own (an “approve” in words).
    """

    id: str
    run: Run | None
    handled: bool = False

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen."""
        return self.handled if self.run is None else self.run.state in FINISHED

    @property
    def settled(self) -> bool:
        """Whether the run is over or waits for a person."""
        return self.finished or (self.run is not None and self.run.state == "input-required")


async def look(services: ApiServices, who: Caller, id: str) -> Seen:
    """The run, if it is this person's own. Raises Refused (404).

    Answers were made with the rights of the asker, so other people of the tenant do not see them.
    """
    run = await services.runs.get(who.principal.tenant, id)
    if run is None and id.startswith(who.prefix):
        match await services.progress(id):
            case "pending":
                return Seen(id, None)
            case "done":
                # Begun and finished between the two looks, or handled without a run.
                run = await services.runs.get(who.principal.tenant, id)
                if run is None:
                    return Seen(id, None, handled=True)
    if run is None or run.asked_by.id != who.principal.id:
        raise not_found("run")
    return Seen(id, run)


async def watch(services: ApiServices, who: Caller, id: str) -> AsyncIterator[Seen]:
    """The run now, and again after every change of its state or card, until it is finished."""
    seen = await look(services, who, id)
    yield seen
    pause = FIRST
    while not seen.finished:
        await services.changed(id, pause)
        latest = await look(services, who, id)
        if latest == seen:
            pause = min(pause * GROWTH, LAST)
            continue
        seen, pause = latest, FIRST
        yield seen
