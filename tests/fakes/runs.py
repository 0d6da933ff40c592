"""Runs, kept in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from conversation.card import Card
from conversation.codec import JsonObject
from conversation.principal import ConversationRef
from conversation.run import Run, RunState

FINISHED: frozenset[RunState] = frozenset({"completed", "failed", "canceled"})


class MemoryRuns:
    """The twin of the stored runs. `all` holds every run by id, in the order in which they began."""

    def __init__(self) -> None:
        self.all: dict[str, Run] = {}
        self._stops: set[str] = set()
        self._completed: list[str] = []

    async def begin(self, run: Run) -> Run:
        """Record a run; the same id again gives the first record."""
        return self.all.setdefault(run.id, replace(run, created_at=run.created_at or _now()))

    async def get(self, tenant: str, id: str) -> Run | None:
        """The run of this tenant, or None."""
        run = self.all.get(id)
        return run if run is not None and run.tenant == tenant else None

    async def finish(self, id: str, state: RunState, card: Card, memory: JsonObject) -> None:
        """Record the state and the card that goes with it; `finished_at` is set once the run is over."""
        over = state in FINISHED
        run = self.all[id]
        self.all[id] = replace(run, state=state, card=card, memory=memory, finished_at=_now() if over else "")
        if state == "completed":
            self._completed = [other for other in self._completed if other != id] + [id]

    async def memory(self, tenant: str, where: ConversationRef) -> JsonObject:
        """The memory of the last completed run in this place."""
        for id in reversed(self._completed):
            run = self.all[id]
            if run.tenant == tenant and run.where.key == where.key:
                return run.memory
        return {}

    async def ask_to_stop(self, tenant: str, id: str) -> bool:
        """Mark a run as to be stopped; False when there is no such unfinished run."""
        run = await self.get(tenant, id)
        if run is None or run.state in FINISHED:
            return False
        self._stops.add(id)
        return True

    async def stop_asked(self, id: str) -> bool:
        """Whether somebody pressed Stop."""
        return id in self._stops

    async def recent(self, tenant: str, person: str, limit: int = 10) -> Sequence[Run]:
        """The latest runs of a person, newest first."""
        mine = [run for run in self.all.values() if run.tenant == tenant and run.asked_by.id == person]
        return mine[::-1][:limit]


def _now() -> str:
    return datetime.now(UTC).isoformat()
