"""How much ceremony an action takes, by the rules of the operator."""

from dataclasses import dataclass, field
from typing import Protocol

from conversation.codec import JsonObject
from conversation.gates.model import Risk
from conversation.gates.rules import Deciders, Stage
from conversation.principal import Principal


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the rules say of one action. Seconds count from the moment of asking; 0 never comes.

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
