"""Whole queries that one source answers by itself."""

from typing import cast

from sqlglot import exp

from knowledge.federation.pushing import Local, Pusher, bytewise
from knowledge.federation.types import TEXT, is_day, is_number


def put_query(pusher: Pusher, node: exp.Expr) -> exp.Query:
    """A whole query for the source; raises Local. It reads tables of that source only, which the caller sees to."""
    if pusher.speech.native:
        return cast(exp.Query, node.copy())
    match node:
        case exp.Subquery() if node.is_wrapper:
            return put_query(pusher, node.this)
        case exp.Select():
            return _select(pusher, node)
        case exp.Union() if not node.args.get("distinct") and not any(
            node.args.get(key) for key in ("with_", "order", "limit", "offset", "by_name", "side", "kind", "on")
        ):
            return exp.Union(
                this=put_query(pusher, node.left), expression=put_query(pusher, node.right), distinct=False
            )
        case _:
            raise Local


_CLAUSES = {"expressions", "from_", "joins", "where", "group", "having", "order", "limit", "offset", "distinct"}


def _select(pusher: Pusher, node: exp.Select) -> exp.Select:
    if any(value for key, value in node.args.items() if key not in _CLAUSES) or not node.args.get("from_"):
        raise Local
    made = exp.Select()
    made.set("from_", exp.From(this=put_relation(pusher, node.args["from_"].this)))
    made.set("joins", [_join(pusher, join) for join in node.args.get("joins") or []])
    distinct = node.args.get("distinct")
    if distinct:
        if distinct.args.get("on"):
            raise Local
        made.set("distinct", exp.Distinct())
    made.set("expressions", [_item(pusher, item, distinct=bool(distinct)) for item in node.expressions])
    for key in ("where", "having"):
        if clause := node.args.get(key):
            made.set(key, type(clause)(this=pusher.put(clause.this)))
    if group := node.args.get("group"):
        made.set("group", _group(pusher, group))
    _ends(pusher, node, made)
    return made


def _item(pusher: Pusher, item: exp.Expr, *, distinct: bool) -> exp.Expr:
    inner = item.unalias()
    if isinstance(inner, exp.Column) and not distinct:
        made: exp.Expr = inner.copy()
    else:
        made = bytewise(pusher, inner) if distinct else pusher.put(inner)
    return exp.alias_(made, item.alias_or_name, quoted=True, copy=False) if item.alias_or_name else made


def _group(pusher: Pusher, group: exp.Expr) -> exp.Group:
    if any(value for key, value in group.args.items() if key != "expressions"):
        raise Local
    for item in group.expressions:
        if isinstance(item, exp.Literal) or not pusher.comparable(pusher.kind(item)):
            raise Local
    return exp.Group(expressions=[pusher.put(item) for item in group.expressions])


def _ends(pusher: Pusher, node: exp.Select, made: exp.Select) -> None:
    """Order and limit; a limit without an order takes any rows, here as there."""
    for key in ("limit", "offset"):
        if clause := node.args.get(key):
            if not isinstance(clause.expression, exp.Literal) or not clause.expression.is_int:
                raise Local
            made.set(key, clause.copy())
    if node.args.get("offset") and not node.args.get("limit"):
        raise Local
    if order := node.args.get("order"):
        made.set("order", exp.Order(expressions=[_ordered(pusher, node, item) for item in order.expressions]))


def _ordered(pusher: Pusher, node: exp.Select, item: exp.Expr) -> exp.Expr:
    value = item.this
    named = {projection.alias_or_name: projection.unalias() for projection in node.expressions}
    if isinstance(value, exp.Column) and not value.table:
        if value.name not in named:
            raise Local
        value = named[value.name]
    kind = pusher.kind(value)
    if not (is_number(kind) or (is_day(kind) and pusher.speech.dates)):
        if kind != TEXT or not pusher.speech.ordered:
            raise Local
        if node.args.get("distinct") or node.args.get("group"):
            raise Local
    made = item.copy()
    made.set("this", bytewise(pusher, value))
    return made


def _join(pusher: Pusher, join: exp.Expr) -> exp.Join:
    side, kind = join.text("side").upper(), join.text("kind").upper()
    if side not in ("", "LEFT") or kind not in ("", "INNER", "CROSS", "OUTER") or join.args.get("method"):
        raise Local
    made = exp.Join(this=put_relation(pusher, join.this), side=join.args.get("side"), kind=join.args.get("kind"))
    if on := join.args.get("on"):
        made.set("on", pusher.put(on))
    return made


def put_relation(pusher: Pusher, node: exp.Expr) -> exp.Expr:
    """A table, or a query in brackets, as it stands in FROM."""
    match node:
        case exp.Table() if not node.args.get("joins") and not node.args.get("sample"):
            return node.copy()
        case exp.Subquery() if not node.args.get("joins") and not (node.args["alias"].columns if node.alias else True):
            return exp.Subquery(this=put_query(pusher, node.this), alias=node.args["alias"].copy())
        case _:
            raise Local
