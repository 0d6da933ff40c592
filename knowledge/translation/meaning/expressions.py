"""Metrics and conditions of terms as sqlglot trees over the tables of one query. What people wrote is checked first."""

from collections.abc import Callable, Sequence
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from knowledge.glossary import Metric, Place

Named = Callable[[str], exp.Expr]
"""The column of a table by its name. Raises Unusable or what its user raises for an unknown one."""
LONGEST = 4_000
"""Characters of an expression; longer ones are not read."""
_NESTED = (exp.Select, exp.SetOperation, exp.Subquery)


class Unusable(ValueError):
    """An expression of the glossary that can't stand in a query: what is wrong with it, in a few words."""


@lru_cache(maxsize=4_096)
def _parsed(text: str, dialect: str) -> exp.Expr:
    if len(text) > LONGEST:
        raise Unusable(f"it is longer than {LONGEST:,} characters")
    try:
        tree = sqlglot.parse_one(f"SELECT {text}", dialect=dialect)
    except (SqlglotError, RecursionError) as error:
        raise Unusable("it is no SQL expression") from error
    if not isinstance(tree, exp.Select) or len(tree.expressions) != 1 or set(_clauses(tree)) - {"expressions"}:
        raise Unusable("it is not one expression")
    made: exp.Expr = tree.expressions[0]
    return made.this if isinstance(made, exp.Alias) else made


def _clauses(tree: exp.Select) -> list[str]:
    return [name for name, value in tree.args.items() if value]


def aggregate(metric: Metric, dialect: str) -> exp.Expr:
    """A metric's own expression, not tied to a query yet. Raises Unusable for one that is no aggregate of its table."""
    tree = _parsed(metric.expression, dialect)
    if tree.find(*_NESTED, exp.Window, exp.Star) and not _counts_rows(tree):
        raise Unusable("it holds more than aggregates of columns")
    inside = {id(column) for agg in tree.find_all(exp.AggFunc) for column in agg.find_all(exp.Column)}
    if not tree.find(exp.AggFunc) or any(id(column) not in inside for column in tree.find_all(exp.Column)):
        raise Unusable("it is no aggregate")
    if any(agg.find_ancestor(exp.AggFunc) for agg in tree.find_all(exp.AggFunc)):
        raise Unusable("it aggregates aggregates")
    return tree.copy()


def _counts_rows(tree: exp.Expr) -> bool:
    return not tree.find(*_NESTED, exp.Window) and all(
        isinstance(star.parent, exp.Count) for star in tree.find_all(exp.Star)
    )


def summed(metric: Metric, dialect: str) -> exp.Expr | None:
    """What a metric that is one plain sum adds up, row by row; None for other metrics."""
    tree = aggregate(metric, dialect)
    tree = tree.this if isinstance(tree, exp.Paren) else tree
    made: exp.Expr | None = tree.this if isinstance(tree, exp.Sum) else None
    return made


def condition(text: str, dialect: str) -> exp.Expr:
    """A condition over the rows of a table. Raises Unusable for one that aggregates."""
    tree = _parsed(text, dialect)
    if any(agg.find_ancestor(exp.Select) is None for agg in tree.find_all(exp.AggFunc)) or tree.find(exp.Placeholder):
        raise Unusable("it aggregates")
    return tree.copy()


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
