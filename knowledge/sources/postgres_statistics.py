"""What PostgreSQL itself knows of its tables since the last ANALYZE."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

from psycopg import sql

from knowledge.catalog.model import Column, DataType, Table

Ask = Callable[[str], Awaitable[Sequence[Sequence[Any]]]]

LONGEST_VALUE = 120

_ROWS = """
SELECT n.nspname::text, c.relname::text, c.reltuples::float8
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm') AND c.reltuples > 0 AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
"""


async def kept_rows(ask: Ask) -> dict[str, int]:
    """Rows of each analysed table, by `schema.name` in lower case."""
    return {f"{schema}.{name}".lower(): int(rows) for schema, name, rows in await ask(_ROWS)}


async def with_kept_statistics(table: Table, ask: Ask) -> Table:
    """The table with nulls, distinct counts, ranges and values as far as `pg_stats` has them."""
    schema, name = sql.quote(table.schema or "public"), sql.quote(table.name)
    found = await ask(
        "SELECT attname::text, null_frac::float8, n_distinct::float8, most_common_vals::text::text[], "  # noqa: S608
        f"histogram_bounds::text::text[] FROM pg_stats WHERE schemaname = {schema} AND tablename = {name}"
    )
    kept = {row[0]: row[1:] for row in found}
    rows = table.rows
    columns = tuple(
        _known(column, rows, *kept[column.name]) if column.name in kept else column for column in table.columns
    )
    return replace(table, columns=columns)


def _known(
    column: Column, rows: int | None, nulls: float, distinct: float, common: list[str] | None, bounds: list[str] | None
) -> Column:
    """A negative distinct count is a share of the rows. Ranges are of a sample: the ends may lie further out."""
    count = int(distinct) if distinct >= 0 else round(-distinct * rows) if rows else None
    values = tuple(value for value in common or () if len(value) <= LONGEST_VALUE)
    return replace(
        column,
        nulls=None if rows is None else round(nulls * rows),
        distinct=count,
        values=values if column.type is DataType.TEXT else (),
        minimum=bounds[0] if bounds and column.type.numeric | column.type.temporal else None,
        maximum=bounds[-1] if bounds and column.type.numeric | column.type.temporal else None,
    )
