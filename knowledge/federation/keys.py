"""Ships the keys that one fetch found to another, so that it asks only for rows that can match."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import cast

from sqlglot import exp

from knowledge.federation.plan import Fetch, Reduction
from knowledge.federation.workbench import Desk
from knowledge.guard import render

_PAYS = 0.5
"""Keys are shipped when they probably leave out at least this part of the rows."""
_AT_ONCE = 1_000
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
        condition, note = None, ""
        if values is not None:
            condition, note = _listed(reduction, values, fetch.dialect, texts)
        else:
            low, high = await desk.ends(reduction.giver, reduction.column)
            condition, note = _ranged(reduction, low, high)
        if condition is not None:
            query = restricted(query, condition)
            notes.append(note)
    sql, pretty = render(query, fetch.dialect), render(query, fetch.dialect, pretty=True)
    for mark, (whole, short) in texts.items():
        sql, pretty = sql.replace(mark, whole), pretty.replace(mark, short)
    return Shipped(sql, pretty, "; ".join(notes))


def restricted(query: exp.Query, condition: exp.Expr) -> exp.Query:
    """The query with one more condition on its own FROM."""
    return cast(exp.Select, query).where(condition, copy=True)


def _listed(
    reduction: Reduction, values: Sequence[object], dialect: str, texts: dict[str, tuple[str, str]]
) -> tuple[exp.Expr | None, str]:
    distinct = reduction.field.distinct
    if distinct and len(values) > distinct * _PAYS:
        return None, ""
    said = [text for value in values if (text := literal(value, dialect)) is not None]
    if len(said) < len(values):
        return None, ""
    column = reduction.target.name
    note = f"{len(said):,} keys of {column} shipped"
    if not said:
        return exp.false(), note
    parts: list[exp.Expr] = []
    for at in range(0, len(said), _AT_ONCE):
        mark = f"QUILLUX_KEYS_{len(texts)}_"
        part = said[at : at + _AT_ONCE]
        more = f", … {len(part) - _SHOWN:,} more" if len(part) > _SHOWN else ""
        texts[mark] = (", ".join(part), ", ".join(part[:_SHOWN]) + more)
        parts.append(exp.In(this=reduction.target.copy(), expressions=[exp.var(mark)]))
    return exp.paren(exp.or_(*parts, copy=False), copy=False), note


def _ranged(reduction: Reduction, low: object, high: object) -> tuple[exp.Expr | None, str]:
    first, last = _value(low), _value(high)
    if first is None or last is None:
        return None, ""
    note = f"{reduction.target.name} from {low} to {high} shipped"
    return exp.Between(this=reduction.target.copy(), low=first, high=last), note


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


def literal(value: object, dialect: str) -> str | None:
    """A key as it is written in a dialect; None where it can't be, for sure, written so."""
    match value:
        case bool():
            return None
        case int() | Decimal():
            return str(value) if not isinstance(value, Decimal) or value.is_finite() else None
        case datetime():
            return None
        case date():
            return exp.cast(exp.Literal.string(value.isoformat()), "DATE").sql(dialect)
        case str() if len(value) <= _LONGEST_KEY and value.isprintable() and "\\" not in value:
            return "'" + value.replace("'", "''") + "'"
        case _:
            return None
