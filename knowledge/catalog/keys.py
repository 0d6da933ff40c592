"""Infers keys that nobody declared: from names, and from the values that one column shares with another."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Sequence, Set
from dataclasses import replace
from time import monotonic

from knowledge.catalog.ledger import Place
from knowledge.catalog.model import Column, DataType, ForeignKey, Table
from knowledge.catalog.naming import identifying, referring, shared, wanted
from knowledge.catalog.probe import Probe
from knowledge.errors import Refused, TooMuch

SHARE = 0.98
"""At least this share of the sampled values must be found in the other table."""
SAMPLE = 500
PROBES = 20_000
SECONDS = 300.0
"""No more values than that are compared in one scan, and none after that long."""
TARGETS = 3
"""Tables that one column's values are looked for in."""
LANES = 4
NEARLY = 0.9

_KEYLIKE = (DataType.INTEGER, DataType.TEXT, DataType.OTHER)


async def infer_keys(
    tables: Sequence[Table], probe: Probe, *, before: Sequence[Table] = (), unchanged: Set[Place] = frozenset()
) -> tuple[Table, ...]:
    """The tables with primary and foreign keys added where none is declared; each says its evidence.

    Keys between tables of `unchanged` are taken from `before` without looking again.
    """
    return await _Inference(tables, probe, before, unchanged).run()


class Targets:
    """Tables that can be pointed at, by the names of columns that would do so."""

    def __init__(self, tables: Sequence[Table]) -> None:
        self._by_name: dict[str, list[Table]] = defaultdict(list)
        for table in tables:
            if len(table.primary_key) == 1:
                for name in referring(table):
                    self._by_name[name].append(table)

    def of(self, table: Table, column: Column, *, most: int = TARGETS) -> list[Table]:
        """Where a column may point: by name, type, range and number of values; the same schema first."""
        found: list[Table] = []
        for name in wanted(column.name):
            fitting = [target for target in self._by_name.get(name, ()) if fits(table, column, target)]
            found += sorted(fitting, key=lambda target: target.schema != table.schema)
            if found:
                break
        return found[:most]


def keyless(table: Table) -> Iterator[Column]:
    """Columns that may hold a key and have none."""
    taken = {key.columns[0].lower() for key in table.keys if len(key.columns) == 1}
    for column in table.columns:
        if column.name.lower() not in taken and column.type in _KEYLIKE and column.distinct:
            yield column


def fits(table: Table, column: Column, target: Table) -> bool:
    """Whether a column's type, number of values and range allow it to point at a table."""
    if target is table:
        return False
    key = target.by_name[target.primary_key[0].lower()]
    if target.name.lower() == table.name.lower() and key.name.lower() == column.name.lower():
        return False  # the same table in another schema or source
    if key.type is not column.type or (key.distinct and (column.distinct or 0) > 1.05 * key.distinct):
        return False
    if column.type is not DataType.INTEGER or None in (column.minimum, column.maximum, key.minimum, key.maximum):
        return True
    try:
        return int(str(column.minimum)) >= int(str(key.minimum)) and int(str(column.maximum)) <= int(str(key.maximum))
    except ValueError:  # SQLite keeps any text in an integer column
        return True


