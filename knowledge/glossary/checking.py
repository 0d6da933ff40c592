"""Whether a term can be used: its form, its ties to other terms, and what it says of the catalog."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlglot import exp

from knowledge.catalog.model import Catalog, Column, DataType, Table
from knowledge.errors import KnowledgeError, Refused
from knowledge.glossary import form, ties
from knowledge.glossary.expressions import adds_up, read_aggregate, read_condition, strangers
from knowledge.glossary.model import Glossary, Metric, Place, Status, Term
from knowledge.guard import guard
from knowledge.meaning import CURRENCIES

FORMATS = ("number", "percent", "money", "duration")
UNITS = frozenset(
    (
        "%", "‰", "pp", "g", "kg", "t", "lb", "oz", "mm", "cm", "m", "km", "mi", "m²", "ha", "km²", "ml", "l", "m³",
        "ms", "s", "min", "h", "d", "seconds", "minutes", "hours", "days", "weeks", "months", "years", "B", "kB", "MB",
        "GB", "TB", "W", "kW", "MW", "kWh", "MWh", "V", "A", "Hz", "°C", "°F", "K", "items", "pieces", "people",
        "km/h", "m/s", "points",
    )
)  # fmt: skip
"""Units besides currencies; those that columns of the catalog are in count as known too."""

Severity = Literal["form", "error", "warning"]
"""`form` is never kept, `error` is never approved, a `warning` is only said."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is wrong with a field of a term, as a sentence for people."""

    term: str
    field: str
    what: str
    severity: Severity = "error"


def check(term: Term, glossary: Glossary, catalog: Catalog) -> tuple[Problem, ...]:
    """Everything that is wrong with a term as it would stand in the glossary; empty for one that is sound."""
    broken = [Problem(term.id[:80], field, what, "form") for field, what in form.problems(term)]
    if broken:
        return tuple(broken)
    others = Glossary((*(other for other in glossary.terms if other.id != term.id), term))
    return (*_kind(term), *_ties(term, others), *_places(term, catalog), *_metric(term, catalog))


def check_all(glossary: Glossary, catalog: Catalog) -> tuple[Problem, ...]:
    """Everything that is wrong with the terms of a glossary, in their order."""
    words = ties.claims(glossary.terms)
    return tuple(problem for term in glossary.terms for problem in _one_of_many(term, glossary, catalog, words))


def blocking(problems: Iterable[Problem], status: Status) -> tuple[Problem, ...]:
    """Those because of which a term may not be kept with this status."""
    strict = status in ("proposed", "approved")
    return tuple(each for each in problems if each.severity == "form" or (strict and each.severity == "error"))


def insist(term: Term, glossary: Glossary, catalog: Catalog) -> tuple[Problem, ...]:
    """The problems that do not stand in the way. Raises Refused with those that do."""
    found = check(term, glossary, catalog)
    if against := blocking(found, term.status):
        raise refusal(term.id, against)
    return found


def refusal(id: str, against: Sequence[Problem]) -> Refused:
    """The error for a term that is not kept."""
    said = " ".join(each.what for each in against[:5]) + (f" And {len(against) - 5} more." if len(against) > 5 else "")
    return Refused(
        f"The term “{form.tame(id)}” can't be kept like this. {said}",
        next_step="Correct it, or keep it as a draft for now." if against[0].severity == "error" else "Correct it.",
    )


def table_of(catalog: Catalog, source: str, name: str) -> Table | None:
    """The table that a place or metric means: `table`, or `schema.table` where it has a schema."""
    parts = name.lower().split(".")
    for at in range(len(parts)):
        key = (source.lower(), ".".join(parts[:at]), ".".join(parts[at:]))
        if (table := catalog.by_key.get(key)) is not None:
            return table
    return None


def _one_of_many(term: Term, glossary: Glossary, catalog: Catalog, words: ties.Claims) -> Iterator[Problem]:
    broken = [Problem(term.id[:80], field, what, "form") for field, what in form.problems(term)]
    yield from broken
    if not broken:
        yield from (*_kind(term), *_ties(term, glossary, words), *_places(term, catalog), *_metric(term, catalog))


def _kind(term: Term) -> Iterator[Problem]:
    if (term.kind == "metric") != (term.metric is not None):
        what = "A metric needs to say how its number is made." if term.metric is None else "Only a metric has a number."
        yield Problem(term.id, "metric", what)
    if term.kind == "hierarchy" and len(term.levels) < 2:
        yield Problem(term.id, "levels", "A hierarchy needs two levels or more, the widest first.")
    if term.kind != "hierarchy" and term.levels:
        yield Problem(term.id, "levels", "Only a hierarchy has levels.")
    if term.kind == "dimension" and not any(place.column for place in term.places):
        yield Problem(term.id, "places", "A dimension needs a column that it stands for.")


def _ties(term: Term, glossary: Glossary, words: ties.Claims | None = None) -> Iterator[Problem]:
    for field, what in ties.problems(term, glossary):
        yield Problem(term.id, field, what)
    for field, what in ties.ambiguous(term, glossary, words or ties.claims(glossary.terms)):
        yield Problem(term.id, field, what, "warning")


