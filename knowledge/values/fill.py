"""Brings the values of a source's columns into the index: the columns that are worth it and may be kept."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Iterable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import cast

import pyarrow as pa
from sqlglot import exp

from knowledge.catalog.model import Column, DataType, Table
from knowledge.errors import Refused, TooMuch
from knowledge.sources.port import Limits, Source
from knowledge.values.index import ValueIndex
from knowledge.values.port import Place

MOST_VALUES = 5_000_000
_NO_WORDS = frozenset(("uuid", "hash", "url", "json", "base64", "ip"))
"""Formats that nobody spells in a question."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What a fill did: values kept by column, columns left out because they hold too much or can't be read."""

    kept: dict[Place, int] = field(default_factory=dict)
    left: dict[Place, str] = field(default_factory=dict)


async def fill(
    index: ValueIndex,
    source: Source,
    tables: Iterable[Table],
    *,
    allow: Collection[str] = (),
    most: int = MOST_VALUES,
    limits: Limits | None = None,
    progress: Callable[[Place], None] = lambda _: None,
) -> Filled:
    """Keep all values of text columns of which the catalog has only a sample; forget those of all other columns.

    Columns tagged `pii:` or `secret:` are kept only when each such tag is in `allow`. A column of more than `most`
    values, or one that the source will not read, is left out and forgotten. Raises SourceUnavailable.
    """
    done = Filled()
    kept = index.columns()
    for table in tables:
        for column in table.columns:
            place = place_of(table, column)
            if worth_keeping(column, allow, most):
                progress(place)
                await _column(
                    index, source, table, column, done, limits or Limits(rows=most, seconds=600.0, bytes=2**31)
                )
            elif place in kept:
                index.remove(place.source, place.schema, place.table, place.column)
    return done


def place_of(table: Table, column: Column) -> Place:
    """Where a column is."""
    return Place(table.source, table.schema, table.name, column.name)


def worth_keeping(column: Column, allow: Collection[str] = (), most: int = MOST_VALUES) -> bool:
    """Whether a column holds texts that people may name, more than the catalog has of them, and may be kept."""
    if column.type is not DataType.TEXT or column.format in _NO_WORDS:
        return False
    if any(tag.startswith(("pii:", "secret:")) and tag not in allow for tag in column.tags):
        return False
    return column.distinct is not None and len(column.values) < column.distinct <= most


async def _column(
    index: ValueIndex, source: Source, table: Table, column: Column, done: Filled, limits: Limits
) -> None:
    place = place_of(table, column)
    rows = cast(
        "AsyncGenerator[pa.RecordBatch, None]", source.execute(_distinct(table, column, source.dialect), limits)
    )
    try:
        async with aclosing(rows) as batches:
            done.kept[place] = await load(index, place, batches)
    except (TooMuch, Refused) as error:
        index.remove(place.source, place.schema, place.table, place.column)
        done.left[place] = error.what


async def load(index: ValueIndex, place: Place, batches: AsyncIterator[pa.RecordBatch]) -> int:
    """Keep what record batches of two columns hold, a value and how many rows have it; how many values were kept.

    The file is written in a thread; when the batches fail, the column keeps what it had.
    """
    loading = await asyncio.to_thread(index.loading, place)
    try:
        async for batch in batches:
            await asyncio.to_thread(loading.add, _pairs(batch))
        return await asyncio.to_thread(loading.done)
    finally:
        loading.close()


def _pairs(batch: pa.RecordBatch) -> Iterator[tuple[str, int]]:
    values, counts = batch.column(0).to_pylist(), batch.column(1).to_pylist()
    return ((str(value), int(many or 1)) for value, many in zip(values, counts, strict=True) if value is not None)


def _distinct(table: Table, column: Column, dialect: str) -> str:
    """The distinct values of a column with their rows, in the source's dialect."""
    name = exp.column(exp.to_identifier(column.name, quoted=True))
    schema = exp.to_identifier(table.schema, quoted=True) if table.schema else None
    place = exp.Table(this=exp.to_identifier(table.name, quoted=True), db=schema)
    select = exp.select(exp.alias_(name, "value"), exp.alias_(exp.Count(this=exp.Star()), "many"))
    return (
        select.from_(place)
        .where(exp.Not(this=exp.Is(this=name.copy(), expression=exp.Null())))
        .group_by(name.copy())
        .sql(dialect)
    )
