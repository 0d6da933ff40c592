"""Metrics and conditions of terms as sqlglot trees over the tables of one query. What people wrote is checked first."""

from collections.abc import Callable, Sequence
from functools import lru_cache

from sqlglot import exp

from knowledge.errors import KnowledgeError
from knowledge.glossary import Metric, Place
from knowledge.glossary.expressions import read_aggregate, read_condition

Named = Callable[[str], exp.Expr]
"""The column of a table by its name. Raises Unusable or what its user raises for an unknown one."""


class Unusable(ValueError):
    """An expression of the glossary that can't stand in a query: what is wrong with it, in a few words."""


@lru_cache(maxsize=4_096)
def _aggregate(text: str, dialect: str) -> exp.Expr:
    return read_aggregate(text, dialect)


@lru_cache(maxsize=4_096)
def _condition(text: str, dialect: str) -> exp.Expr:
    return read_condition(text, dialect)


def aggregate(metric: Metric, dialect: str) -> exp.Expr:
    """A metric's own expression, not tied to a query yet. Raises Unusable for one that is no aggregate of its table."""
    try:
        return _aggregate(metric.expression, dialect).copy()
    except KnowledgeError as wrong:
        raise Unusable(str(wrong)) from wrong


def summed(metric: Metric, dialect: str) -> exp.Expr | None:
    """What a metric that is one plain sum adds up, row by row; None for other metrics."""
    tree = aggregate(metric, dialect)
    tree = tree.this if isinstance(tree, exp.Paren) else tree
    made: exp.Expr | None = tree.this if isinstance(tree, exp.Sum) else None
    return made


def condition(text: str, dialect: str) -> exp.Expr:
    """A condition over the rows of a table. Raises Unusable for one that aggregates."""
    try:
        return _condition(text, dialect).copy()
    except KnowledgeError as wrong:
        raise Unusable(str(wrong)) from wrong


def tied(tree: exp.Expr, table: str, column: Named) -> exp.Expr:
    """The expression with each of its columns as the query names it. Raises Unusable for those of other tables."""
    bare = table.rpartition(".")[2].lower()
    holder = exp.Paren(this=tree)
    for node in list(tree.find_all(exp.Column)):
        if node.find_ancestor(exp.Select) is not None:
            continue
        if node.table and node.table.lower() != bare:
            raise Unusable(f"{node.table} is another table")
        node.replace(column(node.name))
    made: exp.Expr = holder.this
    return made


def where(tree: exp.Expr, conditions: Sequence[exp.Expr]) -> exp.Expr:
    """A metric's expression in which only rows that meet the conditions count."""
    if not conditions:
        return tree
    holder = exp.Paren(this=tree)
    for agg in list(tree.find_all(exp.AggFunc)):
        met = exp.and_(*(one.copy() for one in conditions))
        inner = agg.this
        if isinstance(inner, exp.Distinct):
            first = inner.expressions[0]
            inner.set("expressions", [exp.Case().when(met, first.copy()), *inner.expressions[1:]])
        elif inner is None or isinstance(inner, exp.Star):
            agg.set("this", exp.Case().when(met, exp.Literal.number(1)))
        else:
            agg.set("this", exp.Case().when(met, inner.copy()))
    made: exp.Expr = holder.this
    return made


def tables_of(place: Place, dialect: str) -> tuple[str, ...]:
    """Other tables that a condition looks into, as it names them; none for one that can't be read."""
    try:
        tree = condition(place.condition, dialect) if place.condition else None
    except Unusable:
        return ()
    found = tree.find_all(exp.Table) if tree else ()
    return tuple(".".join(part for part in (table.db, table.name) if part) for table in found)
