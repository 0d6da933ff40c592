"""Plain SQL expressions as words; what has no words stays as SQL."""

from sqlglot import exp

from knowledge.translation.headings import plural, spoken

_AGGREGATES: dict[type[exp.Expr], str] = {
    exp.Sum: "sum of",
    exp.Avg: "average of",
    exp.Min: "lowest",
    exp.Max: "highest",
    exp.Median: "median of",
}
_COMPARED: dict[type[exp.Expr], str] = {
    exp.EQ: "is",
    exp.NEQ: "is not",
    exp.GT: "is more than",
    exp.LT: "is less than",
    exp.GTE: "is at least",
    exp.LTE: "is at most",
    exp.Like: "is like",
    exp.Is: "is",
}
_JOINED: dict[type[exp.Expr], str] = {
    exp.And: "and",
    exp.Or: "or",
    exp.Add: "plus",
    exp.Sub: "less",
    exp.Mul: "times",
    exp.Div: "divided by",
}


def in_prose(tree: exp.Expr) -> str:
    """An expression in words: “sum of price times quantity”, “status is not ‘cancelled’”."""
    match tree:
        case exp.Column() | exp.Identifier():
            return spoken(tree.name)
        case exp.Literal():
            return f"“{tree.this}”" if tree.is_string else str(tree.this)
        case exp.Null():
            return "missing"
        case exp.Paren():
            return _held_together(tree.this)
    return _tested(tree)


def _held_together(tree: exp.Expr) -> str:
    """What stands in brackets: “either ... or ...”, or the brackets where words could be read otherwise."""
    if isinstance(tree, exp.Or):
        return f"either {in_prose(tree)}"
    return f"({in_prose(tree)})" if type(tree) in _JOINED else in_prose(tree)


def _tested(tree: exp.Expr) -> str:
    match tree:
        case exp.Count():
            return _counted(tree)
        case exp.Not():
            return f"not ({in_prose(tree.this)})"
        case exp.In() if tree.args.get("query") is not None:
            return _looked_up(tree)
        case exp.In():
            return f"{in_prose(tree.this)} is {' or '.join(in_prose(one) for one in tree.expressions)}"
        case exp.Between():
            return f"{in_prose(tree.this)} is from {in_prose(tree.args['low'])} to {in_prose(tree.args['high'])}"
    return _typed(tree)


def _typed(tree: exp.Expr) -> str:
    for kind, words in _AGGREGATES.items():
        if isinstance(tree, kind):
            return f"{words} {in_prose(tree.this)}"
    for table in (_COMPARED, _JOINED):
        for kind, words in table.items():
            if type(tree) is kind:
                return f"{in_prose(tree.this)} {words} {in_prose(tree.expression)}"
    return tree.sql(comments=False)


def _counted(tree: exp.Count) -> str:
    inner = tree.this
    if isinstance(inner, exp.Distinct):
        return f"number of different {plural(in_prose(inner.expressions[0]))}"
    return "number of rows" if isinstance(inner, exp.Star) else f"number of rows with {in_prose(inner)}"


def _looked_up(tree: exp.In) -> str:
    """“among those of orders where ordered at is at least ...”."""
    query = tree.args["query"]
    select = query.find(exp.Select)
    tables = [spoken(table.name) for table in select.find_all(exp.Table)] if select else []
    where = select.args.get("where") if select else None
    told = f" where {in_prose(where.this)}" if where else ""
    return f"{in_prose(tree.this)} is among those of {' and '.join(dict.fromkeys(tables))}{told}"
