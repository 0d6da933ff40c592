"""What the checks of a source stand on: a source with its tables, and questions made for them in its own SQL."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from inspect import isasyncgenfunction, isgeneratorfunction
from math import ceil, log10
from typing import Any

import pyarrow as pa
from sqlglot import exp

from knowledge.catalog.model import Table
from knowledge.errors import KnowledgeError
from knowledge.sources.collect import as_table
from knowledge.sources.port import Limits, Source

FEWEST_ROWS = 5
"""A table must have so many for most checks."""
_ENDLESS = 14
"""Powers of ten of the rows that a slow query loops over."""


class Skipped(Exception):
    """The data at hand can't show this; the text says what would be needed."""


def expect(holds: bool, words: str) -> None:
    """The check fails with these words where it does not hold."""
    if not holds:
        raise AssertionError(words)


@dataclass(frozen=True, slots=True)
class Ground:
    """An open source, all its tables, and the largest of them, with its row count."""

    source: Source
    tables: tuple[Table, ...]
    table: Table
    rows: int

    def query(self, *columns: str, table: Table | None = None) -> exp.Select:
        """`SELECT columns FROM table`; all columns if none are named."""
        chosen: list[exp.Expr] = [exp.column(exp.to_identifier(name, quoted=True)) for name in columns]
        return exp.select(*(chosen or [exp.Star()])).from_(relation(table or self.table))

    def count(self) -> exp.Select:
        """`SELECT count(*) AS n FROM table`."""
        return exp.select(exp.alias_(exp.Count(this=exp.Star()), "n")).from_(relation(self.table))

    def slow(self) -> exp.Select:
        """A query that no source ends in time: the table joined with itself without a condition that can be used."""
        if self.rows < FEWEST_ROWS:
            raise Skipped(f"a slow query can't be made of {self.rows} rows; {FEWEST_ROWS} are enough")
        names = [f"t{number}" for number in range(max(ceil(_ENDLESS / log10(self.rows)), 2))]
        query = exp.select(exp.alias_(exp.Count(this=exp.Star()), "n"))
        query = query.from_(exp.alias_(relation(self.table), names[0], table=True))
        for name in names[1:]:
            query = query.join(exp.alias_(relation(self.table), name, table=True), join_type="CROSS")
        lengths = [_length(exp.column(self._column(), table=name)) for name in names]
        total = lengths[0]
        for length in lengths[1:]:
            total = exp.Add(this=total, expression=length)
        return query.where(exp.EQ(this=total, expression=exp.Literal.number(7)))

    async def ask(self, query: exp.Query | str, limits: Limits | None = None) -> pa.Table:
        """All rows of a query."""
        text = query if isinstance(query, str) else query.sql(self.source.dialect)
        batches = [batch async for batch in self.source.execute(text, limits or Limits())]
        expect(
            bool(batches), f"No batch came for {text!r}: the first one must come, even empty, since it has the schema."
        )
        return await as_table(batches)

    async def error(
        self, query: exp.Query | str, kind: type[KnowledgeError], limits: Limits | None = None
    ) -> KnowledgeError:
        """The error of this kind that a query must end with."""
        try:
            found = await self.ask(query, limits)
        except kind as error:
            expect(bool(error.what), "An error must say what happened.")
            return error
        raise AssertionError(f"{_short(query)} must raise {kind.__name__}, but {found.num_rows} rows came.")

    async def goes_on(self) -> None:
        """The source still answers, with the same number of rows."""
        found = (await self.ask(self.count())).to_pylist()
        expect(found == [{"n": self.rows}], f"After that, {self.table.name} has {found} instead of {self.rows} rows.")

    def _column(self) -> exp.Identifier:
        return exp.to_identifier(self.table.columns[0].name, quoted=True)


def relation(table: Table) -> exp.Table:
    """A table of a source as a query names it."""
    return exp.table_(exp.to_identifier(table.name, quoted=True), db=_quoted(table.schema) if table.schema else None)


async def grounded(source: Source) -> Ground:
    """The ground that a source gives. Fails where it has no table with a column."""
    tables = await source.introspect()
    expect(bool(tables), "introspect() gives no table: the checks need data.")
    expect(all(table.columns for table in tables), "A table without columns must be left out by introspect().")
    counts = []
    for table in tables:
        query = exp.select(exp.alias_(exp.Count(this=exp.Star()), "n")).from_(relation(table))
        batches = [batch async for batch in source.execute(query.sql(source.dialect), Limits())]
        counts.append(int((await as_table(batches)).column(0)[0].as_py()))
    largest = max(range(len(tables)), key=lambda at: counts[at])
    return Ground(source, tables, tables[largest], counts[largest])


def opening(factory: Callable[..., Any]) -> Callable[[], AbstractAsyncContextManager[Source]]:
    """What opens a source for one check and closes it: from a class, a function, or one that yields the source."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Source]:
        if isasyncgenfunction(factory):
            async with asynccontextmanager(factory)() as source:
                yield source
        elif isgeneratorfunction(factory):
            with contextmanager(factory)() as source:
                yield source
        else:
            yield factory()

    @asynccontextmanager
    async def closed() -> AsyncIterator[Source]:
        async with opened() as source:
            try:
                yield source
            finally:
                await source.close()

    return closed


def _quoted(name: str) -> exp.Identifier:
    return exp.to_identifier(name, quoted=True)


def _length(column: exp.Expr) -> exp.Expr:
    return exp.Length(this=exp.cast(column, "text"))


def _short(query: exp.Query | str) -> str:
    return repr((query if isinstance(query, str) else query.sql())[:120])
