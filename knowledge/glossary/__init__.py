"""The glossary: what words mean here, in versions that people approve."""

from knowledge.glossary.model import EMPTY, Glossaries, Glossary, Kind, Metric, Place, Relation, Status, Term

__all__ = ["EMPTY", "Glossaries", "Glossary", "Kind", "Metric", "Place", "Relation", "Status", "Term"]
