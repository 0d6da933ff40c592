"""Whether a query gives the same rows each time as long as the data stays the same."""

import re

from sqlglot import exp

_UNSTABLE = re.compile(r"Current|Rand|Uuid|Local|Utc|Session|Sysdate|Systimestamp|TableSample|Generate.*Id|NextValue")
"""Beginnings of the names of sqlglot's classes; one too many costs nothing but a hit."""
_STABLE_CALLS = frozenset(
    ("total", "instr", "ifnull", "make_date", "every", "date_part", "to_char", "epoch", "isodow", "weekday", "strpos")
)
_MOMENTS = frozenset(("now", "today", "tomorrow", "yesterday", "current_date", "current_timestamp", "localtime"))
"""Texts that databases read as a moment: `date('now')`, `'today'::date`."""
_CLOCKS = (exp.Date, exp.TimeToStr, exp.TsOrDsToDate, exp.TsOrDsToTimestamp, exp.Timestamp, exp.TimeToUnix)
"""Functions that mean now where they are called with no time."""


def stable(query: exp.Expr) -> bool:
    """False when the query reads the clock or chance, or calls what is not known here."""
    return not any(_moves(node) for node in query.walk())


def _moves(node: exp.Expr) -> bool:
    match node:
        case exp.Anonymous():
            return str(node.this).lower() not in _STABLE_CALLS or not node.expressions
        case exp.Literal():
            return bool(node.args.get("is_string")) and str(node.this).strip().lower() in _MOMENTS
        case _ if isinstance(node, _CLOCKS):
            return node.this is None
    return _UNSTABLE.match(type(node).__name__) is not None
