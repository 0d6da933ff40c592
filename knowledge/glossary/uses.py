"""What refers to terms and columns: verified queries, questions that were answered, agents."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from knowledge.catalog.affected import EVERYWHERE, Reference, references
from knowledge.errors import KnowledgeError
from knowledge.glossary.expressions import columns_of, queries_in, read_aggregate
from knowledge.glossary.model import Metric, Place, Term
from knowledge.verified.model import VerifiedQuery


@dataclass(frozen=True, slots=True)
class Use:
    """A query that somebody relies on. `text` is what was asked, `terms` ids that it is known to be made with.

    `sql` is in `dialect`, over one source or all (`*`); `people` is how many asked, `at` when last (ISO 8601, UTC).
    """

    kind: Literal["verified", "question", "agent"]
    id: str
    text: str
    sql: str
    source: str
    dialect: str
    terms: tuple[str, ...] = ()
    people: int = 1
    at: str = ""

    @property
    def reads(self) -> Reference:
        """The tables and columns that it reads; none where it can't be read."""
        return _reads(self.sql, self.source, self.dialect)

    def holds(self, term: Term, dialects: Mapping[str, str]) -> bool:
        """Whether the expression of a metric stands in the query as it is, over the metric's table."""
        metric = term.metric
        if metric is None or self.source not in (metric.source, EVERYWHERE):
            return False
        if (metric.source.lower(), bare(metric.table)) not in self.reads.tables:
            return False
        wanted = _aggregate(metric.expression, dialects.get(metric.source, ""))
        return bool(wanted) and wanted in _expressions(self.sql, self.dialect)


def use_of(query: VerifiedQuery) -> Use:
    """A verified query as something that refers to columns."""
    return Use("verified", query.id, query.question, query.sql, query.source, query.dialect, at=query.approved_at)


def reads_of(term: Term, dialects: Mapping[str, str]) -> Reference:
    """The tables and columns that a term itself speaks of."""
    found = [
        *(_reads_of_place(place, dialects.get(place.source, "")) for place in term.places),
        *((_reads_of_metric(term.metric, dialects.get(term.metric.source, "")),) if term.metric else ()),
    ]
    tables = frozenset[tuple[str, str]]().union(*(each.tables for each in found))
    return Reference(tables, frozenset[tuple[str, str, str]]().union(*(each.columns for each in found)))


def bare(table: str) -> str:
    """A table's name without its schema, in lower case, as references to tables have it."""
    return table.rpartition(".")[2].lower()


def _reads_of_place(place: Place, dialect: str) -> Reference:
    named = (place.column,) if place.column else ()
    return _reads_of(place.source, place.table, named, (place.condition,), dialect)


def _reads_of_metric(metric: Metric, dialect: str) -> Reference:
    named = (*metric.grain, *((metric.time,) if metric.time else ()))
    return _reads_of(metric.source, metric.table, named, (metric.expression, *metric.filters), dialect)


def _reads_of(source: str, table: str, named: Iterable[str], texts: Sequence[str], dialect: str) -> Reference:
    here = (source.lower(), bare(table))
    names = {name.lower() for name in named}.union(*(columns_of(text, dialect) for text in texts))
    others = [_reads(query, source, dialect) for text in texts for query in queries_in(text, dialect)]
    return Reference(
        frozenset({here}).union(*(other.tables for other in others)),
        frozenset((*here, name) for name in names).union(*(other.columns for other in others)),
    )


@lru_cache(maxsize=4_096)
def _reads(sql: str, source: str, dialect: str) -> Reference:
    return references(sql, source, dialect) or Reference(frozenset(), frozenset())


@lru_cache(maxsize=2_048)
def _expressions(sql: str, dialect: str) -> frozenset[str]:
    """Every expression of a query that aggregates, written alike."""
    try:
        tree = sqlglot.parse_one(sql, read=dialect or None)
        return frozenset(_alike(node) for node in tree.find_all(exp.Expression) if _aggregates(node))
    except (SqlglotError, RecursionError, ValueError):
        return frozenset()


@lru_cache(maxsize=2_048)
def _aggregate(text: str, dialect: str) -> str:
    try:
        return _alike(read_aggregate(text, dialect))
    except (KnowledgeError, SqlglotError, RecursionError):
        return ""


def _aggregates(node: exp.Expr) -> bool:
    return not isinstance(node, exp.Query | exp.Alias | exp.Ordered) and node.find(exp.AggFunc) is not None


def _alike(node: exp.Expr) -> str:
    """An expression without the names of tables, case and brackets around it."""
    bared = node.unnest().copy()
    for column in bared.find_all(exp.Column):
        column.set("table", None)
        column.set("this", exp.to_identifier(column.name.lower()))
    return bared.sql(comments=False)
