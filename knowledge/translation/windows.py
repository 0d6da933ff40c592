"""Time and comparison with other rows, as sqlglot expressions: grains, durations, shares, running totals, ranks."""

from collections.abc import Callable, Sequence

from sqlglot import exp

from knowledge.translation.ir import Item, Query

_FORMATS = {"year": "%Y", "month": "%Y-%m", "day": "%Y-%m-%d", "week": "%Y-W%W"}
_WEEKDAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")


def grained(column: exp.Expr, grain: str, dialect: str) -> exp.Expr:
    """A date cut to year, quarter, month, week or day; text in SQLite, a date elsewhere."""
    if dialect != "sqlite" and grain == "weekday":
        return _named(exp.Extract(this=exp.var("dow"), expression=column), list(range(7)))
    if dialect != "sqlite":
        return exp.Anonymous(this="date_trunc", expressions=[exp.Literal.string(grain), column])
    if grain == "weekday":
        weekday = exp.Anonymous(this="strftime", expressions=[exp.Literal.string("%w"), column])
        return _named(weekday, [str(at) for at in range(7)])
    if grain == "quarter":
        year = exp.Anonymous(this="strftime", expressions=[exp.Literal.string("%Y"), column])
        month = exp.cast(exp.Anonymous(this="strftime", expressions=[exp.Literal.string("%m"), column.copy()]), "int")
        number = exp.Div(
            this=exp.paren(exp.Add(this=month, expression=exp.Literal.number(2))), expression=exp.Literal.number(3)
        )
        return exp.DPipe(
            this=exp.DPipe(this=year, expression=exp.Literal.string("-Q")), expression=exp.cast(number, "int")
        )
    return exp.Anonymous(this="strftime", expressions=[exp.Literal.string(_FORMATS[grain]), column])


def days_since(moment: exp.Expr, today: str, dialect: str) -> exp.Expr:
    """Whole days from the day of a moment to today."""
    if dialect == "sqlite":
        start = exp.Anonymous(this="julianday", expressions=[exp.Anonymous(this="date", expressions=[moment])])
        end = exp.Anonymous(this="julianday", expressions=[exp.Literal.string(today)])
        return exp.cast(exp.paren(exp.Sub(this=end, expression=start)), "int")
    return exp.Sub(this=exp.cast(exp.Literal.string(today), "date"), expression=exp.cast(moment, "date"))


_SPANS = {"week": (7, "day"), "quarter": (3, "month"), "month": (1, "month"), "day": (1, "day"), "year": (1, "year")}


def later(column: exp.Expr, grain: str, unit: str, dialect: str) -> exp.Expr:
    """A moment at the start of its `grain`, one `unit` later; weeks are told 52 weeks later for a year."""
    count, span = (364, "day") if (grain, unit) == ("week", "year") else _SPANS[unit]
    if dialect != "sqlite":
        start = grained(column, grain, dialect)
        return exp.Add(this=start, expression=exp.Interval(this=exp.Literal.string(str(count)), unit=exp.var(span)))
    start_of = [exp.Literal.string("start of month")] if grain in ("month", "quarter", "year") else []
    step = exp.Literal.string(f"+{count} {span}s")
    return exp.Anonymous(this="date", expressions=[column, *start_of, step])


def weekday_rank(column: exp.Expr, dialect: str) -> exp.Expr:
    """0 for Monday to 6 for Sunday, as an aggregate that a group by weekdays can be sorted by."""
    number: exp.Expr = exp.Extract(this=exp.var("dow"), expression=column)
    if dialect == "sqlite":
        number = exp.Anonymous(this="strftime", expressions=[exp.Literal.string("%w"), column])
    shifted = exp.paren(exp.Add(this=exp.cast(number, "int"), expression=exp.Literal.number(6)))
    return exp.Min(this=exp.Mod(this=shifted, expression=exp.Literal.number(7)))


def _named(number: exp.Expr, numbers: Sequence[object]) -> exp.Expr:
    case = exp.Case(this=number)
    for stored, name in zip(numbers, _WEEKDAYS, strict=True):
        literal = exp.Literal.string(stored) if isinstance(stored, str) else exp.Literal.number(str(stored))
        case = case.when(literal, exp.Literal.string(name))
    return case


