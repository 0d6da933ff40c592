"""Measures tables: null and distinct counts, ranges, and values; big tables by a sample."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from knowledge.catalog.model import Column, DataType, Table
from knowledge.catalog.types import from_text
from knowledge.errors import Refused, TooMuch

EXACT_ROWS = 100_000
"""Up to here every row is looked at; above, distinct counts come from a sample."""
SCAN_ROWS = 5_000_000
"""Up to here one pass over the whole table is made for ranges and value lists."""
SAMPLE_ROWS = 20_000
TOP_VALUES = 50
ALL_VALUES = 1_000
LONGEST_VALUE = 120

Rows = Sequence[Sequence[object]]
_RANGED = (DataType.INTEGER, DataType.NUMBER, DataType.DATE, DataType.TIMESTAMP)


@dataclass(frozen=True, slots=True)
class Probe:
    """How a source is measured: `ask` runs SQL, `sample` names about so many rows of a table as SQL for FROM."""

    dialect: str
    ask: Callable[[str], Awaitable[Rows]]
    sample: Callable[[Table, int], str]

    def quote(self, name: str) -> str:
        """A name as this dialect quotes it."""
        return exp.to_identifier(name, quoted=True).sql(self.dialect)

    def relation(self, table: Table) -> str:
        """A whole table as SQL for FROM."""
        parts = (table.schema, table.name) if table.schema else (table.name,)
        return ".".join(self.quote(part) for part in parts)

    def text(self, column: str) -> str:
        """A column as text."""
        return f"CAST({self.quote(column)} AS {'TEXT' if self.dialect != 'mysql' else 'CHAR'})"


async def measure(table: Table, probe: Probe) -> Table:
    """The table with statistics and values. `table.rows` must be known, and decides how much is looked at."""
    rows = table.rows or 0
    if not rows or not table.columns:
        return table
    sample = probe.relation(table) if rows <= EXACT_ROWS else probe.sample(table, SAMPLE_ROWS)
    whole = probe.relation(table) if rows <= SCAN_ROWS else sample
    exact = rows <= EXACT_ROWS
    distinct = await _distinct(table, probe, sample, rows, exact=exact)
    ranged = await _ranges(table, probe, whole, exact=rows <= SCAN_ROWS)
    columns = [
        await _values(replace(column, distinct=_bounded(column, distinct)), probe, sample, whole, exact=exact)
        for column in ranged
    ]
    return replace(table, columns=tuple(columns))


async def count(table: Table, probe: Probe) -> Table:
    """The table with its rows counted, as far as `SCAN_ROWS`; a view that takes too long or is broken has none."""
    counted = f"SELECT count(*) FROM (SELECT 1 FROM {probe.relation(table)} LIMIT {SCAN_ROWS}) AS counted"  # noqa: S608
    try:
        ((rows,),) = await probe.ask(counted)
    except (Refused, TooMuch, TimeoutError):
        return table
    return replace(table, rows=_int(rows))


async def profiled(table: Table, probe: Probe) -> Table:
    """Counted and measured; a table that cannot be (a broken view, one that takes too long) stands as it is."""
    try:
        return await measure(table if table.rows is not None else await count(table, probe), probe)
    except (Refused, TooMuch, TimeoutError):
        return table


async def _distinct(table: Table, probe: Probe, sample: str, rows: int, *, exact: bool) -> dict[str, int]:
    """Distinct counts; where only a sample was read, a nearly unique column is scaled up to the table."""
    names = [column.name for column in table.columns if column.type not in (DataType.JSON, DataType.OTHER)]
    if not names:
        return {}
    counts = ", ".join(f"count(DISTINCT {probe.quote(name)}), count({probe.quote(name)})" for name in names)
    (found,) = await probe.ask(f"SELECT {counts} FROM {sample}")  # noqa: S608  names are quoted
    measured = {name: (_int(found[2 * at]), _int(found[2 * at + 1])) for at, name in enumerate(names)}
    result = {}
    for name, (distinct, seen) in measured.items():
        if exact or distinct < 0.1 * seen:
            result[name] = distinct
        else:
            result[name] = min(rows, round(rows * distinct / max(seen, 1)))
    return result


def _bounded(column: Column, distinct: dict[str, int]) -> int | None:
    """An integer column has at most as many values as its range."""
    found = distinct.get(column.name)
    if found is None or column.type is not DataType.INTEGER or column.minimum is None or column.maximum is None:
        return found
    try:
        return min(found, int(column.maximum) - int(column.minimum) + 1)
    except ValueError:  # SQLite keeps any text in an integer column
        return found


async def _ranges(table: Table, probe: Probe, relation: str, *, exact: bool) -> list[Column]:
    wanted = []
    for column in table.columns:
        name = probe.quote(column.name)
        ends = f"min({name}), max({name})" if column.type in _RANGED else "NULL, NULL"
        wanted.append(f"count({name}), {ends}")
    (found,) = await probe.ask(f"SELECT count(*), {', '.join(wanted)} FROM {relation}")  # noqa: S608
    columns = []
    for at, column in enumerate(table.columns):
        filled, low, high = found[1 + 3 * at : 4 + 3 * at]
        nulls = _int(found[0]) - _int(filled)
        columns.append(
            replace(column, nulls=nulls if exact else None, minimum=_text(low), maximum=_text(high)),
        )
    return columns


async def _values(column: Column, probe: Probe, sample: str, whole: str, *, exact: bool) -> Column:
    """Most frequent values of a text column; all of them where there are few."""
    if column.type is not DataType.TEXT or not column.distinct:
        return column
    few = column.distinct <= ALL_VALUES
    name, limit = probe.quote(column.name), ALL_VALUES + 1 if few else TOP_VALUES
    found = await probe.ask(
        f"SELECT {probe.text(column.name)}, count(*) FROM {whole if few else sample} "  # noqa: S608
        f"WHERE {name} IS NOT NULL GROUP BY {name} ORDER BY count(*) DESC, 1 LIMIT {limit}"
    )
    values = tuple(str(row[0]) for row in found if len(str(row[0])) <= LONGEST_VALUE)
    kind = from_text(values) if values else None
    if kind:
        return replace(column, type=kind, minimum=min(values) if few else None, maximum=max(values) if few else None)
    counted = len(found) if few and not exact else column.distinct
    return replace(column, distinct=counted, values=values[:ALL_VALUES])


def _int(value: object) -> int:
    return int(str(value))


def _text(value: object) -> str | None:
    return None if value is None else str(value)
