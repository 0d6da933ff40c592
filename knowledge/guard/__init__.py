"""Read-only by construction: an allow-list over the SQL tree, names bound to the catalog, limits written in."""

from knowledge.guard.check import guard, read_sql, render
from knowledge.guard.names import tables_of

__all__ = ["guard", "read_sql", "render", "tables_of"]
