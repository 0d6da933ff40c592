"""How a source is measured: questions in its own dialect."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sqlglot import exp

from knowledge.catalog.model import Table

Rows: TypeAlias = Sequence[Sequence[object]]


@dataclass(frozen=True, slots=True)
class Probe:
    """`ask` runs SQL, `sample` names about so many rows of a table as SQL for FROM.

    `over` is the relation that stands for the whole table, where only a part of it is looked at.
    """

    dialect: str
    ask: Callable[[str], Awaitable[Rows]]
    sample: Callable[[Table, int], str]
    over: str = ""

    def quote(self, name: str) -> str:
        """A name as this dialect quotes it."""
        return exp.to_identifier(name, quoted=True).sql(self.dialect)

    def relation(self, table: Table) -> str:
        """A whole table as SQL for FROM."""
        parts = (table.schema, table.name) if table.schema else (table.name,)
        return self.over or ".".join(self.quote(part) for part in parts)

    def text(self, column: str) -> str:
        """A column as text."""
        return f"CAST({self.quote(column)} AS {'TEXT' if self.dialect != 'mysql' else 'CHAR'})"

    def float(self, column: str) -> str:
        """A column as a floating-point number."""
        return exp.cast(exp.column(exp.to_identifier(column, quoted=True)), "double").sql(self.dialect)
