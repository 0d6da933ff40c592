"""What each table goes by where several are looked at together: its own name where no other table has it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from knowledge.catalog.model import ForeignKey, Table

Key: TypeAlias = tuple[str, str, str]
"""Source, schema and name of a table, in lower case."""
EVERYWHERE = "*"
"""The source of a query over several sources, as in `knowledge.federation.port`."""


def key_of(table: Table) -> Key:
    """The key of a table."""
    return table.source.lower(), table.schema.lower(), table.name.lower()


def full_name(table: Table) -> str:
    """`source.table`, or `source.schema.table` outside the default schema."""
    return ".".join(part for part in (table.source, table.schema, table.name) if part)


@dataclass(frozen=True)
class Labels:
    """Labels of tables by key, and by source and name where that name is in one schema only."""

    by_key: Mapping[Key, str]
    by_name: Mapping[tuple[str, str], str]

    def of(self, table: Table) -> str:
        """The label of a table."""
        return self.by_key[key_of(table)]

    def target(self, table: Table, key: ForeignKey) -> str:
        """The label of the table that a key of `table` points at; empty when that is not among these."""
        source = (key.source or table.source).lower()
        schema = (table.schema if key.schema is None else key.schema).lower()
        name = key.target.lower()
        return self.by_key.get((source, schema, name)) or self.by_name.get((source, name), "")


def labels_of(tables: Iterable[Table]) -> Labels:
    """A different label for each table: its name, or `schema.name` or `source.name` where several have that name.

    A table of the default schema keeps its plain name among tables of its own source.
    """
    found = {key_of(table): table for table in tables}
    sources = len({source for source, _, _ in found})
    names = Counter(name for _, _, name in found)
    homes = Counter((source, name) for source, _, name in found)
    made: dict[Key, str] = {}
    taken: set[str] = set()
    for key, table in found.items():
        label = table.name
        if names[key[2]] > 1:
            parts = [table.source] if sources > 1 else []
            parts += [table.schema] if table.schema and homes[key[0], key[2]] > 1 else []
            label = ".".join([*parts, table.name])
        while label.lower() in taken:
            label += "_"
        taken.add(label.lower())
        made[key] = label
    return Labels(made, {(s, name): label for (s, _, name), label in made.items() if homes[s, name] == 1})
