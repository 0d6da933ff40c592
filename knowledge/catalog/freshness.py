"""Which column grows with a table, and what came since it was last looked at."""

import re
from dataclasses import dataclass, replace
from typing import cast

from sqlglot import exp

from knowledge.catalog.model import Column, DataType, Table
from knowledge.catalog.statistics import Probe, measure
from knowledge.errors import Refused, TooMuch

_CHANGED = re.compile(
    r"^(last_?)?(updated?|modified|changed|synced|loaded|ingested)(_?(at|on|time|ts|timestamp|date|dt))?$"
    r"|^_?(ingest|load|etl|sync|update|modification)(_?(at|time|ts|timestamp|date|dt))$|^row_?version$"
)
_CREATED = re.compile(
    r"^(created|inserted|added|recorded|logged|occurred|received|event|placed|ordered|sent|posted)"
    r"(_?(at|on|time|ts|timestamp))$|^(ts|timestamp|event_?time|log_?time|created|order_?date)$"
)


_LENIENT = frozenset({"sqlite", "postgres", "mysql", "duckdb", "redshift"})


@dataclass(frozen=True, slots=True)
class Growth:
    """Rows of the table now, how many of them lie beyond the last seen value of its watermark, and the newest value."""

    rows: int
    newer: int
    latest: str


def with_watermark(table: Table) -> Table:
    """The table with the column that grows with it, where its source named none: updated before created."""
    if table.watermark or table.kind != "table":
        return table
    return replace(table, watermark=_named(table, _CHANGED) or _named(table, _CREATED))


def with_freshness(table: Table) -> Table:
    """The table with the newest value of its watermark, as it was measured."""
    column = table.by_name.get(table.watermark.lower()) if table.watermark else None
    return replace(table, fresh_at=column.maximum) if column and column.maximum else table


def _named(table: Table, pattern: re.Pattern[str]) -> str:
    for column in table.columns:
        if pattern.match(column.name.lower()) and (column.type.temporal or _counter(column)):
            return column.name
    return ""


def _counter(column: Column) -> bool:
    return column.type is DataType.INTEGER and "version" in column.name.lower()


async def growth(table: Table, since: str, probe: Probe) -> Growth | None:
    """What the watermark says; None when the source will not tell."""
    mark = probe.quote(table.watermark)
    newer = f"{mark} > {_literal(table, since, probe.dialect)}"
    sql = (
        f"SELECT count(*), sum(CASE WHEN {newer} THEN 1 ELSE 0 END), max({mark}) "  # noqa: S608
        f"FROM {probe.relation(table)}"
    )
    try:
        ((rows, count, latest),) = await probe.ask(sql)
    except (Refused, TooMuch, TimeoutError):
        return None
    return Growth(int(str(rows)), int(str(count or 0)), str(latest))


async def newer_rows(table: Table, since: str, rows: int, probe: Probe) -> Table:
    """The table measured over the rows beyond `since` alone."""
    mark = probe.quote(table.watermark)
    relation = (
        f"(SELECT * FROM {probe.relation(table)} "  # noqa: S608
        f"WHERE {mark} > {_literal(table, since, probe.dialect)}) AS newer"
    )
    only = Probe(probe.dialect, probe.ask, lambda _table, _rows: relation, over=relation)
    return await measure(replace(table, rows=rows), only)


def _literal(table: Table, value: str, dialect: str) -> str:
    """A value of the watermark as the source's SQL writes it; text where the database turns text into a time itself."""
    column = table.by_name[table.watermark.lower()]
    if column.type.numeric:
        return exp.Literal.number(value).sql(dialect)
    text = exp.Literal.string(value)
    if dialect in _LENIENT or not column.type.temporal:
        return text.sql(dialect)
    kind = "date" if column.type is DataType.DATE else "timestamp"
    return cast(exp.Expr, exp.cast(text, kind)).sql(dialect)