def _places(term: Term, catalog: Catalog) -> Iterator[Problem]:
    for place in term.places:
        for what in _place(place, catalog):
            yield Problem(term.id, "places", what)


def _place(place: Place, catalog: Catalog) -> Iterator[str]:
    table, missing = _table(catalog, place.source, place.table)
    if table is None:
        yield missing
        return
    if place.column and place.column.lower() not in table.by_name:
        yield f"{place.table} has no column “{place.column}”."
    if place.condition:
        yield from _condition(place.condition, table, catalog, "The condition")


def _metric(term: Term, catalog: Catalog) -> Iterator[Problem]:
    metric = term.metric
    if metric is None:
        return
    for what in _form_and_unit(metric, catalog):
        yield Problem(term.id, "metric", what, "error" if "format" in what else "warning")
    table, missing = _table(catalog, metric.source, metric.table)
    if table is None:
        yield Problem(term.id, "metric", missing)
        return
    yield from (Problem(term.id, "metric", what) for what in _expression(metric, table, catalog))
    for text in metric.filters:
        yield from (Problem(term.id, "metric", what) for what in _condition(text, table, catalog, "The filter"))
    for name in (*metric.grain, *((metric.time,) if metric.time else ())):
        if name.lower() not in table.by_name:
            yield Problem(term.id, "metric", f"{metric.table} has no column “{name}” (grain or time).")
    yield from (Problem(term.id, "metric", what, "warning") for what in _doubts(metric, table, catalog))


def _expression(metric: Metric, table: Table, catalog: Catalog) -> Iterator[str]:
    shown = form.tame(metric.expression)
    try:
        tree = read_aggregate(metric.expression, _dialect(catalog, table))
    except KnowledgeError as error:
        yield f"The expression “{shown}” {error.what}."
        return
    for what in strangers(tree, table):
        yield f"The expression “{shown}” {what}."


def _condition(text: str, table: Table, catalog: Catalog, what: str) -> Iterator[str]:
    shown = form.tame(text)
    try:
        tree = read_condition(text, _dialect(catalog, table))
    except KnowledgeError as error:
        yield f"{what} “{shown}” {error.what}."
        return
    for strange in strangers(tree, table):
        yield f"{what} “{shown}” {strange}."
    if tree.find(exp.Query):
        yield from (f"{what} “{shown}”: {why}" for why in _looked_into(tree, table, catalog))


def _looked_into(tree: exp.Expr, table: Table, catalog: Catalog) -> Iterator[str]:
    """What is wrong with the queries in a condition, by the rules for every query that is run."""
    whole = exp.select("1").from_(exp.table_(table.name, db=table.schema or None, quoted=True)).where(tree)
    try:
        guard(whole, catalog=catalog, source=table.source, rows=1)
    except KnowledgeError as error:
        yield error.what


def _form_and_unit(metric: Metric, catalog: Catalog) -> Iterator[str]:
    if metric.format not in FORMATS:
        yield f"“{form.tame(metric.format)}” is no format; there are {', '.join(FORMATS)}."
    if metric.unit and metric.unit not in CURRENCIES | UNITS:
        if not any(column.unit == metric.unit for table in catalog.tables for column in table.columns):
            yield f"The unit “{form.tame(metric.unit)}” is not known."
    elif metric.unit not in CURRENCIES and metric.format == "money":
        yield "It is money without a currency."


def _doubts(metric: Metric, table: Table, catalog: Catalog) -> Iterator[str]:
    """What may be meant, but is rarely."""
    time = table.by_name.get(metric.time.lower())
    if time is not None and not time.type.temporal:
        yield f"“{metric.time}” is {_kind_of(time)}, not a date or a time."
    try:
        tree = read_aggregate(metric.expression, _dialect(catalog, table))
    except KnowledgeError:
        return
    if metric.additivity == "additive" and not adds_up(tree):
        yield "It is said to be additive, but the values of parts can't be summed to that of the whole."
    for summed in tree.find_all(exp.Sum, exp.Avg):
        column = table.by_name.get(summed.this.name.lower()) if isinstance(summed.this, exp.Column) else None
        if column is not None and column.type in (DataType.TEXT, DataType.DATE, DataType.TIMESTAMP):
            yield f"“{column.name}” is {_kind_of(column)}, which can't be summed."


def _table(catalog: Catalog, source: str, name: str) -> tuple[Table | None, str]:
    if not any(known.lower() == source.lower() for known in catalog.dialects):
        there = ", ".join(sorted(catalog.dialects)[:8]) or "none"
        return None, f"There is no source “{form.tame(source)}”; there are: {there}."
    table = table_of(catalog, source, name)
    return table, f"The source {source} has no table “{form.tame(name)}”."


def _dialect(catalog: Catalog, table: Table) -> str:
    return catalog.dialects.get(table.source, "")


def _kind_of(column: Column) -> str:
    return {"text": "a text", "integer": "a number", "boolean": "yes or no"}.get(column.type.value, column.type.value)
