"""Rules on risk that always say the same."""

from dataclasses import dataclass, field

from conversation.codec import JsonObject
from conversation.gates.risks import Ruling
from conversation.principal import Principal


@dataclass(frozen=True, slots=True)
class FixedRisks:
    """The twin of the rules: one ruling for every action."""

    ruling: Ruling = field(default_factory=lambda: Ruling("medium", "risk-1"))

    @property
    def policy(self) -> str:
        """The version of the rules."""
        return self.ruling.policy

    def risk(self, action: JsonObject, asked_by: Principal) -> Ruling:
        """What this action takes."""
        return self.ruling
