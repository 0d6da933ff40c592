"""Terms of the glossary in the SQL of one query: metrics as aggregates, rows of a kind as conditions."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlglot import exp

from knowledge.glossary import Metric, Place, Term
from knowledge.translation.ir import METRIC, Field, Item, Query
from knowledge.translation.labels import EVERYWHERE
from knowledge.translation.meaning.expressions import Unusable, aggregate, condition, summed, tied, where
from knowledge.translation.meaning.understanding import index_places, label_of

if TYPE_CHECKING:
    from knowledge.translation.build import Builder

MOST = 8
"""Terms that one is a kind of, one above the other."""


class Terms:
    """What a builder needs of the glossary. Each method raises Unusable for what can't stand in SQL."""

    def __init__(self, builder: "Builder") -> None:
        self._builder = builder
        self._index = builder.index

    def measure(self, at: Field, query: Query, given: Sequence[exp.Expr] = ()) -> exp.Expr:
        """The aggregate of a metric; its filters are in it where other measures stand beside it.

        Only rows that meet what is `given` count.
        """
        metric, dialect = self._metric(at)
        tree = tied(aggregate(metric, dialect), metric.table, self._named(at.table))
        made = where(tree, [*self._filters(at, [] if self._alone(at, query) else metric.filters), *given])
        return exp.paren(made) if isinstance(made, exp.Binary) else made

    def value(self, at: Field, query: Query) -> exp.Expr:
        """What a metric that is a plain sum adds up in one row."""
        metric, dialect = self._metric(at)
        tree = summed(metric, dialect)
        if tree is None:
            raise Unusable("it is no sum of rows")
        holder = exp.Paren(this=tree.copy())
        tree = tied(holder.this, metric.table, self._named(at.table))
        filters = self._filters(at, [] if self._alone(at, query) else metric.filters)
        return exp.Case().when(exp.and_(*filters), tree) if filters else tree

    def always(self, query: Query) -> list[exp.Expr]:
        """The filters of a metric that is the only measure of a query, as conditions on its rows."""
        found = list(dict.fromkeys(item.field for item in _measures(query) if self._index.term(item.field)))
        if len(found) != 1 or not self._alone(found[0], query):
            return []
        return self._filters(found[0], self._metric(found[0])[0].filters)

    def condition(self, at: Field) -> exp.Expr:
        """Whether a row is what a term says, and all that it is a kind of."""
        term, made = self._index.term(at), []
        seen: set[str] = set()
        while term and term.id not in seen and len(seen) < MOST:
            seen.add(term.id)
            if place := self._rows(term, at.table):
                made.append(self._condition(place.condition, place.source, place.table, at.table))
            up = [r.other for r in term.relations if r.kind == "is-a"]
            term = self._index.glossary.get(up[0]) if up else None
            term = None if term and term.status == "deprecated" else term
        if not made:
            raise Unusable("it says nothing of these rows")
        return made[0] if len(made) == 1 else exp.and_(*made)

    def _rows(self, term: Term, label: str) -> Place | None:
        return next((p for held, p in index_places(term, self._index) if held == label and p.condition), None)

    def _alone(self, at: Field, query: Query) -> bool:
        """Whether nothing but this metric is measured, so that its filters may limit all rows."""
        items = _measures(query)
        percent = any(item.fn.split(" ")[-1] == "percent" for item in items)
        return not percent and all(
            atom.field == at for item in items for atom in (item, *((item.over,) if item.over else ()))
        )

    def _metric(self, at: Field) -> tuple[Metric, str]:
        term = self._index.term(at)
        if term is None or term.metric is None:
            raise Unusable("it is no metric")
        return term.metric, self._dialect(term.metric.source)

    def _dialect(self, source: str) -> str:
        return self._index.dialects.get(source, self._index.dialect)

    def _filters(self, at: Field, filters: Sequence[str]) -> list[exp.Expr]:
        metric, _ = self._metric(at)
        return [self._condition(text, metric.source, metric.table, at.table) for text in filters if text.strip()]

    def _condition(self, text: str, source: str, table: str, label: str) -> exp.Expr:
        tree = condition(text, self._dialect(source))
        holder = exp.Paren(this=tree)
        for inner in list(tree.find_all(exp.Table)):
            self._inside(inner, source)
        made = tied(holder.this, table, self._named(label))
        return exp.paren(made) if isinstance(made, exp.Or) else made

    def _inside(self, node: exp.Table, source: str) -> None:
        """A table that a condition looks into, as the source or the federation names it."""
        name = ".".join(part for part in (node.db, node.name) if part)
        label = label_of(self._index, source, name)
        if label not in self._index.tables:
            raise Unusable(f"there is no table {name}")
        self._builder.joined[label] = None
        if self._index.source == EVERYWHERE:
            node.set("catalog" if node.db else "db", self._builder.identifier(source))

    def _named(self, label: str):  # type: ignore[no-untyped-def]
        return lambda name: self._builder.column(Field(label, name))


def _measures(query: Query) -> list[Item]:
    items = (*query.select, *(o.item for o in query.order), *(f.item for f in query.filters))
    return [item for item in items if item.fn]


def is_metric(item: Item) -> bool:
    """Whether a measure is worked out as the glossary says."""
    return item.fn.split(" ")[-1] == METRIC
