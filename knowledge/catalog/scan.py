"""Looks at a whole source: what there is, then what is in it, then which columns point at which."""

from collections.abc import Sequence

from knowledge.catalog.keys import infer_keys
from knowledge.catalog.model import Table
from knowledge.catalog.statistics import Probe, Rows
from knowledge.sources.port import Limits, Source

MEASURE = Limits(rows=200_000, seconds=30.0)


async def scan(source: Source) -> tuple[Table, ...]:
    """All tables with statistics and keys. Raises SourceUnavailable."""
    described = await source.introspect()
    measured = tuple([await source.profile(table) for table in described])
    return await infer_keys(measured, probe_of(source))


def probe_of(source: Source) -> Probe:
    """Questions to a source in its own dialect; whole tables stand for samples."""

    async def ask(sql: str) -> Rows:
        return await fetched(source, sql)

    probe = Probe(source.dialect, ask, lambda table, _rows: probe.relation(table))
    return probe


async def fetched(source: Source, sql: str) -> Sequence[Sequence[object]]:
    """All rows of a small query."""
    rows: list[Sequence[object]] = []
    async for batch in source.execute(sql, MEASURE):
        rows += zip(*(column.to_pylist() for column in batch.columns), strict=True)
    return rows