def days_between(start: exp.Expr, end: exp.Expr, dialect: str) -> exp.Expr:
    """Days from one moment to another, with fractions."""
    if dialect == "sqlite":
        parts = [exp.Anonymous(this="julianday", expressions=[side]) for side in (end, start)]
        return exp.paren(exp.Sub(this=parts[0], expression=parts[1]))
    seconds = [exp.Extract(this=exp.var("epoch"), expression=exp.cast(side, "timestamp")) for side in (end, start)]
    apart = exp.paren(exp.Sub(this=seconds[0], expression=seconds[1]))
    return exp.paren(exp.Div(this=apart, expression=exp.Literal.number("86400.0")))


def windowed(kind: str, measure: exp.Expr, times: Sequence[exp.Expr], parts: Sequence[exp.Expr]) -> exp.Expr:
    """`share` in percent of all rows shown, `running` up to each time, `growth` since the time before, `rank`."""
    if kind == "share":
        whole = exp.Window(this=exp.Sum(this=measure.copy()))
        return percent_of(measure, whole)
    by = [part.copy() for part in parts]
    if kind == "rank":
        largest = exp.Order(expressions=[exp.Ordered(this=measure, desc=True)])
        return exp.Window(this=exp.Anonymous(this="rank"), partition_by=by, order=largest)
    order = exp.Order(expressions=[exp.Ordered(this=time.copy()) for time in times])
    if kind == "running":
        return exp.Window(this=exp.Sum(this=measure), partition_by=by, order=order)
    before = exp.Window(this=exp.Lag(this=measure.copy()), partition_by=by, order=order)
    gained = exp.paren(exp.Sub(this=measure, expression=before))
    return percent_of(gained, exp.Nullif(this=before.copy(), expression=exp.Literal.number(0)))


def quotient(above: exp.Expr, below: exp.Expr) -> exp.Expr:
    """One figure by another, with decimals; nothing where the other is 0."""
    scaled = exp.Mul(this=exp.Literal.number("1.0"), expression=above)
    return exp.Div(this=scaled, expression=exp.Nullif(this=below, expression=exp.Literal.number(0)))


def percent_of(part: exp.Expr, whole: exp.Expr) -> exp.Expr:
    """A part in percent of a whole, with two decimals."""
    scaled = exp.Mul(this=exp.Literal.number("100.0"), expression=part)
    # PostgreSQL rounds exact numbers only.
    exact = exp.cast(exp.Div(this=scaled, expression=whole), "decimal(18, 6)")
    return exp.Round(this=exact, decimals=exp.Literal.number(2))


def best_within(select: exp.Select, query: Query, item: Callable[[Item], exp.Expr]) -> exp.Select:
    """The rows whose rank by the query's order, among those that share `within`, is not above its limit."""
    order = exp.Order(expressions=[exp.Ordered(this=item(o.item), desc=o.desc) for o in query.order])
    rank = exp.Window(this=exp.Anonymous(this="rank"), partition_by=[item(part) for part in query.within], order=order)
    ranked = select.select(exp.alias_(rank, "place"))
    ranked.set("order", None)
    outer, columns = _outside(select, ranked)
    outer = outer.where(exp.LTE(this=exp.column("place"), expression=exp.Literal.number(query.limit or 1)))
    return outer.order_by(columns[0].copy(), exp.column("place"))


def arranged(select: exp.Select, query: Query) -> exp.Select:
    """The rows that were chosen by order and limit, in another order."""
    outer, columns = _outside(select, select)
    places = [(query.select.index(o.item), o.desc) for o in query.arranged if o.item in query.select]
    return outer.order_by(*(exp.Ordered(this=columns[at].copy(), desc=desc) for at, desc in places))


def _outside(select: exp.Select, inner: exp.Select) -> tuple[exp.Select, list[exp.Column]]:
    """A select of the same columns from a nested one."""
    columns = [exp.Column(this=_name(made)) for made in select.selects]
    nested = exp.Subquery(this=inner, alias=exp.TableAlias(this=exp.to_identifier("ranked")))
    return exp.Select().select(*(column.copy() for column in columns)).from_(nested), columns


def _name(made: exp.Expr) -> exp.Identifier:
    """The name under which an item of a select list can be taken from outside."""
    held = made.args["alias"] if isinstance(made, exp.Alias) else made.this
    return exp.Identifier(this=held.name, quoted=bool(held.args.get("quoted")))
