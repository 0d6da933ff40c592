"""How much ceremony an action takes, by the rules of the operator."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from conversation.codec import JsonObject
from conversation.gates.model import Gate, Risk
from conversation.gates.rules import Deciders, Stage
from conversation.principal import Principal


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the rules say of one action. Seconds count from the moment of asking; 0 leaves it to `Times`.

    `policy` names the very rules that said so. `stages` may be empty: then the flow says who decides.
    """

    risk: Risk
    policy: str
    stages: tuple[Stage, ...] = ()
    due_seconds: int = 0
    remind_seconds: int = 0
    escalate_seconds: int = 0
    escalate_to: Deciders = field(default_factory=Deciders)


class Risks(Protocol):
    """The rules on risk. Rules that can't be evaluated make an action high, never lower."""

    @property
    def policy(self) -> str:
        """The version of the rules: equal for equal rules and thresholds."""

    def risk(self, action: JsonObject, asked_by: Principal) -> Ruling:
        """What this action takes when this person asks for it."""


def ruled(gate: Gate, ruling: Ruling, at: str) -> Gate:
    """The gate as the ruling wants it, its times counted from `at`; its own stages where the ruling has none."""
    return replace(
        gate,
        risk=ruling.risk,
        stages=ruling.stages or gate.stages,
        remind_at=_later(at, ruling.remind_seconds),
        escalate_at=_later(at, ruling.escalate_seconds),
        escalate_to=ruling.escalate_to,
        due_at=_later(at, ruling.due_seconds),
    )


def _later(at: str, seconds: int) -> str:
    return (datetime.fromisoformat(at) + timedelta(seconds=seconds)).isoformat() if at and seconds else ""
