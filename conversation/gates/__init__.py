"""Gates: decisions that runs wait for, who may give them, and what became of them."""

from conversation.gates.canonical import NotCanonical, canonical, digest
from conversation.gates.model import VERDICTS, Aside, Decision, Gate, GateState, Revision, Risk, Verdict
from conversation.gates.port import Claim, Conflict, Conflicted, Counted, GateMoved, Gates, Lost, Ready, Terms, Won
from conversation.gates.rules import Deciders, Quorum, Stage

__all__ = [
    "VERDICTS",
    "Aside",
    "Claim",
    "Conflict",
    "Conflicted",
    "Counted",
    "Deciders",
    "Decision",
    "Gate",
    "GateMoved",
    "GateState",
    "Gates",
    "Lost",
    "NotCanonical",
    "Quorum",
    "Ready",
    "Revision",
    "Risk",
    "Stage",
    "Terms",
    "Verdict",
    "Won",
    "canonical",
    "digest",
]
