"""Conditions: taken apart at AND, and moved to where their rows come from."""

from collections.abc import Mapping
from typing import TypeVar

from sqlglot import exp

from knowledge.federation.leaves import Leaf, Relation
from knowledge.federation.pushing import Pusher
from knowledge.federation.walk import every, has

L = TypeVar("L")

_COMPARES = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.Like, exp.ILike, exp.In)
_MAY_ACCEPT_NULL = (
    exp.Coalesce, exp.Case, exp.If, exp.Is, exp.Or, exp.Not, exp.Query, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Concat,
    exp.ConcatWs, exp.Greatest, exp.Least, exp.Anonymous, exp.Exists, exp.Cast,
)  # fmt: skip


def conjuncts(node: exp.Expr | None, key: str = "this") -> list[exp.Expr]:
    """The parts of a clause's condition that must all hold."""
    condition = node.args.get(key) if node is not None else None
    if condition is None:
        return []
    parts = list(condition.flatten()) if isinstance(condition, exp.And) else [condition]
    found: list[exp.Expr] = []
    for part in parts:
        inner = part.unnest() if isinstance(part, exp.Paren) else part
        found += conjuncts(exp.Where(this=inner)) if isinstance(inner, exp.And) else [inner]
    return found


def set_conjuncts(node: exp.Expr, key: str, conditions: list[exp.Expr]) -> None:
    """Puts the conditions in the place of a clause's; none removes it."""
    joined = exp.and_(*conditions, copy=False) if conditions else None
    node.set(key, exp.Where(this=joined) if key == "where" and joined is not None else joined)


def outside(node: exp.Expr) -> set[str]:
    """The aliases that a condition reads, without those that queries within it bring along."""
    read: set[str] = set()
    within: set[str] = set()
    for found in every(node, exp.Column, exp.Table, exp.Subquery, exp.Lateral, exp.Values, exp.Unnest):
        if isinstance(found, exp.Column):
            read.add(found.table)
        elif found.alias:
            within.add(found.alias)
    return read - within


def belongs_to(condition: exp.Expr, leaves: Mapping[str, Leaf]) -> Leaf | None:
    """The one leaf that a condition is about, or None."""
    found = {leaves.get(alias) for alias in outside(condition)}
    return found.pop() if len(found) == 1 else None


def null_rejecting(condition: exp.Expr) -> bool:
    """True when the condition can't hold where the columns that it reads are null."""
    return isinstance(condition, _COMPARES) and not has(condition, *_MAY_ACCEPT_NULL)


def implied(condition: exp.Expr, leaf: Leaf, pusher: Pusher) -> list[exp.Expr]:
    """What `a AND x OR b AND y` means for one relation alone: that one of its parts holds."""
    if not isinstance(condition, exp.Or):
        return []
    branches = []
    for branch in condition.flatten():
        parts = conjuncts(exp.Where(this=branch.unnest() if isinstance(branch, exp.Paren) else branch))
        own = [part for part in parts if outside(part) and outside(part) <= leaf.aliases and not has(part, exp.Query)]
        put = [wider for part in own if (wider := pusher.wider(part)) is not None]
        if not put:
            return []
        branches.append(exp.and_(*put, copy=False))
    return [exp.paren(exp.or_(*branches, copy=False), copy=False)]


def sink(node: exp.Select, relation: Relation) -> None:
    """Moves conditions on a derived table into it, where each row of it stands for rows of its own FROM."""
    inner = relation.item.this if isinstance(relation.item, exp.Subquery) else None
    if not isinstance(inner, exp.Select) or relation.item.args["alias"].columns or not _transparent(inner):
        return
    made = {item.alias_or_name: item.unalias() for item in inner.expressions}
    kept, sunk = [], conjuncts(inner.args.get("where"))
    before = len(sunk)
    for condition in conjuncts(node.args.get("where")):
        if (
            outside(condition) == {relation.alias}
            and not has(condition, exp.Query)
            and _reachable(condition, made, inner)
        ):
            sunk.append(condition.transform(_written_out, relation.alias, made))
        else:
            kept.append(condition)
    if len(sunk) > before:
        set_conjuncts(inner, "where", sunk)
        set_conjuncts(node, "where", kept)


def _transparent(inner: exp.Select) -> bool:
    closed = ("limit", "offset", "qualify", "windows", "having")
    distinct = inner.args.get("distinct")
    if any(inner.args.get(key) for key in closed) or (distinct and distinct.args.get("on")):
        return False
    if any(has(item, exp.Window, exp.Rand, exp.Query, exp.Unnest, exp.Explode) for item in inner.expressions):
        return False
    group = inner.args.get("group")
    if group is None:
        return not any(has(item, exp.AggFunc) for item in inner.expressions)
    return not any(value for key, value in group.args.items() if key != "expressions")


def _reachable(condition: exp.Expr, made: Mapping[str, exp.Expr], inner: exp.Select) -> bool:
    group = inner.args.get("group")
    for column in every(condition, exp.Column):
        value = made.get(column.name)
        if value is None or (group is not None and value not in group.expressions):
            return False
    return True


def _written_out(node: exp.Expr, alias: str, made: Mapping[str, exp.Expr]) -> exp.Expr:
    if isinstance(node, exp.Column) and node.table == alias:
        value = made[node.name].copy()
        return value if isinstance(value, exp.Column | exp.Literal) else exp.paren(value, copy=False)
    return node


def prune(node: exp.Select, relation: Relation) -> None:
    """Takes columns that nobody reads out of a derived table; at least one stays."""
    inner = relation.item.this if isinstance(relation.item, exp.Subquery) else None
    if not isinstance(inner, exp.Select) or relation.item.args["alias"].columns:
        return
    if any(inner.args.get(key) for key in ("distinct", "order", "limit", "qualify")):
        return
    totals = any(has(item, exp.AggFunc) for item in inner.expressions)
    if totals and not inner.args.get("group"):
        return
    read = {column.name for column in every(node, exp.Column) if column.table == relation.alias}
    kept = [item for item in inner.expressions if item.alias_or_name in read]
    inner.set("expressions", kept or inner.expressions[:1])
