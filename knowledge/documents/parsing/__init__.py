"""Files to blocks, in a process of its own: whatever a file does to its parser, only that process is met."""

from knowledge.documents.parsing.reader import Reader

__all__ = ["Reader"]
