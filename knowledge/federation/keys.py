"""Ships the keys that one fetch found to another, so that it asks only for rows that can match."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import cast

from sqlglot import exp

from knowledge.federation.estimates import place_of
from knowledge.federation.plan import Fetch, Reduction
from knowledge.federation.reduce import PAYS
from knowledge.federation.types import INTEGER
from knowledge.federation.workbench import Desk
from knowledge.guard import render

_AT_ONCE = 10_000
_WHOLE = "fetched"
_ARRAYS = {
    "duckdb": "SELECT unnest(CAST(string_split('{}', ',') AS BIGINT[]))",
    "postgres": "SELECT unnest(CAST('{{{}}}' AS BIGINT[]))",
}
_SHOWN = 5
_LONGEST_KEY = 200


@dataclass(frozen=True, slots=True)
class Shipped:
    """A fetch's query with keys in it: as it runs, and as people read it."""

    sql: str
    pretty: str
    note: str = ""


async def with_keys(fetch: Fetch, desk: Desk, most: int) -> Shipped:
    """The query of a fetch, reduced to what its givers found."""
    query, notes = fetch.query, []
    texts: dict[str, tuple[str, str]] = {}
    for reduction in fetch.reductions:
        values = await desk.keys(reduction.giver, reduction.column, most)
        if values is not None:
            condition, note = _listed(reduction, values, fetch.dialect, texts)
        else:
            condition, note = _ranged(reduction, *await desk.ends(reduction.giver, reduction.column))
        if condition is not None:
            query = _restricted(query, reduction, condition)
            notes.append(note)
    sql, pretty = render(query, fetch.dialect), render(query, fetch.dialect, pretty=True)
    for mark, (whole, short) in texts.items():
        sql, pretty = sql.replace(mark, whole), pretty.replace(mark, short)
    return Shipped(sql, pretty, "; ".join(notes))


def _restricted(query: exp.Query, reduction: Reduction, condition: exp.Expr) -> exp.Query:
    """The query with one more condition: on its own FROM, or on its result."""
    if reduction.target is not None:
        return cast(exp.Select, query).where(condition, copy=True)
    columns = [exp.column(name, table=_WHOLE, quoted=True) for name in query.named_selects]
    whole = query.copy().subquery(exp.to_identifier(_WHOLE, quoted=True), copy=False)
    return exp.select(*columns, copy=False).from_(whole, copy=False).where(condition, copy=False)


def _target(reduction: Reduction) -> exp.Expr:
    if reduction.target is not None:
        return reduction.target.copy()
    return exp.column(reduction.field.name, table=_WHOLE, quoted=True)


def _listed(
    reduction: Reduction, values: Sequence[object], dialect: str, texts: dict[str, tuple[str, str]]
) -> tuple[exp.Expr | None, str]:
    distinct = reduction.field.distinct
    if distinct and len(values) > distinct * PAYS:
        return None, ""
    said = [text for value in values if (text := literal(value, reduction.field.family, dialect)) is not None]
    if len(said) < len(values):
        return None, ""
    note = f"{len(said):,} keys of {_name(reduction)} shipped"
    if not said:
        return exp.EQ(this=exp.Literal.number(0), expression=exp.Literal.number(1)), note
    parts: list[exp.Expr] = []
    for at in range(0, len(said), _AT_ONCE):
        mark = f"QUILLUX_KEYS_{len(texts)}_"
        part = said[at : at + _AT_ONCE]
        more = f", … {len(part) - _SHOWN:,} more" if len(part) > _SHOWN else ""
        texts[mark] = (_sql_of(part, values, reduction, dialect), ", ".join(part[:_SHOWN]) + more)
        parts.append(exp.In(this=_target(reduction), expressions=[exp.var(mark)]))
    return exp.paren(exp.or_(*parts, copy=False), copy=False), note


def _sql_of(said: Sequence[str], values: Sequence[object], reduction: Reduction, dialect: str) -> str:
    """The keys within the brackets of IN; as one array where that is read many times faster than a list."""
    array = _ARRAYS.get(dialect)
    if array is None or reduction.field.kind != INTEGER or not all(isinstance(value, int) for value in values):
        return ", ".join(said)
    return array.format(",".join(said))


def _ranged(reduction: Reduction, low: object, high: object) -> tuple[exp.Expr | None, str]:
    """From the least to the greatest key, where that leaves out half of the column's own range."""
    first, last = _value(low), _value(high)
    ends = [place_of(text) for text in (reduction.field.minimum, reduction.field.maximum, str(low), str(high))]
    if first is None or last is None or any(end is None for end in ends):
        return None, ""
    from_, to, least, greatest = (end or 0.0 for end in ends)
    if greatest - least > (to - from_) * PAYS:
        return None, ""
    note = f"{_name(reduction)} from {low} to {high} shipped"
    return exp.Between(this=_target(reduction), low=first, high=last), note


def _name(reduction: Reduction) -> str:
    return ".".join((reduction.giver, reduction.column))


def _value(value: object) -> exp.Expr | None:
    match value:
        case bool():
            return None
        case int() | Decimal():
            return exp.Literal.number(str(value))
        case datetime():
            return None
        case date():
            return exp.cast(exp.Literal.string(value.isoformat()), "DATE")
        case _:
            return None


def literal(value: object, family: str, dialect: str) -> str | None:
    """A key as it is written in a dialect; None where it can't be, for sure, written so."""
    match value:
        case bool():
            return None
        case int() | Decimal() if family == "number":
            return str(value) if not isinstance(value, Decimal) or value.is_finite() else None
        case datetime():
            return None
        case date() if family == "DATE":
            return exp.cast(exp.Literal.string(value.isoformat()), "DATE").sql(dialect)
        case str() if family == "text" and len(value) <= _LONGEST_KEY and value.isprintable() and "\\" not in value:
            return "'" + value.replace("'", "''") + "'"
        case _:
            return None
