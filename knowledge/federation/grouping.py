"""Relations of one source that are joined there, when the join gives no more rows than it reads."""

from collections.abc import Callable

from sqlglot import exp

from knowledge.catalog.model import Table
from knowledge.federation.leaves import Leaf
from knowledge.federation.predicates import conjuncts
from knowledge.federation.pushing import Pusher
from knowledge.federation.tree import Bound


def co_located(
    node: exp.Select, leaves: dict[str, Leaf], found: Bound, pusher: Callable[[str], Pusher]
) -> dict[str, Leaf]:
    """Merges leaves of a loosened SELECT; gives the leaf that each alias belongs to from now on."""
    homes = dict(leaves)
    for left, right, columns in _pairs(node, leaves, pusher):
        one, other = homes[left], homes[right]
        if one is other or not (_unique(left, columns[0], found) or _unique(right, columns[1], found)):
            continue
        first, second = (one, other) if _before(node, one, other) else (other, one)
        first.members += second.members
        homes = {alias: first if leaf is second else leaf for alias, leaf in homes.items()}
        if isinstance(second.node.parent, exp.Join):
            second.node.parent.pop()
    return homes


def _pairs(
    node: exp.Select, leaves: dict[str, Leaf], pusher: Callable[[str], Pusher]
) -> list[tuple[str, str, tuple[set[str], set[str]]]]:
    """Pairs of relations of one source with the columns by which they are equal."""
    found: dict[tuple[str, str], tuple[set[str], set[str]]] = {}
    for condition in conjuncts(node.args.get("where")):
        if not isinstance(condition, exp.EQ):
            continue
        left, right = condition.left, condition.right
        if not (isinstance(left, exp.Column) and isinstance(right, exp.Column)) or left.table == right.table:
            continue
        one, other = leaves.get(left.table), leaves.get(right.table)
        if one is None or other is None or one.source != other.source or one.nullable or other.nullable:
            continue
        if pusher(one.source).exact(condition) is None:
            continue
        if left.table > right.table:
            left, right = right, left
        columns = found.setdefault((left.table, right.table), (set(), set()))
        columns[0].add(left.name)
        columns[1].add(right.name)
    return [(left, right, columns) for (left, right), columns in found.items()]


def _unique(alias: str, columns: set[str], found: Bound) -> bool:
    table = found.tables.get(alias)
    return table is not None and unique(table, columns)


def unique(table: Table, columns: set[str]) -> bool:
    """True when no two rows of the table agree in all of these columns, as far as the catalog knows."""
    key = {name.lower() for name in table.primary_key}
    if key and key <= columns:
        return True
    if not table.rows:
        return False
    known = [table.by_name.get(name) for name in columns]
    return any(column is not None and column.distinct == table.rows for column in known)


def _before(node: exp.Select, one: Leaf, other: Leaf) -> bool:
    order = [node.args["from_"].this, *(join.this for join in node.args.get("joins") or [])]
    places = {id(item): at for at, item in enumerate(order)}
    return places[id(one.node)] < places[id(other.node)]
