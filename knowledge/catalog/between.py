"""Infers keys between sources: named alike, of one type, and the values of one found in the other."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from time import monotonic

from sqlglot import exp

from knowledge.catalog.keys import SHARE, Targets, keyless, named_alike
from knowledge.catalog.model import Catalog, Column, DataType, ForeignKey, Table
from knowledge.catalog.probe import Probe
from knowledge.catalog.scan import probe_of
from knowledge.errors import KnowledgeError, SourceUnavailable
from knowledge.sources.port import Source

SAMPLE = 200
"""Different values of a column that are looked for in another source."""
PROBES = 500
SECONDS = 60.0
"""No more pairs of columns than that are compared, and none after that long."""


@dataclass(frozen=True, slots=True)
class _Pair:
    """A column, and a table of another source that it may point at."""

    table: Table
    column: Column
    target: Table


async def infer_between(catalog: Catalog, sources: Callable[[str], Source], *, only: str = "") -> Catalog:
    """The catalog with keys into other sources added, each with its evidence; those that it has stand.

    `only` compares what involves that one source. A source that is away is passed over; nothing is raised.
    """
    return await _Between(catalog, sources).run(only)


class _Between:
    """One comparison of all sources, within its budget."""

    def __init__(self, catalog: Catalog, sources: Callable[[str], Source]) -> None:
        self._catalog = catalog
        self._sources = sources
        self._found: dict[int, list[ForeignKey]] = {}
        self._settled: set[tuple[int, str]] = set()
        self._away: set[str] = set()

    async def run(self, only: str) -> Catalog:
        left, until = PROBES, monotonic() + SECONDS
        for pair in _pairs(self._catalog, only):
            if not left or monotonic() > until:
                break
            if self._open(pair):
                left -= 1
                await self._compare(pair)
        if not self._found:
            return self._catalog
        return replace(self._catalog, tables=tuple(self._linked(table) for table in self._catalog.tables))

    def _open(self, pair: _Pair) -> bool:
        """Whether the column has no key yet, and both sources answer as far as is known."""
        ends = {pair.table.source, pair.target.source}
        return (id(pair.table), pair.column.name) not in self._settled and not ends & self._away

    async def _compare(self, pair: _Pair) -> None:
        try:
            key = await _compared(pair, self._sources)
        except SourceUnavailable as away:
            self._away |= {away.source} if away.source else {pair.table.source, pair.target.source}
            return
        except (KnowledgeError, TimeoutError, ValueError):  # this pair can't be compared; others may
            return
        if key is not None:
            self._found.setdefault(id(pair.table), []).append(key)
            self._settled.add((id(pair.table), pair.column.name))

    def _linked(self, table: Table) -> Table:
        found = self._found.get(id(table), ())
        return replace(table, keys=(*table.keys, *found)) if found else table


def _pairs(catalog: Catalog, only: str) -> Iterator[_Pair]:
    """What may belong together, by name, type, range and number of values."""
    targets = Targets(catalog.tables)
    for table in catalog.tables:
        for column in keyless(table):
            if (column.name,) == table.primary_key:
                continue
            candidates = [each for each in targets.of(table, column, most=20) if each.source != table.source]
            for target in candidates[:2]:
                if not only or only in (table.source, target.source):
                    yield _Pair(table, column, target)


async def _compared(pair: _Pair, sources: Callable[[str], Source]) -> ForeignKey | None:
    """The key, when (nearly) all of some values of the column are found in the other table."""
    near, far = probe_of(sources(pair.table.source)), probe_of(sources(pair.target.source))
    own, key = near.quote(pair.column.name), far.quote(pair.target.primary_key[0])
    rows = await near.ask(
        f"SELECT DISTINCT {own} FROM {near.relation(pair.table)} WHERE {own} IS NOT NULL LIMIT {SAMPLE}"  # noqa: S608
    )
    values = [str(row[0]) for row in rows]
    if not values:
        return None
    listed = ", ".join(_literal(value, pair.column, far) for value in values)
    ((met,),) = await far.ask(
        f"SELECT count(DISTINCT {key}) FROM {far.relation(pair.target)} WHERE {key} IN ({listed})"  # noqa: S608
    )
    if int(str(met)) < SHARE * len(values):
        return None
    evidence = f"{named_alike(pair.column, pair.target)}; {met} of {len(values)} sampled values found"
    target = pair.target
    schema = target.schema if target.schema != pair.table.schema else None
    return ForeignKey((pair.column.name,), target.name, target.primary_key, False, evidence, schema, target.source)


def _literal(value: str, column: Column, probe: Probe) -> str:
    if column.type is DataType.INTEGER:
        return exp.Literal.number(str(int(value))).sql(probe.dialect)
    return exp.Literal.string(value).sql(probe.dialect)
