"""Follow a run until it is over, by looking again often at first and then less often."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from conversation.run import Run
from web.api.identity import Caller
from web.api.problems import not_found
from web.api.services import ApiServices

FIRST = 0.010
LAST = 0.250
GROWTH = 1.6
"""Seconds between two looks: ten milliseconds after a change, growing to a quarter of a second."""

FINISHED = frozenset({"completed", "failed", "canceled"})


@dataclass(frozen=True, slots=True)
class Seen:
    """A run as its asker sees it; `run` is None while it is accepted and has not begun."""

    id: str
    run: Run | None

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen."""
        return self.run is not None and self.run.state in FINISHED

    @property
    def settled(self) -> bool:
        """Whether the run is over or waits for a person."""
        return self.run is not None and (self.finished or self.run.state == "input-required")


async def look(services: ApiServices, who: Caller, id: str) -> Seen:
    """The run, if it is this person's own. Raises Refused (404).

    Answers were made with the rights of the asker, so other people of the tenant do not see them.
    """
    run = await services.runs.get(who.principal.tenant, id)
    if run is not None and run.asked_by.id == who.principal.id:
        return Seen(id, run)
    if run is None and id.startswith(who.prefix) and await services.accepted(id):
        return Seen(id, None)
    raise not_found("run")


async def watch(services: ApiServices, who: Caller, id: str) -> AsyncIterator[Seen]:
    """The run now, and again after every change of its state or card, until it is finished."""
    seen = await look(services, who, id)
    yield seen
    pause = FIRST
    while not seen.finished:
        await services.changed(id, pause)
        latest = Seen(id, await services.runs.get(who.principal.tenant, id))
        if latest == seen or latest.run is None:
            pause = min(pause * GROWTH, LAST)
            continue
        seen, pause = latest, FIRST
        yield seen
