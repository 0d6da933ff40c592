"""A query that no rule made, in plain language: from its tree, never from what the model said of it."""

from sqlglot import exp

from knowledge.translation.headings import spoken
from knowledge.translation.meaning.logic import in_prose

LONGEST = 300
_MEASURES: tuple[tuple[type[exp.Expr], str], ...] = (
    (exp.Sum, "total"),
    (exp.Avg, "average"),
    (exp.Min, "lowest"),
    (exp.Max, "highest"),
)


def describe(query: exp.Query, dialect: str) -> str:
    """One sentence: what is shown, from which tables, under which conditions; SQL where there are no plainer words."""
    select = query if isinstance(query, exp.Select) else query.find(exp.Select)
    if select is None:
        return ""
    shown = [_shown(expression, dialect) for expression in select.expressions]
    parts = [f"{_list(shown)} from {_list(_tables(query))}"]
    for name, words in (("where", "where"), ("having", "having")):
        clause = select.args.get(name)
        if clause is not None:
            parts.append(f"{words} {in_prose(clause.this)}")
    order, limit = query.args.get("order"), query.args.get("limit")
    if order is not None:
        parts.append(f"sorted by {_list([_sql(key, dialect) for key in order.expressions])}")
    if limit is not None:
        parts.append(f"the first {_sql(limit.expression, dialect)} rows only")
    if not isinstance(query, exp.Select):
        parts.append("combined with more of the kind")
    sentence = ", ".join(parts)
    sentence = f"{sentence[:LONGEST]}…" if len(sentence) > LONGEST else sentence
    return f"{sentence[:1].upper()}{sentence[1:]}."


def _shown(expression: exp.Expr, dialect: str) -> str:
    inner = expression.this if isinstance(expression, exp.Alias) else expression
    match inner:
        case exp.Column():
            return spoken(inner.name)
        case exp.Star():
            return "every column"
        case exp.Count():
            what = inner.this
            return (
                f"number of different {_place(what, dialect)}" if isinstance(what, exp.Distinct) else "number of rows"
            )
    for kind, words in _MEASURES:
        if isinstance(inner, kind):
            return f"{words} {_place(inner.this, dialect)}"
    return _sql(inner, dialect)


def _place(expression: exp.Expr, dialect: str) -> str:
    inner = expression.expressions[0] if isinstance(expression, exp.Distinct) else expression
    return spoken(inner.name) if isinstance(inner, exp.Column) else _sql(inner, dialect)


def _tables(query: exp.Query) -> list[str]:
    own = {cte.alias.lower() for cte in query.find_all(exp.CTE)}
    return list(dict.fromkeys(spoken(t.name) for t in query.find_all(exp.Table) if t.name.lower() not in own))


def _list(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else "nothing"


def _sql(expression: exp.Expr, dialect: str) -> str:
    return expression.sql(dialect=dialect, comments=False)
