"""Follow-ups: questions that go on from the one before. Give `recalled`, `said`, `refers_back`, `follow`."""

from knowledge.translation.followups.drilling import drilled
from knowledge.translation.followups.following import follow, points, refers_back, unclear
from knowledge.translation.followups.memory import Before, conversation, measured_tables, read_before
from knowledge.translation.followups.saying import recalled, said

__all__ = [
    "Before",
    "conversation",
    "drilled",
    "follow",
    "measured_tables",
    "points",
    "read_before",
    "recalled",
    "refers_back",
    "said",
    "unclear",
]
