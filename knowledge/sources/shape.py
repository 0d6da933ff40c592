"""How many rows a query gives back, as far as its text tells."""

from sqlglot import exp


def rows_returned(query: exp.Expr, scanned: int) -> int | None:
    """One for a total without groups; otherwise what the loops give, at most the query's own limit."""
    if isinstance(query, exp.Select) and not query.args.get("group") and _totals_only(query):
        return 1
    limit = query.args.get("limit")
    count = limit.expression if isinstance(limit, exp.Limit) else None
    if isinstance(count, exp.Literal) and count.is_int:
        return min(int(count.this), scanned)
    return scanned


def _totals_only(query: exp.Select) -> bool:
    return all(item.find(exp.AggFunc) and not item.find(exp.Window) for item in query.expressions)
