"""Who may see which rows and columns, written into the query tree before anything is planned."""

from knowledge.policy.port import OPEN, Key, Mask, Masking, Policy, TableRules, key_of
from knowledge.policy.rewrite import apply, visible

__all__ = ["OPEN", "Key", "Mask", "Masking", "Policy", "TableRules", "apply", "key_of", "visible"]
