"""Metrics: numbers that people ask for again and again, and those that a table of facts is made for."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from knowledge.catalog.model import Catalog, Column, DataType, Table
from knowledge.enrichment.model import Asked, Evidence, Proposal
from knowledge.enrichment.naming import place_name, plain, slug, spoken, thing, whole_name
from knowledge.glossary import Metric, Term

OFTEN = 3
"""Questions in which the same number was asked for, before it is worth a name."""
_RATES = frozenset({"rate", "ratio", "percent", "percentage", "pct", "share", "score", "rating", "discount", "margin"})
_AMOUNTS = frozenset({"amount", "total", "revenue", "sales", "cost", "costs", "value", "fee", "profit", "turnover"})
_COUNTED = frozenset({"quantity", "units", "pieces"})
_VAGUE = frozenset({"amount", "total", "value", "rating", "score", "discount", "rate", "cost", *_COUNTED})
_PRICES = frozenset({"price", "unit price"})


def metrics(catalog: Catalog, asked: Sequence[Asked]) -> Iterator[Proposal]:
    """From the history of questions first, then from names and units."""
    yield from _from_history(catalog, asked)
    targets = {(table.source, key.target.lower()) for table in catalog.tables for key in table.keys}
    happened = {
        (table.source, table.name.lower()): table
        for table in catalog.tables
        if any(column.type is DataType.TIMESTAMP for column in table.columns)
    }
    for table in catalog.tables:
        places = [(table.source, table.name.lower()), *((table.source, key.target.lower()) for key in table.keys)]
        # Rows are things that happened, of which amounts may be summed, and not things that are.
        events = bool(table.keys) and (places[0] not in targets or any(place in happened for place in places))
        yield from _from_names(table, events)


def _from_names(table: Table, events: bool) -> Iterator[Proposal]:
    if not table.rows:
        return
    time = _time(table)
    currencies = any(spoken(column.name).endswith("currency") for column in table.columns)
    for column in table.columns:
        last = spoken(column.name).split()[-1]
        if not (column.type.numeric and plain(column)):
            continue
        if last in _RATES or column.unit == "%":
            yield _named(table, column, "AVG", time, "an average, for shares can't be summed")
        elif last in _AMOUNTS and currencies and not column.unit:
            continue  # a sum over several currencies means nothing
        elif events and last in (_AMOUNTS | _COUNTED):
            yield _named(table, column, "SUM", time, "a sum")
    if events and (product := _product(table)):
        quantity, price = product
        name = f"{thing(table)} value"
        metric = Metric(
            table.source,
            place_name(table),
            f"SUM({_id(quantity)} * {_id(price)})",
            grain=table.primary_key,
            time=time,
            unit=price.unit,
            format="money" if price.unit else "number",
        )
        proof = Evidence("name", f"{place_name(table)} has {quantity.name} and {price.name} in one row.")
        yield Proposal("metric", f"Define “{name}”", 0.4, (proof,), _term(name, metric, "Quantity times price."))


def _named(table: Table, column: Column, function: str, time: str, why: str) -> Proposal:
    name = spoken(column.name)
    if name in _VAGUE:
        name = whole_name(table, column)
    name = f"average {name}" if function == "AVG" else name
    where = f"{place_name(table)}.{column.name}"
    unit = f" in {column.unit}" if column.unit else ""
    proof = [Evidence("name", f"{where} is a number{unit}; by its name it is taken as {why}.")]
    if column.comment:
        proof.append(Evidence("comment", f"The comment on {where}: “{column.comment[:300]}”."))
    metric = Metric(
        table.source,
        place_name(table),
        f"{function}({_id(column)})",
        grain=table.primary_key,
        additivity="non-additive" if function == "AVG" else "additive",
        time=time,
        unit=column.unit,
        format="percent" if column.unit == "%" else "money" if _money(column) else "number",
    )
    said = column.comment.rstrip(".") if column.comment else name.capitalize()
    return Proposal(
        "metric", f"Define “{name}”", 0.6 if column.unit else 0.5, tuple(proof), _term(name, metric, f"{said}.")
    )


@dataclass(slots=True)
class _Seen:
    """One aggregate over one table, wherever it was asked for."""

    table: Table
    tree: exp.AggFunc
    sql: str
    questions: list[str] = field(default_factory=list)
    people: int = 0
    names: dict[str, int] = field(default_factory=lambda: defaultdict(int))


def _from_history(catalog: Catalog, asked: Sequence[Asked]) -> Iterator[Proposal]:
    seen: dict[tuple[str, str, str], _Seen] = {}
    for one in asked:
        for table, tree, name in _aggregates(one, catalog):
            key = (table.source, place_name(table), tree.sql(dialect=one.dialect))
            found = seen.setdefault(key, _Seen(table, tree, key[2]))
            found.questions.append(one.question)
            found.people += one.people
            found.names[name] += 1
    for found in seen.values():
        if len(found.questions) >= OFTEN:
            yield _asked_for(found)


def _asked_for(found: _Seen) -> Proposal:
    table = found.table
    name = max(found.names, key=lambda name: (found.names[name], name)) or _said(found.tree)
    units = {table.by_name[column.name.lower()].unit for column in found.tree.find_all(exp.Column)}
    ratio = isinstance(found.tree, exp.Avg | exp.Min | exp.Max | exp.Median)
    distinct = found.tree.find(exp.Distinct) is not None
    metric = Metric(
        table.source,
        place_name(table),
        found.sql,
        grain=table.primary_key,
        additivity="non-additive" if ratio or distinct else "additive",
        time=_time(table),
        unit=units.pop() if len(units) == 1 else "",
    )
    proof = (
        Evidence("history", f"Asked for in {len(found.questions)} questions, such as “{found.questions[0][:150]}”."),
    )
    sure = min(0.9, 0.5 + 0.05 * found.people)
    return Proposal("metric", f"Define “{name}”", sure, proof, _term(name, metric, ""))


def _aggregates(one: Asked, catalog: Catalog) -> Iterator[tuple[Table, exp.AggFunc, str]]:
    """Aggregates of more than a bare count, over columns of one table of the query."""
    try:
        tree = sqlglot.parse_one(one.sql, read=one.dialect or None)
    except (SqlglotError, RecursionError, ValueError):
        return
    tables = {named.alias_or_name.lower(): named for named in tree.find_all(exp.Table)}
    for found in tree.find_all(exp.AggFunc):
        columns = list(found.find_all(exp.Column))
        owners = {column.table.lower() for column in columns}
        if not columns or len(owners) != 1 or found.find(exp.Subquery, exp.Star):
            continue
        owner = owners.pop()
        named = tables.get(owner) if owner else next(iter(tables.values())) if len(tables) == 1 else None
        table = named and _table(catalog, one.source, named)
        if table and all(column.name.lower() in table.by_name for column in columns):
            bare = found.copy()
            for column in bare.find_all(exp.Column):
                column.set("table", None)
            alias = found.find_ancestor(exp.Alias)
            yield table, bare, spoken(alias.alias) if alias and alias.this is found else ""


def _table(catalog: Catalog, source: str, named: exp.Table) -> Table | None:
    parts = [part.name for part in named.parts]
    if source == "*" and len(parts) > 1:
        source, parts = parts[0], parts[1:]
    schema = parts[-2] if len(parts) > 1 else ""
    return catalog.by_key.get((source.lower(), schema.lower(), parts[-1].lower()))


def _time(table: Table) -> str:
    """The column by which a table of facts is dated; empty where it has none or several that are as good."""
    dates = [column for column in table.columns if column.type.temporal]
    filled = [column for column in dates if not column.nullable] or dates
    return filled[0].name if len(filled) == 1 else ""


def _product(table: Table) -> tuple[Column, Column] | None:
    counted = [column for column in table.columns if column.type.numeric and spoken(column.name) in _COUNTED]
    prices = [column for column in table.columns if column.type.numeric and spoken(column.name) in _PRICES]
    made = any(spoken(column.name).split()[-1] in _AMOUNTS for column in table.columns if column.type.numeric)
    return (counted[0], prices[0]) if len(counted) == len(prices) == 1 and not made else None


def _term(name: str, metric: Metric, definition: str) -> Term:
    return Term(id=slug(name), name=name, kind="metric", definition=definition, metric=metric)


def _said(tree: exp.AggFunc) -> str:
    columns = " ".join(spoken(column.name) for column in tree.find_all(exp.Column))
    return f"{tree.key.replace('avg', 'average')} {columns}" if not isinstance(tree, exp.Sum) else columns


def _money(column: Column) -> bool:
    return len(column.unit) == 3 and column.unit.isupper()


def _id(column: Column) -> str:
    return exp.to_identifier(column.name, quoted=not column.name.isidentifier()).sql()
