"""When people are reminded of a gate, when others are asked too, when it expires. Pure: times come in, times go out.

Everything that is kept is in UTC. A clock that jumps makes a step early or late, never twice and never a decision.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from conversation.codec import portable
from conversation.gates.model import Gate
from conversation.gates.rules import Deciders

Step: TypeAlias = Literal["remind", "escalate", "expire"]
_WEEK = 7


@portable
@dataclass(frozen=True, slots=True)
class GateDue:
    """A time of a gate has come: `at` is the time that it was set for, by which the step is known."""

    tenant: str
    gate: str
    step: Step
    at: str


@dataclass(frozen=True, slots=True)
class QuietHours:
    """When nobody is reminded: from `start` to `end` by the clocks of `zone`, over midnight where `end` is earlier.

    Equal times are no hours. `days` are whole quiet days, Monday is 0; all seven count as none.
    """

    start: time = time()
    end: time = time()
    zone: str = "UTC"
    days: frozenset[int] = frozenset()

    def over(self, at: datetime) -> datetime:
        """The moment itself where it is not quiet, otherwise the next at which it is not; in UTC."""
        zone = zone_of(self.zone)
        local = at.astimezone(zone)
        for _ in range(2 * _WEEK):
            after = self._after(local)
            if after is None:
                break
            local = after.astimezone(UTC).astimezone(zone)  # a time that a change of clocks skips is moved behind it
        return max(at, local).astimezone(UTC)

    def _after(self, local: datetime) -> datetime | None:
        """A later moment to look at; None where this one is not quiet."""
        if len(self.days) < _WEEK and local.weekday() in self.days:
            return _on(local, 1, time())
        now = local.time()
        if self.start < self.end:
            return _on(local, 0, self.end) if self.start <= now < self.end else None
        if self.start == self.end:
            return None
        if now >= self.start:
            return _on(local, 1, self.end)
        return _on(local, 0, self.end) if now < self.end else None


def _on(local: datetime, days: int, at: time) -> datetime:
    day = local.date() + timedelta(days=days)
    return datetime.combine(day, at, tzinfo=local.tzinfo).replace(fold=local.fold)


def zone_of(name: str) -> tzinfo:
    """The time zone of an IANA name. Raises ZoneInfoNotFoundError or ValueError for a name that is none."""
    return UTC if name == "UTC" else ZoneInfo(name)


@dataclass(frozen=True, slots=True)
class Times:
    """The operator's times for gates that bring none of their own, in seconds from the asking; 0 never comes.

    `reopened` is how long a gate waits that was opened again.
    """

    remind: float = 0
    escalate: float = 0
    due: float = 0
    reopened: float = 86_400
    escalate_to: Deciders = field(default_factory=Deciders)
    quiet: QuietHours = field(default_factory=QuietHours)

    def remind_at(self, now: str) -> str:
        """When to remind of something that is asked now; never in quiet hours."""
        return self.loud(later(now, self.remind)) if self.remind else ""

    def loud(self, at: str) -> str:
        """This time, or the end of the quiet hours in which it lies."""
        return written(self.quiet.over(read(at)))


def step_of(gate: Gate, now: str) -> GateDue | None:
    """What has to be done now, one thing at a time: who can't decide any more is not reminded of it."""
    if gate.state != "open":
        return None
    steps: tuple[tuple[Step, str], ...] = (
        ("expire", gate.due_at),
        ("escalate", gate.escalate_at),
        ("remind", gate.remind_at),
    )
    for step, at in steps:
        if at and read(at) <= read(now):
            return GateDue(gate.tenant, gate.id, step, at)
    return None


def later(at: str, seconds: float) -> str:
    """So many seconds later."""
    return written(read(at) + timedelta(seconds=seconds))


def read(at: str) -> datetime:
    """A time as it is kept; UTC where it names no zone. Raises ValueError for what is none."""
    moment = datetime.fromisoformat(at)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def written(moment: datetime) -> str:
    """ISO 8601 in UTC with microseconds: sorts as text."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
