"""The list of what means the same in a source as in DuckDB, and how it is said there."""

from sqlglot import exp
from sqlglot.optimizer.simplify import simplify

from knowledge.federation import texts
from knowledge.federation.dialects import Speech
from knowledge.federation.pushing import Local, Pusher, Rule, bytewise
from knowledge.federation.queries import put_query
from knowledge.federation.types import (
    BOOLEAN,
    DATE,
    EXACT,
    INTEGER,
    NUMBER,
    TEXT,
    TIMESTAMP,
    TypeOf,
    is_day,
    is_decimal,
    is_number,
    summed,
    type_of,
)


def pusher_for(speech: Speech, types: TypeOf) -> Pusher:
    """What may be pushed to a source that speaks so; `types` are of the tree's columns."""
    return Pusher(speech, types, _RULES)


def _column(pusher: Pusher, node: exp.Expr) -> exp.Expr:
    kind = pusher.kind(node)
    if kind == BOOLEAN and not pusher.speech.booleans:
        raise Local
    if is_day(kind) and not pusher.speech.dates:
        raise Local
    return node.copy()


def _as_it_is(_: Pusher, node: exp.Expr) -> exp.Expr:
    return node.copy()


def _parts(pusher: Pusher, node: exp.Expr) -> exp.Expr:
    return pusher.each(node)


def _boolean(pusher: Pusher, node: exp.Expr) -> exp.Expr:
    if not pusher.speech.booleans:
        raise Local
    return node.copy()


def _numbers(pusher: Pusher, node: exp.Expr) -> exp.Expr:
    if not is_number(pusher.kind(node)):
        raise Local
    if not pusher.speech.decimals and is_decimal(pusher.kind(node)):
        raise Local
    return pusher.each(node)


def _compared(pusher: Pusher, node: exp.Expr) -> exp.Expr:
    """Comparisons of numbers with numbers, days with days and texts with texts."""
    items = _operands(node)
    kinds = [type_of(item, pusher.types) for item in items]
    if TEXT in kinds and any(is_day(kind) for kind in kinds):
        node = _days(node, DATE if DATE in kinds else TIMESTAMP)
        kinds = [type_of(item, pusher.types) for item in _operands(node)]
    if all(is_number(kind) for kind in kinds) or all(is_day(kind) for kind in kinds):
        return pusher.each(node)
    if all(kind == BOOLEAN for kind in kinds) and pusher.speech.booleans and isinstance(node, exp.EQ | exp.NEQ):
        return pusher.each(node)
    if all(kind == TEXT for kind in kinds):
        found = texts.compared(pusher.each(node), pusher.speech)
        if found is not None:
            return found
    raise Local


def _operands(node: exp.Expr) -> list[exp.Expr]:
    match node:
        case exp.Between():
            return [node.this, node.args["low"], node.args["high"]]
        case exp.In():
            if not node.expressions:
                raise Local
            return [node.this, *node.expressions]
        case _:
            return [node.this, node.expression]


def _days(node: exp.Expr, kind: str) -> exp.Expr:
    """DuckDB reads a text beside a date as a date; so it is written as one."""
    made = node.copy()
    for item in _operands(made):
        if isinstance(item, exp.Literal) and item.is_string:
            item.replace(exp.cast(item.copy(), kind))
    return made


def _in(pusher: Pusher, node: exp.Expr) -> exp.Expr:
    if query := node.args.get("query"):
        inner = query.this if isinstance(query, exp.Subquery) else query
        kinds = {pusher.kind(node.this), pusher.kind(inner.selects[0])}
        if not (all(is_number(kind) for kind in kinds) or (len(kinds) == 1 and pusher.comparable(*kinds))):
            raise Local
        made = node.copy()
        made.set("this", pusher.put(node.this))
        made.set("query", exp.Subquery(this=put_query(pusher, inner)))
        return made
    return _compared(pusher, node)


def _is(pusher: Pusher, node: exp.Expr) -> exp.Expr:
    if not isinstance(node.expression, exp.Null):
        raise Local
    made = node.copy()
    if not isinstance(node.this, exp.Column):
        made.set("this", pusher.put(node.this))
    return made


def _like(pusher: Pusher, node: exp.Expr) -> exp.Expr:
    if pusher.kind(node.this) != TEXT:
        raise Local
    found = texts.like(pusher.put(node.this), node.expression, pusher.speech)
    if found is None:
        raise Local
    return exp.not_(found, copy=False) if node.args.get("negate") else found


def _cast(pusher: Pusher, node: exp.Expr) -> exp.Expr:
    """A date written as a text, or a whole number made a wider one."""
    kind, inner = pusher.kind(node), node.this
    if node.args.get("default"):
        raise Local
    if isinstance(inner, exp.Literal) and inner.is_string and is_day(kind) and pusher.speech.dates:
        return node.copy()
    if type_of(inner, pusher.types) == kind and kind in (INTEGER, DATE):
        return pusher.put(inner)
    raise Local


def _sum(pusher: Pusher, node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Sub | exp.Add) and (folded := _constant_day(node)) is not None:
        if not pusher.speech.dates:
            raise Local
        return folded
    return _numbers(pusher, node)


