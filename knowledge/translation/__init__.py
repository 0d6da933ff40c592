"""Questions to SQL: the deterministic translator and what every translator takes and gives."""

from knowledge.translation.translator import RuleTranslator

__all__ = ["RuleTranslator"]
