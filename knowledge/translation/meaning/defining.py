"""From a reading of words to what a term may stand for: a metric, a table, a column, or some rows of a table."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from sqlglot import exp

from knowledge.catalog.model import Catalog, Table
from knowledge.errors import KnowledgeError
from knowledge.glossary import Metric, Place
from knowledge.glossary.expressions import adds_up, read_aggregate
from knowledge.guard.names import table_at
from knowledge.translation.labels import EVERYWHERE
from knowledge.translation.model import Interpretation

_AGO = re.compile(r"\b(?:last|past|previous)\s+(\d{1,4})\s+(day|week)s?\b", re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")


@dataclass(frozen=True, slots=True)
class Meant:
    """What words were read as: exactly one of both. `dates` stand in it as they were on the day it was defined."""

    metric: Metric | None = None
    place: Place | None = None
    dates: tuple[str, ...] = ()


def meant_by(reading: Interpretation, words: str, catalog: Catalog, today: date) -> Meant | None:
    """What a term may stand for that is defined in these words; None where their reading is a table of its own."""
    tree = reading.query.copy()
    if not isinstance(tree, exp.Select) or reading.source == EVERYWHERE or tree.args.get("limit"):
        return None
    if any(tree.args.get(clause) for clause in ("group", "having", "with_", "with")):
        return None
    table = _table(tree, catalog, reading.source)
    if table is None:
        return None
    _count_from_today(tree, words, today, reading.dialect)
    dates = tuple(dict.fromkeys(str(one.this) for one in tree.find_all(exp.Literal) if _DATE.match(str(one.this)[:10])))
    if tree.find(exp.AggFunc) and not _only_nested(tree):
        metric = _metric(tree, table, reading)
        return Meant(metric=metric, dates=dates) if metric else None
    if added := _added_up(tree, table, reading):
        return Meant(metric=added, dates=dates)
    place = _place(tree, table, reading)
    return Meant(place=place, dates=dates) if place else None


def _added_up(tree: exp.Select, table: Table, reading: Interpretation) -> Metric | None:
    """“the total of cancelled orders”: a number of each row is added up."""
    made = tree.expressions[0]
    made = made.this if isinstance(made, exp.Alias) else made
    if len(tree.expressions) != 1 or not isinstance(made, exp.Column) or not _asks_column(reading):
        return None
    column = table.by_name.get(made.name.lower())
    keys = {*table.primary_key, *(name for key in table.keys for name in key.columns)}
    if column is None or not column.type.numeric or column.name in keys:
        return None
    summed = tree.copy()
    summed.set("expressions", [exp.Sum(this=made.copy())])
    return _metric(summed, table, reading)


def _only_nested(tree: exp.Select) -> bool:
    return all(agg.find_ancestor(exp.Select) is not tree for agg in tree.find_all(exp.AggFunc))


def _table(tree: exp.Select, catalog: Catalog, source: str) -> Table | None:
    """The table whose rows are told: the first, which the reading is about."""
    start = tree.args.get("from_") or tree.args.get("from")
    if start is None or not isinstance(start.this, exp.Table):
        return None
    try:
        return table_at(start.this, catalog, source)
    except KnowledgeError:
        return None


def _count_from_today(tree: exp.Select, words: str, today: date, dialect: str) -> None:
    """“in the last 90 days” counts from the day on which it is asked, not from the day of the definition."""
    for number, unit in _AGO.findall(words):
        days = int(number) * (7 if unit.lower() == "week" else 1)
        for literal in list(tree.find_all(exp.Literal)):
            if literal.is_string and str(literal.this)[:10] == str(today - timedelta(days=days)):
                literal.replace(_ago(days, dialect))
        _drop_end(tree, today)


def _ago(days: int, dialect: str) -> exp.Expr:
    if dialect == "sqlite":
        return exp.Anonymous(this="DATE", expressions=[exp.Literal.string("now"), exp.Literal.string(f"-{days} days")])
    span = exp.Interval(this=exp.Literal.string(str(days)), unit=exp.var("DAY"))
    return exp.paren(exp.Sub(this=exp.CurrentDate(), expression=span))


def _drop_end(tree: exp.Select, today: date) -> None:
    """A period up to today has no end of its own: today moves on."""
    ends = {str(today), str(today + timedelta(days=1))}
    for node in list(tree.find_all(exp.LT)):
        right = node.expression
        if isinstance(right, exp.Literal) and str(right.this)[:10] in ends and isinstance(node.parent, exp.And):
            node.parent.replace(node.parent.left if node.parent.right is node else node.parent.right)


def _metric(tree: exp.Select, table: Table, reading: Interpretation) -> Metric | None:
    if len(tree.expressions) != 1:
        return None
    made = tree.expressions[0]
    made = made.this if isinstance(made, exp.Alias) else made
    aggregated = {column.table.lower() for column in made.find_all(exp.Column) if column.table}
    if tree.args.get("joins") and aggregated - {table.name.lower()}:
        return None
    filters = _filters(tree, table, reading.dialect)
    if filters is None:
        return None
    text = _bare(made).sql(dialect=reading.dialect)
    try:
        additive = adds_up(read_aggregate(text, reading.dialect))
    except KnowledgeError:
        return None
    dates = [column.name for column in table.columns if column.type.temporal]
    units = {c.unit for column in made.find_all(exp.Column) if (c := table.by_name.get(column.name.lower())) and c.unit}
    return Metric(
        reading.source,
        f"{table.schema}.{table.name}" if table.schema else table.name,
        text,
        filters=filters,
        grain=table.primary_key,
        additivity="additive" if additive else "non-additive",
        time=dates[0] if len(dates) == 1 else "",
        unit=units.pop() if additive and len(units) == 1 else "",
    )


def _filters(tree: exp.Select, table: Table, dialect: str) -> tuple[str, ...] | None:
    """The conditions over the rows of the table; None where they can't be told of it alone."""
    where = tree.args.get("where")
    if not tree.args.get("joins"):
        parts = [] if where is None else where.this.flatten() if isinstance(where.this, exp.And) else [where.this]
        return tuple(_bare(part).sql(dialect=dialect) for part in parts)
    if len(table.primary_key) != 1:
        return None
    key = table.primary_key[0]
    inner = tree.copy()
    inner.set("expressions", [exp.column(key, table.name)])
    for clause in ("order", "distinct"):
        inner.set(clause, None)
    return (f"{exp.column(key).sql(dialect=dialect)} IN ({inner.sql(dialect=dialect)})",)


