"""What sqlglot writes for a vendor and the vendor does not take: said in another way before it is sent."""

from collections.abc import Callable
from typing import TypeAlias, cast

from sqlglot import exp

from knowledge.errors import Refused

Mend: TypeAlias = Callable[[exp.Expr], exp.Expr]
"""From a node to the node that stands in its place."""


def mending(*mends: Mend) -> Callable[[exp.Query], exp.Query]:
    """All of these, on every node of a query."""

    def mended(query: exp.Query) -> exp.Query:
        for mend in mends:
            query = cast(exp.Query, query.transform(mend))
        return query

    return mended


def ilike_by_lower(node: exp.Expr) -> exp.Expr:
    """`a ILIKE b` as `LOWER(a) LIKE LOWER(b)`."""
    if not isinstance(node, exp.ILike):
        return node
    return exp.Like(this=exp.Lower(this=node.this), expression=exp.Lower(this=node.expression))


def interval_by_dateadd(node: exp.Expr) -> exp.Expr:
    """`d + INTERVAL '7' DAY` as `DATEADD(DAY, 7, d)`."""
    if not isinstance(node, exp.Add | exp.Sub) or not isinstance(node.expression, exp.Interval):
        return node
    interval = node.expression
    count = exp.Literal.number(interval.name) if interval.this.is_string else interval.this
    signed = exp.Neg(this=count) if isinstance(node, exp.Sub) else count
    return exp.DateAdd(this=node.this, expression=signed, unit=interval.args["unit"])


def predicate_by_case(node: exp.Expr) -> exp.Expr:
    """A comparison among the columns of an answer as 1, 0 or NULL, for databases without booleans."""
    if isinstance(node, exp.Select):
        for item in node.expressions:
            value = item.this if isinstance(item, exp.Alias) else item
            if isinstance(value, exp.Predicate | exp.Not | exp.And | exp.Or):
                no = exp.Not(this=exp.Paren(this=value.copy()))
                value.replace(exp.Case().when(value.copy(), "1").when(no, "0"))
    return node


def filter_by_case(node: exp.Expr) -> exp.Expr:
    """`sum(a) FILTER (WHERE b)` as `sum(CASE WHEN b THEN a END)`."""
    if not isinstance(node, exp.Filter):
        return node
    total: exp.Expr = node.this
    of = exp.Literal.number(1) if isinstance(total.this, exp.Star) else total.this
    total.set("this", exp.Case().when(node.expression.this, of))
    return total


def percentile_by(write: Callable[[exp.Expr, exp.Expr], exp.Expr]) -> Mend:
    """A percentile or median of all rows as `write(value, fraction)`."""

    def mend(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Median):
            return write(node.this, exp.Literal.number("0.5"))
        if isinstance(node, exp.PercentileCont | exp.Quantile) and not isinstance(node.parent, exp.WithinGroup):
            fraction = node.args.get("quantile") or node.expression
            return write(node.this, fraction) if fraction else node
        return node

    return mend


def approximate(value: exp.Expr, fraction: exp.Expr) -> exp.Expr:
    """`APPROX_PERCENTILE(a, 0.9)`."""
    return exp.ApproxQuantile(this=value, quantile=fraction)


def quantile(value: exp.Expr, fraction: exp.Expr) -> exp.Expr:
    """`quantile(0.9)(a)`."""
    return exp.Quantile(this=value, quantile=fraction)


def hundredth(value: exp.Expr, fraction: exp.Expr) -> exp.Expr:
    """`APPROX_QUANTILES(a, 100)[OFFSET(90)]`."""
    place = round(float(fraction.name) * 100)
    found = exp.ApproxQuantiles(this=value, expression=exp.Literal.number(100))
    return exp.Bracket(this=found, expressions=[exp.Literal.number(place)], offset=0, safe=False)


def no_percentile(_value: exp.Expr, _fraction: exp.Expr) -> exp.Expr:
    """SQL Server has percentiles as window functions only. Raises Refused."""
    raise Refused(
        "This database has no percentile or median over groups.", next_step="Ask for an average, or for the rows."
    )
