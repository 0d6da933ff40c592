"""SQL in terms: the aggregate of a metric and conditions over one row. Read once, made of nothing but the allowed."""

from collections.abc import Iterator
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from knowledge.catalog.model import Table
from knowledge.errors import KnowledgeError, NotAllowed, Refused
from knowledge.guard.allowed import CONDITIONS, NAMED, NODES, QUERIES
from knowledge.guard.check import check_node

LONGEST = 4_000
"""Characters of one expression or condition."""
MOST_NODES = 500
_OF_WINDOWS = (
    exp.RowNumber, exp.Rank, exp.DenseRank, exp.PercentRank, exp.CumeDist, exp.Ntile, exp.Lag, exp.Lead,
    exp.FirstValue, exp.LastValue, exp.NthValue,
)  # fmt: skip
_AROUND: tuple[type[exp.Expr], ...] = (
    exp.Distinct, exp.Star, exp.Filter, exp.Where, exp.WithinGroup, exp.Order, exp.Ordered,
)  # fmt: skip
_NAMED_AGGREGATES = frozenset(
    (
        "total", "favg", "product", "mad", "every", "some", "stdevp", "var", "varp", "count_big", "geometric_mean",
        "uniqexact", "sumif", "avgif", "countif", "minif", "maxif", "anylast", "stddevpop", "stddevsamp", "varpop",
        "varsamp", "median", "mediandeterministic",
    )
)  # fmt: skip
"""Aggregates of `guard.allowed.FUNCTIONS` that sqlglot has no class for."""


def read_aggregate(text: str, dialect: str) -> exp.Expr:
    """A metric's expression as a tree: one value over all rows of a group, such as SUM(a) or SUM(a) / COUNT(*).

    Raises Refused and NotAllowed, in words that fit after “the expression”.
    """
    tree = _read(text, dialect)
    for node in tree.walk():
        if type(node) in (*CONDITIONS, *NAMED, *_AROUND) or _is_aggregate(node):
            _look(node, dialect)
        else:
            raise NotAllowed(f"uses {_name(node)}, which is not allowed in a metric")
    aggregates = [node for node in tree.walk() if _is_aggregate(node)]
    if not aggregates:
        raise Refused("aggregates nothing; write SUM(...), COUNT(...) or another aggregate")
    if any(_inside(node) for node in aggregates):
        raise Refused("has an aggregate within an aggregate")
    loose = next((column for column in tree.find_all(exp.Column) if not _inside(column)), None)
    if loose is not None:
        raise Refused(f"has the column “{loose.name[:80]}” outside of an aggregate")
    return tree


def read_condition(text: str, dialect: str) -> exp.Expr:
    """A condition over one row as a tree; it may look into other tables by EXISTS, IN or a value of a query.

    Raises Refused and NotAllowed, in words that fit after “the condition”. What it looks into is not checked here.
    """
    tree = _read(text, dialect)
    for node in tree.walk():
        if not (_in_query(node) or _holds_query(node) or _is_of_one_row(node)):
            raise NotAllowed(f"uses {_name(node)}, which is not allowed in a condition over one row")
        _look(node, dialect)
    if not isinstance(tree.unnest(), exp.Predicate | exp.Connector | exp.Not | exp.Boolean | exp.Column):
        raise Refused("is no condition that holds or does not")
    return tree


def strangers(tree: exp.Expr, table: Table) -> Iterator[str]:
    """What the tree speaks of that is no column of the table, in words."""
    for column in tree.find_all(exp.Column):
        if _in_query(column):
            continue
        if (column.table and column.table.lower() != table.name.lower()) or column.args.get("db"):
            yield f"speaks of “{column.table[:80]}”, but is over {table.name}"
        elif column.name.lower() not in table.by_name:
            yield f"speaks of “{column.name[:80]}”, which is no column of {table.name}"


@lru_cache(maxsize=8_192)
def columns_of(text: str, dialect: str) -> frozenset[str]:
    """The columns of its own table that SQL of a term speaks of, in lower case; none where it can't be read."""
    try:
        found = _read(text, dialect).find_all(exp.Column)
        return frozenset(column.name.lower() for column in found if not _in_query(column))
    except KnowledgeError:
        return frozenset()


@lru_cache(maxsize=8_192)
def queries_in(text: str, dialect: str) -> tuple[str, ...]:
    """The queries by which a condition looks into other tables; none where it can't be read."""
    try:
        found = _read(text, dialect).find_all(exp.Query)
        return tuple(query.sql(dialect) for query in found if isinstance(query, QUERIES) and not _in_query(query))
    except (KnowledgeError, RecursionError):
        return ()


def adds_up(tree: exp.Expr) -> bool:
    """Whether values of parts may be summed: a plain sum or count, not of distinct things."""
    tree = tree.unnest()
    inner = tree.this if isinstance(tree, exp.Filter) else tree
    if isinstance(inner, exp.Add | exp.Sub):
        return adds_up(inner.left) and adds_up(inner.right)
    return isinstance(inner, exp.Sum | exp.Count | exp.CountIf) and not isinstance(inner.this, exp.Distinct)


def _read(text: str, dialect: str) -> exp.Expr:
    if len(text) > LONGEST:
        raise Refused(f"is longer than {LONGEST:,} characters")
    try:
        found = [tree for tree in sqlglot.parse(text, read=dialect or None) if tree is not None]
        parts = sum(1 for tree in found for _ in tree.walk())
    except (SqlglotError, RecursionError, ValueError) as error:
        raise Refused("can't be read as SQL") from error
    if len(found) != 1:
        raise Refused("is empty, or more than one")
    if parts > MOST_NODES:
        raise Refused(f"has more than {MOST_NODES} parts")
    return found[0]


def _look(node: exp.Expr, dialect: str) -> None:
    """Whatever is written without quotes is checked for its form, by the rules for queries."""
    try:
        check_node(node, dialect)
    except NotAllowed as error:
        raise NotAllowed(f"uses {_name(node)}, which is not allowed") from error


def _is_aggregate(node: exp.Expr) -> bool:
    if type(node) in NAMED:
        return node.name.lower() in _NAMED_AGGREGATES
    return isinstance(node, exp.AggFunc) and type(node) in NODES and not isinstance(node, _OF_WINDOWS)


def _is_of_one_row(node: exp.Expr) -> bool:
    return (type(node) in CONDITIONS or type(node) in NAMED) and not _is_aggregate(node)


def _holds_query(node: exp.Expr) -> bool:
    return isinstance(node, exp.Exists | exp.Subquery | exp.Query) and node.find(*QUERIES) is not None


def _in_query(node: exp.Expr) -> bool:
    return node.find_ancestor(*QUERIES) is not None


def _inside(node: exp.Expr) -> bool:
    """Whether an aggregate stands around a node; the condition and the order of one count as within it."""
    while (parent := node.parent) is not None:
        if _is_aggregate(parent) or (isinstance(parent, exp.Filter | exp.WithinGroup) and node.arg_key == "expression"):
            return True
        node = parent
    return False


def _name(node: exp.Expr) -> str:
    named = type(node) in NAMED
    return f"the function {node.name[:80]}" if named else f"“{type(node).__name__}”"
