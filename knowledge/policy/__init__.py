"""Who may see which rows and columns, written into the query tree before anything is planned."""

from knowledge.policy.errors import coarse, discreet, discretion
from knowledge.policy.port import OPEN, Key, Mask, Masking, Policy, TableRules, key_of
from knowledge.policy.rewrite import apply
from knowledge.policy.view import visible
from knowledge.policy.views import with_tables_beneath

__all__ = [
    "OPEN",
    "Key",
    "Mask",
    "Masking",
    "Policy",
    "TableRules",
    "apply",
    "coarse",
    "discreet",
    "discretion",
    "key_of",
    "visible",
    "with_tables_beneath",
]
