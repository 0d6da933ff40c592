"""The expert edits what a word means: a form filled with the term, or with what the disputed query did."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from conversation.activity import readable
from conversation.card import Element, Input
from conversation.codec import Json
from knowledge.catalog.model import Catalog
from knowledge.errors import Refused
from knowledge.glossary import Glossary, Metric, Term
from knowledge.glossary.form import slug

_LONG = 2_000


@dataclass(frozen=True, slots=True)
class Draft:
    """A term as it stands (None for a new one) and as it would be. `problem` says why it can't be proposed yet."""

    before: Term | None
    after: Term
    problem: str = ""


def blank(sql: str, source: str, catalog: Catalog) -> Term:
    """A new term, filled with what a query did: its first aggregate over its table, under its conditions."""
    metric = _metric(sql, source, catalog)
    return Term("", "", "metric" if metric else "term", metric=metric)


def fields(term: Term) -> list[Element]:
    """The inputs, filled."""
    inputs: list[Element] = [
        Input("name", "Word", value=term.name, limit=200),
        Input("definition", "What it means", "multiline", value=term.definition[:_LONG], limit=_LONG),
        Input("synonyms", "Other words for it", value=", ".join(term.synonyms), placeholder="Separated by commas"),
    ]
    if term.metric is not None:
        inputs += [
            Input("expression", "How the number is made", value=term.metric.expression, limit=_LONG),
            Input(
                "filters",
                "Only where",
                "multiline",
                value="\n".join(term.metric.filters),
                placeholder="One condition a line, in SQL",
                limit=_LONG,
            ),
        ]
    return inputs


def typed(before: Term | None, start: Term, inputs: Mapping[str, Json], glossary: Glossary) -> Term:
    """The term as it was typed; what has no input stays as in `start`. Raises Refused for one without a name."""
    name = _text(inputs, "name", start.name)
    if not name:
        raise Refused("The word has no name yet.", next_step="Say which word it is.")
    synonyms = tuple(word.strip() for word in _text(inputs, "synonyms", ", ".join(start.synonyms)).split(","))
    metric = start.metric
    if metric is not None:
        filters = _text(inputs, "filters", "\n".join(metric.filters)).splitlines()
        metric = replace(
            metric,
            expression=_text(inputs, "expression", metric.expression),
            filters=tuple(line.strip() for line in filters if line.strip()),
        )
    taken = {term.id for term in glossary.terms}
    return replace(
        start,
        id=before.id if before else slug(name, taken),
        name=name,
        definition=_text(inputs, "definition", start.definition),
        synonyms=tuple(dict.fromkeys(word for word in synonyms if word)),
        metric=metric,
    )


def _text(inputs: Mapping[str, Json], name: str, otherwise: str) -> str:
    """What was typed; what stood there where nothing came back of the input."""
    value = inputs.get(name)
    return otherwise if value is None else readable(str(value))


def _metric(sql: str, source: str, catalog: Catalog) -> Metric | None:
    """The number of a query over one table; None where it has none, or joins."""
    dialect = catalog.dialects.get(source)
    try:
        tree = sqlglot.parse_one(sql, dialect=dialect) if sql and dialect else None
    except SqlglotError:
        return None
    tables = list(tree.find_all(exp.Table)) if tree else []
    made = next(iter(tree.find_all(exp.AggFunc)), None) if tree else None
    if made is None or len(tables) != 1 or tree is None:
        return None
    where = tree.find(exp.Where)
    parts: Sequence[exp.Expr] = list(where.this.flatten()) if where and isinstance(where.this, exp.And) else []
    conditions = parts or ([where.this] if where else [])
    table = ".".join(part for part in (tables[0].db, tables[0].name) if part)
    return Metric(source, table, _bare(made, dialect), tuple(_bare(part, dialect) for part in conditions))


def _bare(part: exp.Expr, dialect: str | None) -> str:
    """SQL over one table, without the table's name before its columns."""
    copy = part.copy()
    for column in copy.find_all(exp.Column):
        column.set("table", None)
        column.set("db", None)
    return copy.sql(dialect=dialect)