class _Inference:
    """The inference of one scan, within its budget."""

    def __init__(self, tables: Sequence[Table], probe: Probe, before: Sequence[Table], unchanged: Set[Place]) -> None:
        self._tables = tables
        self._probe = probe
        self._before = {(table.schema, table.name): table for table in before}
        self._unchanged = unchanged
        self._left = PROBES
        self._until = monotonic() + SECONDS
        self._lanes = asyncio.Semaphore(LANES)

    async def run(self) -> tuple[Table, ...]:
        identified = await self._each(self._identified, self._tables)
        targets = Targets(identified)
        return await self._each(lambda table: self._pointing(table, targets), identified)

    async def _each(self, work: Callable[[Table], Awaitable[Table]], tables: Sequence[Table]) -> tuple[Table, ...]:
        async def one(table: Table) -> Table:
            async with self._lanes:
                return await work(table)

        done: list[Table] = []
        for start in range(0, len(tables), 500):  # not ten thousand tasks at once
            done += await asyncio.gather(*(one(table) for table in tables[start : start + 500]))
        return tuple(done)

    async def _identified(self, table: Table) -> Table:
        """A column named `id` or after its table, unique and never empty, identifies the rows; else a shared name."""
        if table.primary_key or not table.rows or table.kind == "view":
            return table
        surest, others = identifying(table.name)
        for column in [c for names in (surest, others) for c in table.columns if c.name.lower() in names]:
            if await self._distinguishes(table, column):
                return replace(table, primary_key=(column.name,))
        for column in self._natural(table):
            if await self._distinguishes(table, column):
                return replace(table, primary_key=(column.name,))
        return table

    def _natural(self, table: Table) -> list[Column]:
        """The first column, where it is a text that other tables have by the same telling name: `city_name`."""
        first = table.columns[0]
        others = any(first.name.lower() in each.by_name for each in self._tables if each is not table)
        return [first] if first.type is DataType.TEXT and shared(first.name) and others else []

    async def _distinguishes(self, table: Table, column: Column) -> bool:
        """Whether no two rows share a value of a column, and none lacks it."""
        if column.nulls or not column.distinct or not table.rows:
            return False
        if column.distinct == table.rows and column.nulls == 0:
            return True
        return column.distinct >= NEARLY * table.rows and await self._unique(table, column)

    async def _unique(self, table: Table, column: Column) -> bool:
        """Asked of the whole table, where a sample could only say that it is likely."""
        name = self._probe.quote(column.name)
        found = await self._ask(
            f"SELECT count(*), count(DISTINCT {name}) FROM {self._probe.relation(table)}"  # noqa: S608
        )
        return found is not None and found[0] == found[1]

    async def _pointing(self, table: Table, targets: Targets) -> Table:
        found = []
        for column in keyless(table):
            candidates = targets.of(table, column)
            if candidates and self._settled(table, candidates):
                found += self._kept(table, column)
                continue
            for target in candidates:
                if key := await self._included(table, column, target):
                    found.append(key)
                    break
        return replace(table, keys=(*table.keys, *found)) if found else table

    def _settled(self, table: Table, candidates: Sequence[Table]) -> bool:
        """Whether these tables were compared before and have not changed since."""
        places = [(each.schema, each.name) for each in (table, *candidates)]
        return all(place in self._unchanged and place in self._before for place in places)

    def _kept(self, table: Table, column: Column) -> list[ForeignKey]:
        before = self._before[(table.schema, table.name)].keys
        return [key for key in before if key.columns == (column.name,) and not key.declared and not key.source]

    async def _included(self, table: Table, column: Column, target: Table) -> ForeignKey | None:
        own, key = self._probe.quote(column.name), self._probe.quote(target.primary_key[0])
        relation, other = self._probe.relation(table), self._probe.relation(target)
        sample = f"SELECT DISTINCT {own} AS v FROM {relation} WHERE {own} IS NOT NULL LIMIT {SAMPLE}"  # noqa: S608
        found = await self._ask(
            f"SELECT count(*), count(t.{key}) FROM ({sample}) s LEFT JOIN {other} t ON t.{key} = s.v"  # noqa: S608
        )
        if found is None or not found[0] or found[1] < SHARE * found[0]:
            return None
        evidence = f"{named_alike(column, target)}; {found[1]} of {found[0]} sampled values found"
        schema = target.schema if target.schema != table.schema else None
        return ForeignKey((column.name,), target.name, target.primary_key, False, evidence, schema)

    async def _ask(self, sql: str) -> tuple[int, int] | None:
        if self._left <= 0 or monotonic() > self._until:
            return None
        self._left -= 1
        try:
            ((asked, met),) = await self._probe.ask(sql)
        except (Refused, TooMuch, TimeoutError):
            return None
        return int(str(asked)), int(str(met))


def named_alike(column: Column, target: Table) -> str:
    """What the names say, as evidence."""
    if column.name.lower() == target.primary_key[0].lower():
        return "same name"
    return f"named after {target.name}"
