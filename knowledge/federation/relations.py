"""What stands in FROM, and how it is joined."""

from sqlglot import exp

from knowledge.federation.leaves import Relation
from knowledge.federation.predicates import conjuncts, set_conjuncts
from knowledge.federation.tree import aliases
from knowledge.federation.walk import every

_INNER = ("", "INNER", "CROSS")


def relations_of(node: exp.Select) -> list[Relation]:
    """The relations of a SELECT in their order, each with what outer joins may do to it."""
    from_ = node.args.get("from_")
    if from_ is None:
        return []
    found = [Relation(from_.this.alias, from_.this, None)]
    for join in node.args.get("joins") or []:
        side = join.side.upper()
        if side in ("RIGHT", "FULL"):
            for relation in found:
                relation.nullable = True
        relation = Relation(join.this.alias, join.this, join)
        relation.nullable = side in ("LEFT", "FULL")
        relation.optional = side == "LEFT" and plain(join) and not join.args.get("using")
        found.append(relation)
    return found


def plain(join: exp.Join) -> bool:
    """An inner or outer join on a condition, as every database knows it."""
    return join.kind.upper() in (*_INNER, "OUTER") and not join.method and not join.args.get("using")


def loosen(node: exp.Select) -> bool:
    """Writes inner joins as a list of relations with their conditions in WHERE, before the LEFT JOINs.

    The result stays the same, because an inner join commutes with a LEFT JOIN that does not read it, and its condition
    may be checked at the end. False, and nothing is changed, where another kind of join stands in the way.
    """
    joins: list[exp.Join] = node.args.get("joins") or []
    if node.args.get("laterals") or any(not plain(join) or join.side.upper() not in ("", "LEFT") for join in joins):
        return False
    items = [join.this for join in joins]
    if any(isinstance(item, exp.Lateral | exp.Unnest) or item.args.get("joins") for item in items):
        return False
    if any(outer_columns(item) for item in items):
        return False
    inner = [join for join in joins if not join.side]
    conditions = conjuncts(node.args.get("where"))
    for join in inner:
        conditions += conjuncts(join, "on")
        join.set("on", None)
        join.set("kind", "CROSS")
    node.set("joins", [*inner, *(join for join in joins if join.side)])
    set_conjuncts(node, "where", conditions)
    return True


def outer_columns(node: exp.Expr) -> list[exp.Column]:
    """Columns of relations that stand outside of this tree."""
    inside = set(aliases(node))
    return [column for column in every(node, exp.Column) if column.table and column.table not in inside]
