"""Selects over rows prepared in a nested one: sums over rows that joins repeat, and medians."""

from collections.abc import Sequence

from sqlglot import exp

ROWS = "counted_once"
PLACED = "placed"
OTHERS = "others"


def once(select: exp.Select, key: exp.Column) -> exp.Select:
    """The same select over the distinct rows of the summed table, told apart by its `key`, in each group."""
    return _nested(select.copy(), ROWS, key, ())


def medians(select: exp.Select) -> exp.Select:
    """The same select with each median as the average of the one or two values in the middle of its group.

    Works in every dialect with window functions; missing values are passed over.
    """
    outer = select.copy()
    added: list[exp.Expr] = []
    group = select.args.get("group")
    for at, median in enumerate(list(outer.find_all(exp.Median))):
        value, names = median.this, (f"value_{at}", f"place_{at}", f"size_{at}")
        missing = exp.Ordered(this=exp.paren(exp.Is(this=value.copy(), expression=exp.Null())))
        order = exp.Order(expressions=[missing, exp.Ordered(this=value.copy())])
        parts = [[part.copy() for part in (group.expressions if group else ())] for _ in range(2)]
        place = exp.Window(this=exp.RowNumber(), partition_by=parts[0], order=order)
        size = exp.Window(this=exp.Count(this=value.copy()), partition_by=parts[1])
        added += [exp.alias_(made, name) for made, name in zip((value.copy(), place, size), names, strict=True)]
        median.replace(_middle(*(exp.column(name, PLACED) for name in names)))
    return _nested(outer, PLACED, None, added)


def correlated(inner: exp.Select, shared: Sequence[exp.Column]) -> exp.Select:
    """A select over the rows of one table that share these columns with the row outside."""
    table = inner.args["from_"].this
    inside = table.alias_or_name
    for column in inner.find_all(exp.Column):
        if column.table == inside:
            column.set("table", exp.to_identifier(OTHERS))
    table.set("alias", exp.TableAlias(this=exp.to_identifier(OTHERS)))
    pairs = [exp.EQ(this=exp.column(column.this.copy(), OTHERS), expression=column.copy()) for column in shared]
    return inner.where(*pairs)


def _middle(value: exp.Column, place: exp.Column, size: exp.Column) -> exp.Expr:
    twice = exp.Mul(this=exp.Literal.number(2), expression=place)
    above = exp.Add(this=size.copy(), expression=exp.Literal.number(2))
    return exp.Avg(this=exp.Case().when(exp.Between(this=twice, low=size, high=above), value))


def _nested(outer: exp.Select, alias: str, key: exp.Column | None, added: Sequence[exp.Expr]) -> exp.Select:
    """A select whose columns come from a nested one: distinct rows where a key tells them apart, else all."""
    used: dict[str, exp.Column] = {_name(key): key} if key else {}
    source = {clause: outer.args.get(clause) for clause in ("from_", "joins", "where")}
    for clause in ("expressions", "group", "having", "order"):
        _redirect(outer, clause, alias, used)
    named = [exp.alias_(column.copy(), name) for name, column in used.items()]
    inner = exp.Select().select(*named, *added)
    inner = inner.distinct() if key else inner
    for clause, found in source.items():
        inner.set(clause, found)
        outer.set(clause, None)
    return outer.from_(exp.Subquery(this=inner, alias=exp.TableAlias(this=exp.to_identifier(alias))))


def _redirect(select: exp.Select, clause: str, alias: str, used: dict[str, exp.Column]) -> None:
    """Let the columns of a clause be those of the nested rows."""
    found = select.args.get(clause)
    for part in found if isinstance(found, list) else [found] if found else []:
        for column in list(part.find_all(exp.Column)):
            if column.table == alias:
                continue
            used.setdefault(_name(column), column.copy())
            fresh = exp.column(_name(column), alias)
            if column is part:
                select.args[clause][select.args[clause].index(part)] = exp.alias_(fresh, column.name)
            else:
                column.replace(fresh)


def _name(column: exp.Column) -> str:
    return f"{column.table}_{column.name}".lower().replace(" ", "_")
