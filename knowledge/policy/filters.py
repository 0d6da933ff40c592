"""The conditions of row filters: read once, checked to speak of nothing but the row, bound to a table."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from knowledge.asker import Asker
from knowledge.catalog.model import Table
from knowledge.errors import NotAllowed, Refused
from knowledge.guard.allowed import CONDITIONS, FUNCTIONS, NAMED
from knowledge.guard.check import check_node
from knowledge.policy.masks import identifier

_ASKED = re.compile(r"\{(person|tenant|groups|roles)\}")
_MARK = "asker__"
_MANY = ("groups", "roles")
_SQLITE: tuple[type[exp.Expr], ...] = (
    exp.Func, exp.Interval, exp.AtTimeZone,
)  # fmt: skip
_SQLITE_HAS: tuple[type[exp.Expr], ...] = (
    exp.And, exp.Or, exp.Lower, exp.Upper, exp.Length, exp.Substring, exp.Trim, exp.Coalesce, exp.Nullif, exp.Abs,
    exp.Round, exp.CurrentDate, exp.CurrentTimestamp, exp.Cast, exp.Case, exp.If, exp.Replace, exp.Xor,
)  # fmt: skip


@lru_cache(4096)
def read_filter(text: str) -> exp.Expr:
    """A condition in DuckDB's dialect, `{person}` and the like in place. Raises Refused with what is wrong with it."""
    try:
        trees = sqlglot.parse(_ASKED.sub(lambda found: _MARK + found[1], text), read="duckdb")
    except (SqlglotError, RecursionError, ValueError) as error:
        raise Refused(f"The filter can't be read: {str(error).splitlines()[0]}") from error
    if len(trees) != 1 or trees[0] is None:
        raise Refused("The filter must be one condition.")
    for node in trees[0].walk():
        _check(node)
    return trees[0]


def asked_by(text: str, asker: Asker) -> str:
    """The condition with `{person}`, `{tenant}`, `{groups}`, `{roles}` as values of the asker."""
    if not _ASKED.search(text):
        return text
    tree = exp.Paren(this=read_filter(text).copy())
    values: Mapping[str, Sequence[str]] = {
        "person": (asker.person,), "tenant": (asker.tenant,), "groups": asker.groups, "roles": asker.roles
    }  # fmt: skip
    for node in list(tree.find_all(exp.Column)):
        name = _asked(node)
        if name in _MANY:
            _fill(node, [exp.Literal.string(value) for value in sorted(values[name])])
        elif name:
            node.replace(exp.Literal.string(values[name][0]))
    return tree.sql("duckdb")


def bound_to(text: str, table: Table, dialect: str, alias: str) -> exp.Expr:
    """The condition over the columns of a table. Raises NotAllowed where it can't be kept: nothing is shown then."""
    try:
        tree = exp.Paren(this=read_filter(text).copy())
    except Refused as error:
        raise _unkept(table) from error
    for node in list(tree.find_all(exp.Column)):
        column = table.by_name.get(node.name.lower())
        if column is None:
            raise _unkept(table)
        node.replace(exp.Column(this=identifier(column.name, dialect), table=exp.to_identifier(alias)))
    if dialect == "sqlite" and any(isinstance(n, _SQLITE) and not isinstance(n, _SQLITE_HAS) for n in tree.walk()):
        raise _unkept(table)
    return tree


def columns_of(text: str) -> frozenset[str]:
    """Lower-case names of the columns that a condition speaks of."""
    return frozenset(node.name.lower() for node in read_filter(text).find_all(exp.Column) if not _asked(node))


def _check(node: exp.Expr) -> None:
    if type(node) in NAMED:
        if node.name.lower() not in FUNCTIONS["duckdb"]:
            raise Refused(f"The filter may not use the function {node.name[:80]}.")
    elif type(node) not in CONDITIONS:
        raise Refused(
            f"The filter may not use “{type(node).__name__}”: only the row's own columns, values and functions."
        )
    if isinstance(node, exp.Column) and (node.table or not isinstance(node.this, exp.Identifier)):
        raise Refused(f"The filter names columns without a table: “{node.sql()[:80]}”.")
    if isinstance(node, exp.Literal) and _MARK in node.name:
        raise Refused("Write {person} and the like without quotes.")
    if isinstance(node, exp.Column) and _asked(node) in _MANY and not _in_list(node):
        raise Refused("{groups} and {roles} are lists: write `column IN ({groups})`.")
    check_node(node, "duckdb")


def _asked(node: exp.Expr) -> str:
    name = node.name
    return name.removeprefix(_MARK) if isinstance(node, exp.Column) and name.startswith(_MARK) else ""


def _in_list(node: exp.Expr) -> bool:
    return isinstance(node.parent, exp.In) and node.arg_key == "expressions"


def _fill(node: exp.Expr, values: list[exp.Literal]) -> None:
    """Put a list in its place; being in no list at all is false."""
    listed = node.parent
    assert isinstance(listed, exp.In)  # noqa: S101 - what was read has been checked
    others = [item for item in listed.expressions if item is not node]
    if values or others:
        listed.set("expressions", [*others, *values])
    else:
        listed.replace(exp.false())


def _unkept(table: Table) -> NotAllowed:
    return NotAllowed(
        f"A rule on the rows of “{table.name}” can't be kept in its database, so nothing of it is shown.",
        next_step="Tell whoever looks after the data policies.",
    )
