"""Gates: decisions that runs wait for, who may give them, and what became of them."""

from conversation.gates.model import VERDICTS, Aside, Decision, Gate, GateState, Revision, Risk, Verdict, digest
from conversation.gates.port import Claim, Counted, Gates, Lost, Won
from conversation.gates.rules import Deciders, Quorum, Stage

__all__ = [
    "VERDICTS",
    "Aside",
    "Claim",
    "Counted",
    "Deciders",
    "Decision",
    "Gate",
    "GateState",
    "Gates",
    "Lost",
    "Quorum",
    "Revision",
    "Risk",
    "Stage",
    "Verdict",
    "Won",
    "digest",
]
