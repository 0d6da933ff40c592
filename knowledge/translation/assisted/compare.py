"""Whether two readings are the same: by their trees, or by the rows that they give."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlglot import exp

from knowledge.errors import KnowledgeError
from knowledge.translation.assisted.port import Rows, Trial
from knowledge.translation.model import Interpretation


@dataclass(frozen=True, slots=True)
class Voice:
    """A reading, with its rows unless they were too heavy to be had; no reading says that there is no answer."""

    reading: Interpretation | None
    rows: Rows | None = None


async def voice(reading: Interpretation, trial: Trial) -> Voice:
    """A reading with its rows, without them where the source or the guard does not give any."""
    try:
        return Voice(reading, await trial(reading))
    except KnowledgeError:
        return Voice(reading)


def alike(one: Voice, other: Voice) -> bool:
    """True for the same tree, or the same telling rows."""
    if one.reading is None or other.reading is None:
        return one.reading is other.reading
    if one.reading.source != other.reading.source:
        return False
    if fingerprint(one.reading.query) == fingerprint(other.reading.query):
        return True
    return one.rows is not None and other.rows is not None and same_rows(one.rows, other.rows)


def parties(voices: Sequence[Voice]) -> list[list[Voice]]:
    """Voices that are alike together, the largest party first, then the one that spoke first."""
    found: list[list[Voice]] = []
    for each in voices:
        party = next((party for party in found if alike(party[0], each)), None)
        if party is None:
            found.append([each])
        else:
            party.append(each)
    return sorted(found, key=lambda party: -len(party))


def fingerprint(query: exp.Expr) -> str:
    """The tree as text, without the names that it gives and, where all rows are shown, without their order.

    Equal texts mean the same rows; different ones may mean the same too.
    """
    tree = query.copy()
    if tree.args.get("limit") is None:
        tree.set("order", None)
    tables = list(tree.find_all(exp.Table))
    named = {table.alias_or_name.lower(): table.name.lower() for table in tables}
    if len(set(named.values())) == len(tables):
        for column in tree.find_all(exp.Column):
            owner = column.table.lower() or (tables[0].alias_or_name.lower() if len(tables) == 1 else "")
            if owner:
                column.set("table", exp.to_identifier(named.get(owner, owner)))
        for table in tables:
            table.set("alias", None)
    said = {column.name.lower() for column in tree.find_all(exp.Column)}
    for select in tree.find_all(exp.Select):
        select.set("expressions", [_bare(shown, said) for shown in select.expressions])
    for name in tree.find_all(exp.Identifier):
        name.set("quoted", False)
        name.set("this", str(name.this).lower())
    return tree.sql(comments=False)


def _bare(shown: exp.Expr, said: set[str]) -> exp.Expr:
    """What is shown without its new name, unless the query speaks of it by that name."""
    kept = shown.alias.lower() in said and shown.unalias().name.lower() != shown.alias.lower()
    return shown if kept else shown.unalias()


def same_rows(one: Rows, other: Rows) -> bool:
    """The same rows in any order, with their values in any order; rows that tell nothing (none, zero) prove nothing."""
    if not any(value not in (None, 0, "") for row in one for value in row):
        return False
    return Counter(map(_row, one)) == Counter(map(_row, other))


def _row(row: Any) -> tuple[str, ...]:
    return tuple(sorted(_value(value) for value in row))


def _value(value: Any) -> str:
    match value:
        case bool() | int() | float() | Decimal():
            return repr(round(float(value), 4))
        case datetime() | date():
            return value.isoformat()
        case _:
            return str(value)