def _place(tree: exp.Select, table: Table, reading: Interpretation) -> Place | None:
    filters = _filters(tree, table, reading.dialect)
    if filters is None:
        return None
    name = f"{table.schema}.{table.name}" if table.schema else table.name
    if filters:
        condition = " AND ".join(f"({one})" if " OR " in one.upper() else one for one in filters)
        return Place(reading.source, name, condition=condition)
    shown = [made.this if isinstance(made, exp.Alias) else made for made in tree.expressions]
    listed = reading.memory.get("query", {}).get("select", [])
    one = shown[0] if len(shown) == 1 and len(listed) == 1 else None
    named = any(phrase.words and phrase.meaning != reading.explanation for phrase in reading.because[:1])
    column = one.name if isinstance(one, exp.Column) and named and _asks_column(reading) else ""
    return Place(reading.source, name, column)


def _asks_column(reading: Interpretation) -> bool:
    """Whether a column is told (“segment of customers”) and not just the rows of a table (“customers”)."""
    return " of " in reading.explanation or len(reading.because) > 1


def _bare(tree: exp.Expr) -> exp.Expr:
    """The expression with its own columns by their bare names."""
    made = tree.copy()
    holder = exp.Paren(this=made)
    for column in list(made.find_all(exp.Column)):
        if column.find_ancestor(exp.Select) is None:
            column.set("table", None)
    inner: exp.Expr = holder.this
    return inner
