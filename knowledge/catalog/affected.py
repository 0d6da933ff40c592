"""Who is affected by a change: whatever refers to a table or a column."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from knowledge.catalog.drift import Change, What

EVERYWHERE = "*"


@dataclass(frozen=True, slots=True)
class Affected:
    """Something that refers to what changed: a question, a verified query, a term, an agent. `id` finds it again.

    `why` says how, after the text: “reads orders.amount”.
    """

    kind: Literal["question", "verified", "term", "agent"]
    id: str
    text: str
    why: str = ""


class Impact(Protocol):
    """Knows what refers to the data: the runs, the glossary, the registry."""

    async def of(self, changes: Sequence[Change]) -> Mapping[Change, Sequence[Affected]]:
        """For each change what it affects; changes that affect nothing are left out."""


@dataclass(frozen=True, slots=True)
class Reference:
    """What one query refers to: tables as (source, name) and columns as (source, table, column), in lower case."""

    tables: frozenset[tuple[str, str]]
    columns: frozenset[tuple[str, str, str]]

    def meets(self, change: Change) -> bool:
        """Whether the change is of something that the query reads."""
        source, table = change.source.lower(), change.table.lower()
        if (source, table) not in self.tables or change.what in _HARMLESS:
            return False
        return not change.column or bool({(source, table, change.column.lower()), (source, table, "*")} & self.columns)


_HARMLESS = frozenset({What.TABLE_ADDED, What.COLUMN_ADDED})


def references(sql: str, source: str, dialect: str) -> Reference | None:
    """What a query reads; None where it can't be read.

    A column without its table is taken for one of every table of the query: too many are told rather than too few.
    """
    try:
        tree = sqlglot.parse_one(sql, read=dialect or None)
    except (SqlglotError, RecursionError, ValueError):
        return None
    named: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for alias, place in _tables(tree, source):
        named[alias].add(place)
    tables = frozenset(place for places in named.values() for place in places)
    columns = {
        (*place, column.name.lower())
        for column in tree.find_all(exp.Column)
        for place in named.get(column.table.lower(), tables)
    }
    if any(item.is_star for select in tree.find_all(exp.Select) for item in select.expressions):
        columns |= {(*place, "*") for place in tables}
    return Reference(tables, frozenset(columns))


def _tables(tree: exp.Expr, source: str) -> Iterator[tuple[str, tuple[str, str]]]:
    """Each table under the name by which the query's columns call it."""
    for table in tree.find_all(exp.Table):
        parts = [part.name.lower() for part in table.parts]
        owner = parts[0] if source == EVERYWHERE and len(parts) > 1 else source.lower()
        yield (table.alias or table.name).lower(), (owner, parts[-1])
