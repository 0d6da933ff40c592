"""Glossaries of other tools in, and out for others: dbt semantic models, OSI, SKOS."""

from knowledge.glossary.interchange.model import Form, Imported, Where
from knowledge.glossary.interchange.reading import imported

__all__ = ["Form", "Imported", "Where", "imported"]
