"""Keeps a database from trying a person's conditions on rows that a filter takes away.

A database may test conditions in any order. One that can fail on a value (a division, a cast) would then tell by its
failure that a row exists which the person may not see. Where a condition of the query can fail, the filtered table is
computed first, behind a limit that no optimiser may move conditions across.
"""

from collections.abc import Iterable

from sqlglot import exp

from knowledge.catalog.model import DataType, Table

NO_LIMIT = 9_223_372_036_854_775_807

_SAFE: tuple[type[exp.Expr], ...] = (
    exp.And, exp.Or, exp.Not, exp.Paren, exp.Is, exp.Null, exp.Boolean, exp.Literal, exp.Identifier, exp.Column,
    exp.Exists, exp.Tuple, exp.Coalesce, exp.Lower, exp.Upper,
)  # fmt: skip
_COMPARED: tuple[type[exp.Expr], ...] = (
    exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.In, exp.Between, exp.Like, exp.NullSafeEQ, exp.NullSafeNEQ
)  # fmt: skip


def may_fail(query: exp.Expr, tables: Iterable[Table]) -> bool:
    """True unless no condition of the query can fail on a value, whatever it is."""
    kinds: dict[str, set[str]] = {}
    for table in tables:
        for name, column in table.by_name.items():
            kinds.setdefault(name, set()).add(_kind(column.type))
    return any(_fails(condition, kinds) for condition in _conditions(query))


def fence(select: exp.Select, dialect: str) -> exp.Select:
    """The same rows, computed before anything around them."""
    if dialect in ("postgres", "redshift"):
        return select.offset(0, copy=False)
    return select.limit(NO_LIMIT, copy=False)


def _conditions(query: exp.Expr) -> Iterable[exp.Expr]:
    for node in query.find_all(exp.Where, exp.Having, exp.Qualify, exp.Join, exp.Filter):
        condition = node.args.get("on") if isinstance(node, exp.Join) else node.this
        if isinstance(node, exp.Filter):
            condition = node.expression.this
        if condition is not None:
            yield condition


def _fails(node: exp.Expr, kinds: dict[str, set[str]]) -> bool:
    if isinstance(node, exp.Query | exp.Subquery):
        return False  # its own conditions are looked at by themselves
    if isinstance(node, _COMPARED):
        return _mixed(node, kinds)
    if not isinstance(node, _SAFE):
        return True
    return any(_fails(child, kinds) for child in node.iter_expressions())


def _mixed(node: exp.Expr, kinds: dict[str, set[str]]) -> bool:
    """True when a comparison makes the database cast a column, or is of anything but columns and plain values."""
    sides = [side for side in node.iter_expressions() if not isinstance(side, exp.Identifier)]
    found: set[str] = set()
    for side in sides:
        match side.unnest():
            case exp.Column():
                found |= kinds.get(side.unnest().name.lower(), {"unknown"})
            case exp.Literal() as literal if not literal.is_string:
                found.add("number")
            case exp.Literal() | exp.Boolean() | exp.Null():
                pass
            case _:
                return True
    text = "text" in found
    return (
        len(found) != 1
        or "unknown" in found
        or "other" in found
        or (isinstance(node, exp.Like) and not _plain(node, text=text))
    )


def _plain(node: exp.Like, *, text: bool) -> bool:
    pattern = node.expression
    return text and isinstance(pattern, exp.Literal) and "\\" not in pattern.name


def _kind(kind: DataType) -> str:
    if kind.numeric:
        return "number"
    return kind.value if kind in (DataType.TEXT, DataType.DATE, DataType.TIMESTAMP, DataType.BOOLEAN) else "other"
