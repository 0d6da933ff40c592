"""With a chat model: it proposes a query, the same guard checks it, and the rules' reading is held against it."""

from knowledge.translation.assisted.budget import Budget
from knowledge.translation.assisted.port import (
    Briefing,
    Complete,
    Example,
    ModelFailed,
    Prompt,
    Reply,
    Rows,
    Term,
    Trial,
)
from knowledge.translation.assisted.proposer import Proposer

__all__ = [
    "Briefing",
    "Budget",
    "Complete",
    "Example",
    "ModelFailed",
    "Prompt",
    "Proposer",
    "Reply",
    "Rows",
    "Term",
    "Trial",
]