def _constant_day(node: exp.Binary) -> exp.Expr | None:
    """A day plus an interval, both written out, as the day that it is."""
    if not isinstance(node.expression, exp.Interval) or not isinstance(node.this, exp.Cast):
        return None
    found = simplify(node.copy(), dialect="duckdb")
    return found if isinstance(found, exp.Cast) and isinstance(found.this, exp.Literal) else None


def _part_of_day(pusher: Pusher, node: exp.Expr) -> exp.Expr:
    """Year, quarter, month or day of a date, as a whole number."""
    extract = isinstance(node, exp.Extract)
    part = node.name.upper() if extract else {"DAYOFMONTH": "DAY"}.get(node.key.upper(), node.key.upper())
    value = node.expression if extract else node.this
    if not pusher.speech.parts or part not in ("YEAR", "QUARTER", "MONTH", "DAY") or not is_day(pusher.kind(value)):
        raise Local
    return exp.cast(exp.Extract(this=exp.var(part), expression=pusher.put(value)), INTEGER)


def _truncated(pusher: Pusher, node: exp.Expr) -> exp.Expr:
    unit = node.text("unit").upper()
    units = ("YEAR", "QUARTER", "MONTH", "WEEK", "DAY")
    if not pusher.speech.truncates or unit not in units or not is_day(pusher.kind(node.this)):
        raise Local
    start = exp.cast(pusher.put(node.this), TIMESTAMP)
    return exp.cast(exp.TimestampTrunc(this=start, unit=exp.var(unit)), TIMESTAMP)


def _case(pusher: Pusher, node: exp.Expr) -> exp.Expr:
    if not is_number(pusher.kind(node)) and not (isinstance(node, exp.Case) and pusher.kind(node) == TEXT):
        raise Local
    if isinstance(node, exp.Case) and node.this:
        raise Local
    return _numbers_or_texts(pusher, node)


def _numbers_or_texts(pusher: Pusher, node: exp.Expr) -> exp.Expr:
    if is_decimal(pusher.kind(node)) and not pusher.speech.decimals:
        raise Local
    return pusher.each(node)


def _count(pusher: Pusher, node: exp.Expr) -> exp.Expr:
    if node.expressions or node.args.get("big_int") is False:
        raise Local
    match node.this:
        case exp.Star():
            return node.copy()
        case exp.Column() as column:
            pusher.kind(column)
            return node.copy()
        case exp.Distinct() as distinct if len(distinct.expressions) == 1:
            if not pusher.comparable(pusher.kind(distinct.expressions[0])):
                raise Local
            made = node.copy()
            made.set("this", exp.Distinct(expressions=[bytewise(pusher, distinct.expressions[0])]))
            return made
        case None:
            return node.copy()
        case inner:
            made = node.copy()
            made.set("this", pusher.put(inner))
            return made


def _total(pusher: Pusher, node: exp.Expr) -> exp.Expr:
    kind = pusher.kind(node.this)
    if isinstance(node.this, exp.Distinct) or not is_number(kind) or (is_decimal(kind) and not pusher.speech.decimals):
        raise Local
    made = exp.Sum(this=pusher.put(node.this))
    return exp.cast(made, summed(kind)) if pusher.speech.decimals and kind not in (NUMBER, EXACT) else made


def _average(pusher: Pusher, node: exp.Expr) -> exp.Expr:
    if not pusher.speech.averages or isinstance(node.this, exp.Distinct) or not is_number(pusher.kind(node.this)):
        raise Local
    return exp.cast(exp.Avg(this=pusher.put(node.this)), NUMBER)


def _extreme(pusher: Pusher, node: exp.Expr) -> exp.Expr:
    kind = pusher.kind(node.this)
    if node.expressions or not (is_number(kind) or is_day(kind)) or isinstance(node.this, exp.Distinct):
        raise Local
    return pusher.each(node)


def _exists(pusher: Pusher, node: exp.Expr) -> exp.Expr:
    inner = node.this.this if isinstance(node.this, exp.Subquery) else node.this
    return exp.Exists(this=put_query(pusher, inner))


_RULES: dict[type[exp.Expr], Rule] = {
    exp.Column: _column,
    exp.Null: _as_it_is,
    exp.Literal: _as_it_is,
    exp.Boolean: _boolean,
    exp.Paren: _parts,
    exp.And: _parts,
    exp.Or: _parts,
    exp.Not: _parts,
    exp.If: _parts,
    exp.EQ: _compared,
    exp.NEQ: _compared,
    exp.GT: _compared,
    exp.GTE: _compared,
    exp.LT: _compared,
    exp.LTE: _compared,
    exp.Between: _compared,
    exp.In: _in,
    exp.Is: _is,
    exp.Like: _like,
    exp.Cast: _cast,
    exp.Add: _sum,
    exp.Sub: _sum,
    exp.Mul: _numbers,
    exp.Neg: _numbers,
    exp.Abs: _numbers,
    exp.Coalesce: _case,
    exp.Case: _case,
    exp.Extract: _part_of_day,
    exp.Year: _part_of_day,
    exp.Quarter: _part_of_day,
    exp.Month: _part_of_day,
    exp.Day: _part_of_day,
    exp.DayOfMonth: _part_of_day,
    exp.TimestampTrunc: _truncated,
    exp.DateTrunc: _truncated,
    exp.Count: _count,
    exp.Sum: _total,
    exp.Avg: _average,
    exp.Min: _extreme,
    exp.Max: _extreme,
    exp.Exists: _exists,
}
