"""With a chat model: it proposes a query, the same guard checks it, and the rules' reading is held against it."""

from knowledge.translation.assisted.port import Complete, ModelFailed, Prompt, Rows, Trial
from knowledge.translation.assisted.proposer import Proposer

__all__ = ["Complete", "ModelFailed", "Prompt", "Proposer", "Rows", "Trial"]
