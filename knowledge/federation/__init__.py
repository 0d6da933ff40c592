"""One query tree over one source or many, run with the asker's own rights."""

from knowledge.federation.engine import DirectEngine
from knowledge.federation.port import EVERYWHERE, Answer, Engine, Request, Sources

__all__ = ["EVERYWHERE", "Answer", "DirectEngine", "Engine", "Request", "Sources"]
