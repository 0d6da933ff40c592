"""Proposals for the glossary and the catalog, each with evidence and confidence; by rules first."""

from knowledge.enrichment.model import Asked, Evidence, Note, Passage, Proposal
from knowledge.enrichment.notes import CatalogNotes, Notes, noted
from knowledge.enrichment.propose import Known, propose

__all__ = ["Asked", "CatalogNotes", "Evidence", "Known", "Note", "Notes", "Passage", "Proposal", "noted", "propose"]
