"""Totals that a source works out per join key, so that it gives a row for each key instead of all its rows.

`sum(f.x)` over `f JOIN d` is the sum, over the joined rows, of what `f` sums to for each combination of the columns
that the rest of the query reads: the rows of one combination meet the same rows of `d`.
"""

from collections.abc import Iterable, Sequence
from math import prod

from sqlglot import exp

from knowledge.federation.estimates import Statistics
from knowledge.federation.leaves import Leaf, free_name
from knowledge.federation.pushing import Pusher
from knowledge.federation.relations import relations_of
from knowledge.federation.tree import Bound
from knowledge.federation.types import is_decimal, type_of
from knowledge.federation.walk import every, has

PAYS = 0.5
"""Totals are made in the source when that leaves at most this part of the rows."""

_CLOSED = ("qualify", "windows", "laterals", "distinct")


def totalled(node: exp.Select, leaves: Iterable[Leaf], pusher: Pusher, found: Bound) -> bool:
    """Rewrites a SELECT whose totals are all of one leaf, if that pays; `node` has inner joins and LEFT JOINs only."""
    totals = [part for clause in _clauses(node) for part in every(clause, exp.AggFunc)]
    if not totals or not _open(node) or not all(_splits(total, pusher) for total in totals):
        return False
    read = {column.table for total in totals for column in every(total, exp.Column)}
    own = [leaf for leaf in leaves if read <= leaf.aliases and not leaf.nullable and leaf.members]
    if len(own) != 1 or own[0].whole:
        return False
    leaf = own[0]
    keys = _keys(node, totals, leaf)
    if not keys or not all(_groups(key, pusher) for key in keys) or not _pays(leaf, keys, found):
        return False
    _rewrite(node, totals, leaf, pusher, found)
    return True


def _clauses(node: exp.Select) -> list[exp.Expr]:
    return [*node.expressions, *(node.args[key] for key in ("having", "order") if node.args.get(key))]


def _open(node: exp.Select) -> bool:
    if any(node.args.get(key) for key in _CLOSED):
        return False
    group = node.args.get("group")
    if group and any(value for key, value in group.args.items() if key != "expressions"):
        return False
    items = [relation.join for relation in relations_of(node) if relation.join is not None]
    conditions = [join.args["on"] for join in items if join.args.get("on")]
    where = [node.args["where"]] if node.args.get("where") else []
    parts = [*_clauses(node), *conditions, *where, *([group] if group else [])]
    return not any(has(part, exp.Query, exp.Window, exp.Filter, exp.WithinGroup) for part in parts)


def _splits(total: exp.Expr, pusher: Pusher) -> bool:
    """True for totals of totals: counts, exact sums, least and greatest values."""
    if has(total, exp.Distinct) or pusher.exact(total) is None:
        return False
    match total:
        case exp.Count() | exp.Min() | exp.Max():
            return not total.expressions
        case exp.Sum():
            kind = type_of(total.this, pusher.types)
            return kind == "BIGINT" or is_decimal(kind)
        case _:
            return False


def _keys(node: exp.Select, totals: Sequence[exp.Expr], leaf: Leaf) -> list[exp.Column]:
    """The columns of the leaf that are read outside of the totals."""
    within = {id(column) for total in totals for column in every(total, exp.Column)}
    found = {
        (column.table, column.name): column
        for column in every(node, exp.Column)
        if column.table in leaf.aliases and id(column) not in within
    }
    return list(found.values())


def _groups(key: exp.Column, pusher: Pusher) -> bool:
    if pusher.speech.native:
        return True
    kind = pusher.types(key)
    return bool(kind) and pusher.exact(key) is not None and pusher.comparable(kind)


def _pays(leaf: Leaf, keys: list[exp.Column], found: Bound) -> bool:
    statistics = Statistics(found.tables, leaf.members)
    rows = statistics.rows(leaf.members, leaf.where)
    known = [statistics.column(key.table, key.name) for key in keys]
    counts = [column[1].distinct for column in known if column is not None]
    if rows is None or len(counts) != len(keys) or None in counts:
        return False
    return prod(count + 1 for count in counts if count is not None) <= rows * PAYS


def _rewrite(node: exp.Select, totals: Sequence[exp.Expr], leaf: Leaf, pusher: Pusher, found: Bound) -> None:
    alias = leaf.members[0].alias
    taken = {name for other, name in found.types if other in leaf.aliases}
    names: dict[str, str] = {}
    for total in totals:
        text = total.sql("duckdb")
        if text not in names:
            names[text] = free_name(f"{total.key}_{len(names) + 1}", taken)
            leaf.totals[names[text]] = pusher.put(total)
            found.types[alias, names[text]] = type_of(total, pusher.types)
        total.replace(_again(total, exp.column(names[text], table=alias, quoted=True), node))


def _again(total: exp.Expr, column: exp.Column, node: exp.Select) -> exp.Expr:
    """The total of totals, of the same type and with the same value for no rows."""
    if not isinstance(total, exp.Count):
        return type(total)(this=column)
    count = exp.cast(exp.Sum(this=column), "BIGINT")
    return count if node.args.get("group") else exp.Coalesce(this=count, expressions=[exp.Literal.number(0)])
